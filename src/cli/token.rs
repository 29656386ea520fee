//! `scimgate token create|list|rotate|revoke`

use std::time::Duration;

use anyhow::{Context, anyhow};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;
use serde_json::json;

use super::database::{gateway, with_store};
use super::{connection, table, tenant};
use crate::auth::Token;
use crate::config::{DatabaseArgs, parse_duration};
use crate::gateway::NewToken;
use crate::model::{
    AllowedAddresses, Clock, Credential, CredentialId, CredentialKind, CredentialUse, Label, NotAnId, Origin,
    ResourceId, Scopes, SystemClock, Tenant, TenantId, TenantSlug, TokenState,
};
use crate::store::Store;

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Create a token and print it, alone and once: only its hash is kept
    Create(Create),
    /// List a tenant's tokens, without their secrets
    List(List),
    /// Make a token that takes the place of another one, and print it; both work until the overlap is over
    Rotate(Rotate),
    /// Revoke a token; every server refuses it within a second
    Revoke(Revoke),
}

/// The flags of `scimgate token create`.
#[derive(Debug, Args)]
pub struct Create {
    /// The tenant that the token opens
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// Who will use it; stands beside every change that is made with it
    #[arg(long, env = "SCIMGATE_NAME", value_name = "LABEL")]
    name: String,
    /// What it allows, separated by commas: read, write, admin:*, or single scopes such as users:read
    #[arg(long, env = "SCIMGATE_SCOPE", value_name = "SCOPES", default_value = "write")]
    scope: Scopes,
    /// The connection it belongs to, by name or id; it works while that is enabled
    #[arg(long, env = "SCIMGATE_CONNECTION", value_name = "NAME_OR_ID")]
    connection: Option<String>,
    /// From where it may be used, separated by commas, for example 192.0.2.0/24; without it, from everywhere
    #[arg(long, env = "SCIMGATE_ALLOW", value_name = "NETWORKS")]
    allow: Option<AllowedAddresses>,
    /// How heavy a role it may give to users; without it, any
    #[arg(long, env = "SCIMGATE_MAX_ROLE_WEIGHT", value_name = "N", allow_negative_numbers = true)]
    max_role_weight: Option<i64>,
    /// The user whose token it is, by id or userName; it reaches /Me and that user alone
    #[arg(long, env = "SCIMGATE_USER", value_name = "ID_OR_USERNAME")]
    user: Option<String>,
    /// How long it is valid, for example 90d; without it, until it is revoked
    #[arg(long, env = "SCIMGATE_EXPIRES", value_name = "TIME", value_parser = expiry)]
    expires: Option<Duration>,
}

