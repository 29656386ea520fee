//! `scimgate client create|list|show|set|add-secret|revoke-secret|revoke`

use anyhow::{Context, anyhow};
use chrono::{DateTime, Utc};
use clap::builder::BoolishValueParser;
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::database::{gateway, with_store};
use super::issuer::{MaxWeight, weight};
use super::{connection, table, tenant};
use crate::auth::{ClientId, ClientSecret};
use crate::config::DatabaseArgs;
use crate::gateway::{ClientChange, NewClient};
use crate::model::{
    AllowedAddresses, Client, ClientSecretId, Clock, CredentialId, CredentialKind, KeptSecret, Label, NotAnId, Origin,
    Scopes, SecretLifetime, SystemClock, TenantId, TenantSlug, TokenLifetime,
};
use crate::store::Store;

/// What can be done with OAuth clients.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Create a client and print its id and first secret, once: only the secret's hash is kept
    Create(Create),
    /// List a tenant's clients, without their secrets
    List(List),
    /// Show a client and its secrets, by their last characters
    Show(Show),
    /// Change a client's name, scopes, addresses and whether it is in use; takes effect within a second
    Set(Set),
    /// Add a secret to a client and print it, once; up to five live at once, so that one can be replaced without a gap
    AddSecret(AddSecret),
    /// Revoke a secret of a client: no access token is made for it any more
    RevokeSecret(RevokeSecret),
    /// Revoke a client with all its secrets; every server refuses its access tokens within a second
    Revoke(Revoke),
}

