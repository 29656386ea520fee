//! `scimgate token create|list|revoke`

use std::time::Duration;

use anyhow::{Context, anyhow};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;
use serde_json::json;

use super::database::{gateway, with_store};
use super::{table, tenant};
use crate::auth::Token;
use crate::config::{DatabaseArgs, parse_duration};
use crate::gateway::NewToken;
use crate::model::{
    AllowedAddresses, Clock, Credential, CredentialId, Label, NotAnId, Origin, ResourceId, Scopes, SystemClock, Tenant,
    TenantSlug,
};
use crate::store::Store;

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Create a token and print it, alone and once: only its hash is kept
    Create(Create),
    /// List a tenant's tokens, without their secrets
    List(List),
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

/// A token that turned up where it should not is at hand, its id has to be looked for; and a refusal would print it.
fn credential(text: &str) -> Result<CredentialId, String> {
    Token::parse(text).map(|token| token.id()).or_else(|_| text.parse().map_err(|error: NotAnId| error.to_string()))
}

/// Does what the command says.
pub fn run(args: &DatabaseArgs, command: TokenCommand) -> anyhow::Result<()> {
    match command {
        TokenCommand::Create(flags) => create(args, flags),
        TokenCommand::List(flags) => list(args, &flags),
        TokenCommand::Revoke(flags) => revoke(args, &flags),
    }
}

fn create(args: &DatabaseArgs, flags: Create) -> anyhow::Result<()> {
    let name: Label = flags.name.parse().map_err(|error| {
        anyhow!("{error}; a token needs a name, so that changes made with it can be told; give one with --name")
    })?;
    let expires_at = flags.expires.map(end).transpose()?;
    let (token, _) = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.tenant).await?;
        let user = match &flags.user {
            Some(user) => Some(find_user(store, &tenant, user).await?),
            None => None,
        };
        let allowed_addresses = AllowedAddresses::ANY;
        let new = NewToken { name, scopes: flags.scope, connection: None, allowed_addresses, user, expires_at };
        Ok(gateway(store).create_token(tenant.id, new, &Origin::command_line()).await?)
    })?;
    println!("{}", token.reveal().expose_secret());
    let end = expires_at.map_or("until it is revoked".to_owned(), |end| format!("until {}", table::instant(end)));
    eprintln!("This token is shown once. It is valid {end}; `scimgate token revoke {}` ends it.", token.id());
    Ok(())
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
    let credentials = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.tenant).await?;
        Ok(store.credentials(tenant.id).await?)
    })?;
    if flags.json {
        println!("{}", serde_json::Value::from_iter(credentials.iter().map(to_json)));
        return Ok(());
    }
    let now = SystemClock.now();
    let rows = credentials.iter().map(|credential| {
        let state = match (credential.revoked_at, credential.expires_at) {
            (Some(at), _) => format!("revoked {}", table::instant(at)),
            (None, Some(end)) if end <= now => format!("expired {}", table::instant(end)),
            (None, Some(end)) => format!("valid until {}", table::instant(end)),
            (None, None) => "valid".to_owned(),
        };
        let scopes = credential.scopes.to_string();
        let user = credential.user.map_or("-".to_owned(), |user| user.to_string());
        let created = table::instant(credential.created_at);
        [credential.id.to_string(), credential.label.clone(), scopes, user, created, state]
    });
    table::print(["ID", "NAME", "SCOPES", "USER", "CREATED", "STATE"], rows);
    Ok(())
}

fn revoke(args: &DatabaseArgs, flags: &Revoke) -> anyhow::Result<()> {
    with_store(args, async |store| {
        let tenant = store.credential(flags.id).await?.map(|found| found.tenant.id);
        let unknown = || anyhow!("there is no token with the id {}; `scimgate token list` lists them", flags.id);
        Ok(gateway(store).revoke_token(tenant.ok_or_else(unknown)?, flags.id, &Origin::command_line()).await?)
    })?;
    println!("revoked the token {}", flags.id);
    Ok(())
}

fn to_json(credential: &Credential) -> serde_json::Value {
    json!({
        "id": credential.id,
        "name": credential.label,
        "scopes": credential.scopes,
        "user": credential.user,
        "createdAt": credential.created_at,
        "expiresAt": credential.expires_at,
        "revokedAt": credential.revoked_at,
    })
}
