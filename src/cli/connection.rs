//! `scimgate connection create|list|show|set|enable|disable|delete`

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::database::{gateway, with_store};
use super::{table, tenant};
use crate::config::DatabaseArgs;
use crate::gateway::{ConnectionChange, NewConnection};
use crate::model::{
    Connection, ConnectionKind, ConnectionPrefix, ConnectionUse, Label, Origin, Profile, Tenant, TenantSlug,
};
use crate::store::Store;

/// What can be done with connections.
#[derive(Debug, Subcommand)]
pub enum ConnectionCommand {
    /// Create a connection: one identity provider or system of record, whose tokens live and end with it
    Create(Create),
    /// List a tenant's connections, and when each was last used
    List(List),
    /// Show one connection
    Show(Show),
    /// Change a connection; takes effect within a second
    Set(Set),
    /// Let the credentials of a connection work again
    Enable(Named),
    /// Let no credential of a connection work; takes effect within a second
    Disable(Named),
    /// Remove a connection of which no credential works any more; what came through it stays
    Delete(Named),
}

/// The flags of `scimgate connection create`.
#[derive(Debug, Args)]
pub struct Create {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// Name for people
    #[arg(long, env = "SCIMGATE_NAME", value_name = "LABEL")]
    name: Label,
    /// What is at the other end: entra, okta, onelogin, jumpcloud, ping, google, hr or other
    #[arg(long, env = "SCIMGATE_KIND", value_name = "KIND", default_value = "other")]
    kind: ConnectionKind,
    /// What tells its people from those of other connections
    #[arg(long, env = "SCIMGATE_PREFIX", value_name = "PREFIX")]
    prefix: Option<ConnectionPrefix>,
    /// Which client's expectations to meet in its requests: rfc, entra, okta or strict; without it, those of the tenant
    #[arg(long, env = "SCIMGATE_PROFILE", value_name = "PROFILE")]
    profile: Option<Profile>,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate connection list`.
#[derive(Debug, Args)]
pub struct List {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate connection show`.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    named: Named,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate connection set`.
#[derive(Debug, Args)]
pub struct Set {
    #[command(flatten)]
    named: Named,
    /// Name for people
    #[arg(long, env = "SCIMGATE_NAME", value_name = "LABEL")]
    name: Option<Label>,
    /// What is at the other end: entra, okta, onelogin, jumpcloud, ping, google, hr or other
    #[arg(long, env = "SCIMGATE_KIND", value_name = "KIND")]
    kind: Option<ConnectionKind>,
    /// What tells its people from those of other connections; empty for nothing
    #[arg(long, env = "SCIMGATE_PREFIX", value_name = "PREFIX")]
    prefix: Option<String>,
    /// Which client's expectations to meet in its requests: rfc, entra, okta or strict; empty for those of the tenant
    #[arg(long, env = "SCIMGATE_PROFILE", value_name = "PROFILE")]
    profile: Option<String>,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// Which connection.
#[derive(Debug, Args)]
pub struct Named {
    /// The connection, by name or id
    #[arg(value_name = "NAME_OR_ID")]
    connection: String,
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
}

/// Does what the command says.
pub fn run(args: &DatabaseArgs, command: ConnectionCommand) -> anyhow::Result<()> {
    let enabled = |enabled| ConnectionChange { enabled: Some(enabled), ..ConnectionChange::default() };
    match command {
        ConnectionCommand::Create(flags) => create(args, flags),
        ConnectionCommand::List(flags) => list(args, &flags),
        ConnectionCommand::Show(flags) => show(args, &flags),
        ConnectionCommand::Set(flags) => set(args, &flags),
        ConnectionCommand::Enable(named) => switch(args, &named, enabled(true), "enabled"),
        ConnectionCommand::Disable(named) => switch(args, &named, enabled(false), "disabled"),
        ConnectionCommand::Delete(named) => delete(args, &named),
    }
}

/// The connection of a tenant that people name by its id or its name.
pub async fn find(store: &Store, tenant: &Tenant, id_or_name: &str) -> anyhow::Result<Connection> {
    store.find_connection(tenant.id, id_or_name).await?.with_context(|| {
        let slug = &tenant.slug;
        format!(
            "the tenant {slug} has no connection {}; `scimgate connection list --tenant {slug}` lists them",
            table::printable(id_or_name)
        )
    })
}

fn create(args: &DatabaseArgs, flags: Create) -> anyhow::Result<()> {
    let Create { tenant: slug, name, kind, prefix, profile, json } = flags;
    let connection = with_store(args, async |store| {
        let tenant = tenant::find(store, &slug).await?;
        let new = NewConnection { name, prefix, kind, profile };
        Ok(gateway(store).create_connection(tenant.id, new, &Origin::command_line()).await?)
    })?;
    if json {
        println!("{}", to_json(&connection, None));
    } else {
        println!("created the connection {}", connection.id);
        let name = connection.name.as_str();
        eprintln!("Next: scimgate token create --tenant {slug} --connection {} --name \"{name}\"", connection.id);
    }
    Ok(())
}

fn list(args: &DatabaseArgs, flags: &List) -> anyhow::Result<()> {
    let (connections, uses) = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.tenant).await?;
        Ok((store.connections(tenant.id).await?, store.connection_uses(Some(tenant.id)).await?))
    })?;
    let used = |connection: &Connection| uses.iter().find(|used| used.connection == connection.id);
    if flags.json {
        println!("{}", Value::from_iter(connections.iter().map(|connection| to_json(connection, used(connection)))));
        return Ok(());
    }
    let rows = connections.iter().map(|connection| {
        let used = used(connection);
        let instant = |at: Option<_>| at.map_or("-".to_owned(), table::instant);
        let state = match used {
            _ if !connection.enabled => "disabled",
            Some(used) if used.is_failing() => "failing",
            _ => "enabled",
        };
        [
            connection.id.to_string(),
            connection.name.to_string(),
            connection.kind.as_str().to_owned(),
            connection.profile.map_or("-", Profile::as_str).to_owned(),
            state.to_owned(),
            instant(used.and_then(|used| used.last_success_at)),
            instant(used.and_then(|used| used.last_failure_at)),
        ]
    });
    table::print(["ID", "NAME", "KIND", "PROFILE", "STATE", "LAST SUCCESS", "LAST FAILURE"], rows);
    Ok(())
}

fn show(args: &DatabaseArgs, flags: &Show) -> anyhow::Result<()> {
    let (connection, uses) = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.named.tenant).await?;
        let connection = find(store, &tenant, &flags.named.connection).await?;
        Ok((connection, store.connection_uses(Some(tenant.id)).await?))
    })?;
    let used = uses.iter().find(|used| used.connection == connection.id);
    print(&connection, used, flags.json);
    Ok(())
}

fn set(args: &DatabaseArgs, flags: &Set) -> anyhow::Result<()> {
    let prefix = flags.prefix.as_deref().map(or_nothing).transpose().map_err(anyhow::Error::msg)?;
    let profile = flags.profile.as_deref().map(or_nothing).transpose().map_err(anyhow::Error::msg)?;
    let change = ConnectionChange { name: flags.name.clone(), prefix, kind: flags.kind, profile, enabled: None };
    let connection = changed(args, &flags.named, change)?;
    print(&connection, None, flags.json);
    Ok(())
}

/// A value, or nothing if it is empty.
fn or_nothing<T: std::str::FromStr<Err = String>>(text: &str) -> Result<Option<T>, String> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some) }
}

fn switch(args: &DatabaseArgs, named: &Named, change: ConnectionChange, done: &str) -> anyhow::Result<()> {
    let connection = changed(args, named, change)?;
    println!("{done} the connection {}", connection.id);
    Ok(())
}

fn changed(args: &DatabaseArgs, named: &Named, change: ConnectionChange) -> anyhow::Result<Connection> {
    with_store(args, async |store| {
        let tenant = tenant::find(store, &named.tenant).await?;
        let connection = find(store, &tenant, &named.connection).await?;
        let origin = Origin::command_line();
        Ok(gateway(store).change_connection(tenant.id, connection.id, change, &origin).await?)
    })
}

fn delete(args: &DatabaseArgs, named: &Named) -> anyhow::Result<()> {
    let id = with_store(args, async |store| {
        let tenant = tenant::find(store, &named.tenant).await?;
        let connection = find(store, &tenant, &named.connection).await?;
        gateway(store).delete_connection(tenant.id, connection.id, &Origin::command_line()).await?;
        Ok(connection.id)
    })?;
    println!("removed the connection {id}");
    Ok(())
}

fn print(connection: &Connection, used: Option<&ConnectionUse>, as_json: bool) {
    let shown = to_json(connection, used);
    if as_json {
        println!("{shown}");
        return;
    }
    let rows = shown.as_object().into_iter().flatten().map(|(name, value)| {
        let value = match value {
            Value::Null => "-".to_owned(),
            value => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
        };
        [name.clone(), value]
    });
    table::print_values(rows);
}

fn to_json(connection: &Connection, used: Option<&ConnectionUse>) -> Value {
    json!({
        "id": connection.id,
        "name": connection.name,
        "prefix": connection.prefix,
        "kind": connection.kind,
        "profile": connection.profile,
        "enabled": connection.enabled,
        "createdAt": connection.created_at,
        "modifiedAt": connection.modified_at,
        "lastUsedAt": used.and_then(|used| used.last_used_at),
        "lastSuccessAt": used.and_then(|used| used.last_success_at),
        "lastFailureAt": used.and_then(|used| used.last_failure_at),
        "isFailing": used.is_some_and(ConnectionUse::is_failing),
    })
}
