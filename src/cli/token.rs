//! `scimgate token create|list|revoke`

use std::time::Duration;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;
use serde_json::json;

use super::database::with_store;
use super::{table, tenant};
use crate::auth::Token;
use crate::config::{DatabaseArgs, parse_duration};
use crate::model::{Clock, Credential, CredentialId, NotAnId, ResourceId, Scope, SystemClock, Tenant, TenantSlug};
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
    /// What it allows: read or write
    #[arg(long, env = "SCIMGATE_SCOPE", value_name = "SCOPE", default_value = "write")]
    scope: Scope,
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
    let now = SystemClock.now();
    if flags.name.trim().is_empty() {
        bail!("a token needs a name, so that changes made with it can be told; give one with --name");
    }
    let expires_at = match flags.expires {
        None => None,
        Some(time) => Some(
            chrono::TimeDelta::from_std(time)
                .ok()
                .and_then(|time| now.checked_add_signed(time))
                .context("--expires lies too far ahead; leave it out for a token without an end")?,
        ),
    };
    let (token, mut credential) = fresh(flags.name, flags.scope, now, expires_at);
    with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.tenant).await?;
        if let Some(user) = &flags.user {
            credential.user = Some(find_user(store, &tenant, user).await?);
        }
        Ok(store.create_credential(tenant.id, &credential).await?)
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

/// A new token, and what is kept of it.
pub fn fresh(
    label: String,
    scope: Scope,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
) -> (Token, Credential) {
    let token = Token::generate(CredentialId::new(created_at), &mut rand::rng());
    let (id, digest) = (token.id(), *token.digest().as_bytes());
    (token, Credential { id, label, digest, scope, user: None, created_at, expires_at, revoked_at: None })
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
        let scope = credential.scope.as_str().to_owned();
        let user = credential.user.map_or("-".to_owned(), |user| user.to_string());
        let created = table::instant(credential.created_at);
        [credential.id.to_string(), credential.label.clone(), scope, user, created, state]
    });
    table::print(["ID", "NAME", "SCOPE", "USER", "CREATED", "STATE"], rows);
    Ok(())
}

fn revoke(args: &DatabaseArgs, flags: &Revoke) -> anyhow::Result<()> {
    let revoked = with_store(args, async |store| match store.credential(flags.id).await? {
        Some((tenant, ..)) => Ok(store.revoke(tenant.id, flags.id, SystemClock.now()).await?),
        None => Ok(false),
    })?;
    if !revoked {
        bail!("there is no token with the id {}; `scimgate token list` lists them", flags.id);
    }
    println!("revoked the token {}", flags.id);
    Ok(())
}

fn to_json(credential: &Credential) -> serde_json::Value {
    json!({
        "id": credential.id,
        "name": credential.label,
        "scope": credential.scope,
        "user": credential.user,
        "createdAt": credential.created_at,
        "expiresAt": credential.expires_at,
        "revokedAt": credential.revoked_at,
    })
}