/// The flags of `scimgate client create`.
#[derive(Debug, Args)]
pub struct Create {
    /// The tenant that the client provisions
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// The connection it belongs to, by name or id
    #[arg(long, env = "SCIMGATE_CONNECTION", value_name = "NAME_OR_ID")]
    connection: String,
    /// Who will use it; stands beside every change that is made with it
    #[arg(long, env = "SCIMGATE_NAME", value_name = "LABEL")]
    name: Label,
    /// What it allows, separated by commas: read, write, admin:*, or single scopes such as users:read
    #[arg(long, env = "SCIMGATE_SCOPE", value_name = "SCOPES", default_value = "write")]
    scope: Scopes,
    /// How heavy a role it may give to users; without it, any
    #[arg(long, env = "SCIMGATE_MAX_ROLE_WEIGHT", value_name = "N", allow_negative_numbers = true)]
    max_role_weight: Option<i64>,
    /// How long its access tokens live, 60 to 360 minutes
    #[arg(long, env = "SCIMGATE_TOKEN_MINUTES", value_name = "N", default_value = "60")]
    token_minutes: TokenLifetime,
    /// How long its secret lives, 1 to 3 years
    #[arg(long, env = "SCIMGATE_SECRET_YEARS", value_name = "N", default_value = "2")]
    secret_years: SecretLifetime,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate client list`.
#[derive(Debug, Args)]
pub struct List {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate client show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The client's id, as `scimgate client list` shows it
    #[arg(value_parser = client)]
    id: ClientId,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate client set`.
#[derive(Debug, Args)]
pub struct Set {
    /// The client's id, as `scimgate client list` shows it
    #[arg(value_parser = client)]
    id: ClientId,
    /// Who uses it
    #[arg(long, env = "SCIMGATE_NAME", value_name = "LABEL")]
    name: Option<Label>,
    /// What it allows, separated by commas: read, write, admin:*, or single scopes such as users:read
    #[arg(long, env = "SCIMGATE_SCOPE", value_name = "SCOPES")]
    scope: Option<Scopes>,
    /// The networks it may be used from, separated by commas; an empty text for all
    #[arg(long, env = "SCIMGATE_ALLOWED_ADDRESSES", value_name = "NETWORKS")]
    allowed_addresses: Option<AllowedAddresses>,
    /// How heavy a role it may give to users, or any
    #[arg(long, env = "SCIMGATE_MAX_ROLE_WEIGHT", value_name = "N_OR_ANY", allow_hyphen_values = true, value_parser = weight)]
    max_role_weight: Option<MaxWeight>,
    /// Whether it is taken; a disabled one keeps its secrets and can be enabled again
    #[arg(long, env = "SCIMGATE_ENABLED", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    enabled: Option<bool>,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate client add-secret`.
#[derive(Debug, Args)]
pub struct AddSecret {
    /// The client's id, as `scimgate client list` shows it
    #[arg(value_parser = client)]
    id: ClientId,
    /// How long the secret lives, 1 to 3 years
    #[arg(long, env = "SCIMGATE_SECRET_YEARS", value_name = "N", default_value = "2")]
    secret_years: SecretLifetime,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate client revoke-secret`.
#[derive(Debug, Args)]
pub struct RevokeSecret {
    /// The client's id, as `scimgate client list` shows it
    #[arg(value_parser = client)]
    id: ClientId,
    /// The secret's id, as `scimgate client show` shows it, or the secret itself
    #[arg(value_parser = secret)]
    secret: ClientSecretId,
}

/// The flags of `scimgate client revoke`.
#[derive(Debug, Args)]
pub struct Revoke {
    /// The client's id, as `scimgate client list` shows it
    #[arg(value_parser = client)]
    id: ClientId,
}

/// As clients write it, or as other commands and the activity log do.
fn client(text: &str) -> Result<ClientId, String> {
    text.parse().or_else(|error| {
        text.parse().map(|id: CredentialId| ClientId(id)).map_err(|_: NotAnId| format!("{error}, or an id"))
    })
}

/// A secret that turned up where it should not is at hand, its id has to be looked for; and a refusal would print it.
fn secret(text: &str) -> Result<ClientSecretId, String> {
    let shown = ClientSecret::parse(text).map(|secret| secret.id());
    shown.or_else(|_| text.parse().map_err(|error: NotAnId| error.to_string()))
}

/// Does what the command says.
pub fn run(args: &DatabaseArgs, command: ClientCommand) -> anyhow::Result<()> {
    match command {
        ClientCommand::Create(flags) => create(args, flags),
        ClientCommand::List(flags) => list(args, &flags),
        ClientCommand::Show(flags) => show(args, &flags),
        ClientCommand::Set(flags) => set(args, flags),
        ClientCommand::AddSecret(flags) => add_secret(args, &flags),
        ClientCommand::RevokeSecret(flags) => revoke_secret(args, &flags),
        ClientCommand::Revoke(flags) => revoke(args, &flags),
    }
}

fn create(args: &DatabaseArgs, flags: Create) -> anyhow::Result<()> {
    let (client, secret) = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.tenant).await?;
        let new = NewClient {
            name: flags.name,
            connection: connection::find(store, &tenant, &flags.connection).await?.id,
            scopes: flags.scope,
            allowed_addresses: AllowedAddresses::ANY,
            max_role_weight: flags.max_role_weight,
            token_lifetime: flags.token_minutes,
        };
        Ok(gateway(store).create_client(tenant.id, new, flags.secret_years, &Origin::command_line()).await?)
    })?;
    let id = ClientId(client.credential.id);
    let kept = client.secrets.first().context("a client was made without a secret")?;
    print_secret(id, kept, &secret, flags.json);
    eprintln!("It gets its access tokens at /oauth/token, below the server's public URL.");
    Ok(())
}

fn list(args: &DatabaseArgs, flags: &List) -> anyhow::Result<()> {
    let clients = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.tenant).await?;
        Ok(store.clients(tenant.id).await?)
    })?;
    if flags.json {
        println!("{}", Value::from_iter(clients.iter().map(to_json)));
        return Ok(());
    }
    let now = SystemClock.now();
    let rows = clients.iter().map(|client| {
        let live = client.secrets.iter().filter(|secret| secret.is_live(now));
        let end = live.clone().map(|secret| secret.expires_at).max();
        let state = match (client.credential.revoked_at, end) {
            (Some(at), _) => format!("revoked {}", table::instant(at)),
            (None, _) if client.credential.disabled_at.is_some() => "disabled".to_owned(),
            (None, Some(end)) => format!("valid until {}", table::instant(end)),
            (None, None) => "without a secret that is valid".to_owned(),
        };
        let id = ClientId(client.credential.id).to_string();
        let scopes = client.credential.powers();
        [id, client.credential.label.clone(), scopes, live.count().to_string(), state]
    });
    table::print(["CLIENT ID", "NAME", "SCOPES", "SECRETS", "STATE"], rows);
    Ok(())
}

fn show(args: &DatabaseArgs, flags: &Show) -> anyhow::Result<()> {
    let client = with_store(args, async |store| {
        let tenant = tenant_of(store, flags.id).await?;
        store.client(tenant, flags.id.0).await?.ok_or_else(|| unknown(flags.id))
    })?;
    print(&client, flags.json);
    Ok(())
}

fn set(args: &DatabaseArgs, flags: Set) -> anyhow::Result<()> {
    let client = with_store(args, async |store| {
        let tenant = tenant_of(store, flags.id).await?;
        let change = ClientChange {
            name: flags.name,
            scopes: flags.scope,
            allowed_addresses: flags.allowed_addresses,
            max_role_weight: flags.max_role_weight.map(|MaxWeight(weight)| weight),
            enabled: flags.enabled,
        };
        Ok(gateway(store).change_client(tenant, flags.id.0, change, &Origin::command_line()).await?)
    })?;
    print(&client, flags.json);
    Ok(())
}

fn print(client: &Client, as_json: bool) {
    if as_json {
        println!("{}", to_json(client));
        return;
    }
    let credential = &client.credential;
    let revoked = credential.revoked_at.map_or("no".to_owned(), table::instant);
    table::print_values([
        ["Client id".to_owned(), ClientId(credential.id).to_string()],
        ["Id".to_owned(), credential.id.to_string()],
        ["Name".to_owned(), credential.label.clone()],
        ["Scopes".to_owned(), credential.powers()],
        ["Addresses".to_owned(), credential.allowed_addresses.to_string()],
        ["In use".to_owned(), if credential.disabled_at.is_none() { "yes" } else { "no: it is disabled" }.to_owned()],
        ["Access tokens live".to_owned(), format!("{} minutes", client.token_lifetime.minutes())],
        ["Created".to_owned(), table::instant(credential.created_at)],
        ["Revoked".to_owned(), revoked],
    ]);
    println!();
    let now = SystemClock.now();
    let rows = client.secrets.iter().map(|secret| {
        let ends = format!("…{}", secret.hint);
        [secret.id.to_string(), ends, table::instant(secret.created_at), state(secret, now)]
    });
    table::print(["SECRET", "ENDS WITH", "CREATED", "STATE"], rows);
}

fn add_secret(args: &DatabaseArgs, flags: &AddSecret) -> anyhow::Result<()> {
    let (kept, secret) = with_store(args, async |store| {
        let tenant = tenant_of(store, flags.id).await?;
        let origin = Origin::command_line();
        Ok(gateway(store).add_client_secret(tenant, flags.id.0, flags.secret_years, &origin).await?)
    })?;
    print_secret(flags.id, &kept, &secret, flags.json);
    Ok(())
}

fn revoke_secret(args: &DatabaseArgs, flags: &RevokeSecret) -> anyhow::Result<()> {
    with_store(args, async |store| {
        let tenant = tenant_of(store, flags.id).await?;
        let origin = Origin::command_line();
        Ok(gateway(store).revoke_client_secret(tenant, flags.id.0, flags.secret, &origin).await?)
    })?;
    println!("revoked the secret {} of the client {}", flags.secret, flags.id);
    Ok(())
}

fn revoke(args: &DatabaseArgs, flags: &Revoke) -> anyhow::Result<()> {
    with_store(args, async |store| {
        let tenant = tenant_of(store, flags.id).await?;
        Ok(gateway(store).revoke_client(tenant, flags.id.0, &Origin::command_line()).await?)
    })?;
    println!("revoked the client {}", flags.id);
    Ok(())
}

async fn tenant_of(store: &Store, id: ClientId) -> anyhow::Result<TenantId> {
    let found = store.credential(id.0).await?;
    let found = found.filter(|found| found.credential.kind == CredentialKind::Client);
    found.map(|found| found.tenant.id).ok_or_else(|| unknown(id))
}

fn unknown(id: ClientId) -> anyhow::Error {
    anyhow!("there is no client {id}; `scimgate client list` lists them")
}

fn print_secret(id: ClientId, kept: &KeptSecret, secret: &ClientSecret, json: bool) {
    let secret = secret.reveal();
    if json {
        let shown = json!({
            "clientId": id.to_string(),
            "clientSecret": secret.expose_secret(),
            "secretId": kept.id,
            "expiresAt": kept.expires_at,
        });
        println!("{shown}");
    } else {
        println!("client id      {id}\nclient secret  {}", secret.expose_secret());
    }
    let end = table::instant(kept.expires_at);
    eprintln!(
        "The secret is shown once. It is valid until {end}; `scimgate client revoke-secret {id} {}` ends it.",
        kept.id
    );
}

fn state(secret: &KeptSecret, now: DateTime<Utc>) -> String {
    match secret.revoked_at {
        Some(at) => format!("revoked {}", table::instant(at)),
        None if secret.expires_at <= now => format!("expired {}", table::instant(secret.expires_at)),
        None => format!("valid until {}", table::instant(secret.expires_at)),
    }
}

fn to_json(client: &Client) -> Value {
    let credential = &client.credential;
    let secrets = client.secrets.iter().map(|secret| {
        json!({
            "id": secret.id,
            "hint": secret.hint,
            "createdAt": secret.created_at,
            "expiresAt": secret.expires_at,
            "revokedAt": secret.revoked_at,
        })
    });
    json!({
        "id": credential.id,
        "clientId": ClientId(credential.id).to_string(),
        "name": credential.label,
        "connection": credential.connection,
        "scopes": credential.scopes,
        "allowedAddresses": credential.allowed_addresses,
        "maxRoleWeight": credential.max_role_weight,
        "enabled": credential.disabled_at.is_none(),
        "tokenMinutes": client.token_lifetime.minutes(),
        "secrets": Value::from_iter(secrets),
        "createdAt": credential.created_at,
        "revokedAt": credential.revoked_at,
    })
}