/// The flags of `scimgate token list`.
#[derive(Debug, Args)]
pub struct List {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate token rotate`.
#[derive(Debug, Args)]
pub struct Rotate {
    /// The token's id, as `scimgate token list` shows it, or the token itself
    #[arg(value_parser = credential)]
    id: CredentialId,
    /// How long both tokens work, for example 7d
    #[arg(long, env = "SCIMGATE_OVERLAP", value_name = "TIME", default_value = "7d", value_parser = overlap)]
    overlap: Duration,
    /// How long the new one is valid; without it, as long as the old one was to be
    #[arg(long, env = "SCIMGATE_EXPIRES", value_name = "TIME", value_parser = expiry)]
    expires: Option<Duration>,
}

/// The flags of `scimgate token revoke`.
#[derive(Debug, Args)]
pub struct Revoke {
    /// The token's id, as `scimgate token list` shows it, or the token itself
    #[arg(value_parser = credential)]
    id: CredentialId,
}

fn expiry(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|why| format!("\"{text}\" {why}"))
}

/// None at all is a length too.
fn overlap(text: &str) -> Result<Duration, String> {
    if text == "0" { Ok(Duration::ZERO) } else { expiry(text) }
}

/// A token that turned up where it should not is at hand, its id has to be looked for; and a refusal would print it.
fn credential(text: &str) -> Result<CredentialId, String> {
    Token::parse(text).map(|token| token.id()).or_else(|_| text.parse().map_err(|error: NotAnId| error.to_string()))
}

/// Does what the command says.
pub fn run(args: &DatabaseArgs, command: TokenCommand) -> anyhow::Result<()> {
    match command {
        TokenCommand::Create(flags) => create(args, flags),
        TokenCommand::List(flags) => list(args, &flags),
        TokenCommand::Rotate(flags) => rotate(args, &flags),
        TokenCommand::Revoke(flags) => revoke(args, &flags),
    }
}

fn create(args: &DatabaseArgs, flags: Create) -> anyhow::Result<()> {
    let name: Label = flags.name.parse().map_err(|error| {
        anyhow!("{error}; a token needs a name, so that changes made with it can be told; give one with --name")
    })?;
    let expires_at = flags.expires.map(end).transpose()?;
    let made = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.tenant).await?;
        let connection = match &flags.connection {
            Some(name) => Some(connection::find(store, &tenant, name).await?.id),
            None => None,
        };
        let user = match &flags.user {
            Some(user) => Some(find_user(store, &tenant, user).await?),
            None => None,
        };
        let allowed_addresses = flags.allow.unwrap_or(AllowedAddresses::ANY);
        let (scopes, max_role_weight) = (flags.scope, flags.max_role_weight);
        let new = NewToken { name, scopes, connection, allowed_addresses, max_role_weight, user, expires_at };
        Ok(gateway(store).create_token(tenant.id, new, &Origin::command_line()).await?)
    })?;
    reveal(made);
    Ok(())
}

/// Prints a token, the one time that it is shown.
fn reveal((token, kept): (Token, Credential)) {
    println!("{}", token.reveal().expose_secret());
    let end = kept.expires_at.map_or("until it is revoked".to_owned(), |end| format!("until {}", table::instant(end)));
    eprintln!("This token is shown once. It is valid {end}; `scimgate token revoke {}` ends it.", token.id());
}

fn rotate(args: &DatabaseArgs, flags: &Rotate) -> anyhow::Result<()> {
    let expires_at = flags.expires.map(end).transpose()?;
    let overlap = TimeDelta::from_std(flags.overlap).context("--overlap is too long")?;
    let (made, old) = with_store(args, async |store| {
        let (tenant, gateway) = (tenant_of(store, flags.id).await?, gateway(store));
        let made = gateway.rotate_token(tenant, flags.id, overlap, expires_at, &Origin::command_line()).await?;
        let old = store.credential(flags.id).await?.and_then(|found| found.credential.expires_at);
        Ok((made, old))
    })?;
    reveal(made);
    if let Some(end) = old {
        eprintln!(
            "The token {} works until {}; put the new one in its place before that.",
            flags.id,
            table::instant(end)
        );
    }
    Ok(())
}

/// The tenant of a token.
async fn tenant_of(store: &Store, id: CredentialId) -> anyhow::Result<TenantId> {
    let found = store.credential(id).await?;
    let found =
        found.with_context(|| format!("there is no token with the id {id}; `scimgate token list` lists them"))?;
    Ok(found.tenant.id)
}

async fn find_user(store: &Store, tenant: &Tenant, user: &str) -> anyhow::Result<ResourceId> {
    let found = store.tenant(tenant.id).find_user(user).await?;
    found.with_context(|| format!("the tenant {} has no user with the id or userName {user}", tenant.slug))
}

/// The instant that lies that far ahead.
fn end(time: Duration) -> anyhow::Result<DateTime<Utc>> {
    let end = TimeDelta::from_std(time).ok().and_then(|time| SystemClock.now().checked_add_signed(time));
    end.context("--expires lies too far ahead; leave it out for a token without an end")
}

fn list(args: &DatabaseArgs, flags: &List) -> anyhow::Result<()> {
    let (tokens, connections, uses) = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.tenant).await?.id;
        let mut tokens = store.credentials(tenant).await?;
        tokens.retain(|credential| credential.kind == CredentialKind::Token);
        Ok((tokens, store.connections(tenant).await?, store.credential_uses(tenant).await?))
    })?;
    let used = |token: &Credential| uses.iter().find(|used| used.credential == token.id);
    let now = SystemClock.now();
    if flags.json {
        println!("{}", serde_json::Value::from_iter(tokens.iter().map(|token| to_json(token, used(token), now))));
        return Ok(());
    }
    let nothing = || "-".to_owned();
    let rows = tokens.iter().map(|token| {
        let connection = connections.iter().find(|connection| Some(connection.id) == token.connection);
        let used = used(token);
        let address = used.and_then(|used| used.last_address);
        [
            token.id.to_string(),
            token.label.clone(),
            Token::beginning(token.id),
            token.powers(),
            connection.map_or_else(nothing, |connection| connection.name.to_string()),
            token.user.map_or_else(nothing, |user| user.to_string()),
            table::instant(token.created_at),
            state(token, now),
            used.map_or_else(nothing, |used| table::instant(used.last_used_at)),
            address.map_or_else(nothing, |address| address.to_canonical().to_string()),
        ]
    });
    let headings =
        ["ID", "NAME", "BEGINS WITH", "SCOPES", "CONNECTION", "USER", "CREATED", "STATE", "LAST USED", "FROM"];
    table::print(headings, rows);
    Ok(())
}

/// Whether a token works, and since or until when.
fn state(token: &Credential, now: DateTime<Utc>) -> String {
    let at = |instant: Option<DateTime<Utc>>| instant.map_or(String::new(), table::instant);
    match TokenState::of(token, now) {
        TokenState::Revoked => format!("revoked {}", at(token.revoked_at)),
        TokenState::Expired => format!("expired {}", at(token.expires_at)),
        TokenState::Replaced => format!("replaced, valid until {}", at(token.expires_at)),
        TokenState::Live if token.expires_at.is_some() => format!("valid until {}", at(token.expires_at)),
        TokenState::Live => "valid".to_owned(),
    }
}

fn revoke(args: &DatabaseArgs, flags: &Revoke) -> anyhow::Result<()> {
    with_store(args, async |store| {
        let tenant = tenant_of(store, flags.id).await?;
        Ok(gateway(store).revoke_token(tenant, flags.id, &Origin::command_line()).await?)
    })?;
    println!("revoked the token {}", flags.id);
    Ok(())
}

fn to_json(token: &Credential, used: Option<&CredentialUse>, now: DateTime<Utc>) -> serde_json::Value {
    json!({
        "id": token.id,
        "name": token.label,
        "prefix": Token::beginning(token.id),
        "scopes": token.scopes,
        "connection": token.connection,
        "user": token.user,
        "allowedAddresses": token.allowed_addresses,
        "maxRoleWeight": token.max_role_weight,
        "state": TokenState::of(token, now).as_str(),
        "createdAt": token.created_at,
        "expiresAt": token.expires_at,
        "revokedAt": token.revoked_at,
        "replacedBy": token.rotated_to,
        "lastUsedAt": used.map(|used| used.last_used_at),
        "lastAddress": used.and_then(|used| used.last_address).map(|address| address.to_canonical()),
    })
}
