//! `scimgate issuer add|list|show|set|remove|test`

mod flags;
mod test;

use std::time::Duration;

use anyhow::{Context, anyhow};
use chrono::{DateTime, TimeDelta, Utc};
use clap::builder::BoolishValueParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use self::flags::TrustFlags;
use super::database::{gateway, with_store};
use super::{table, tenant};
use crate::auth::ClientId;
use crate::config::{DatabaseArgs, parse_duration};
use crate::gateway::{IssuerChange, NewIssuer};
use crate::model::{
    AllowedAddresses, Clock, CredentialId, CredentialKind, Issuer, Label, NotAnId, Origin, Scopes, SystemClock,
    TenantId, TenantSlug,
};
use crate::store::Store;

/// What can be done with trusted issuers.
#[derive(Debug, Subcommand)]
pub enum IssuerCommand {
    /// Trust the tokens of an issuer: Entra, a cloud, a CI system, Kubernetes; no secret is kept at either side
    Add(Box<Add>),
    /// List the issuers that a tenant trusts
    List(List),
    /// Show what the tokens of an issuer have to say
    Show(Show),
    /// Change an issuer's name, scopes, addresses, end and whether it is in use, and what its tokens have to say; takes effect
    /// within a second
    Set(Box<Set>),
    /// Trust an issuer no longer; every server refuses its tokens within a second
    Remove(Remove),
    /// Fetch an issuer's keys and tell what was found; check a token of it
    Test(test::Test),
}

/// The flags of `scimgate issuer add`.
#[derive(Debug, Args)]
pub struct Add {
    /// The tenant that its tokens open
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// The connection it belongs to, by name or id
    #[arg(long, env = "SCIMGATE_CONNECTION", value_name = "NAME_OR_ID")]
    connection: String,
    /// Who will use it; stands beside every change that is made with its tokens
    #[arg(long, env = "SCIMGATE_NAME", value_name = "LABEL")]
    name: Label,
    /// What it allows, separated by commas: read, write, admin:*, or single scopes such as users:read
    #[arg(long, env = "SCIMGATE_SCOPE", value_name = "SCOPES", default_value = "write")]
    scope: Scopes,
    /// The networks it may be used from, separated by commas [default: all]
    #[arg(
        long,
        env = "SCIMGATE_ALLOWED_ADDRESSES",
        value_name = "NETWORKS",
        default_value = "",
        hide_default_value = true
    )]
    allowed_addresses: AllowedAddresses,
    /// How heavy a role it may give to users; without it, any
    #[arg(long, env = "SCIMGATE_MAX_ROLE_WEIGHT", value_name = "N", allow_negative_numbers = true)]
    max_role_weight: Option<i64>,
    /// How long it is trusted, for example 365d; without it, until it is removed
    #[arg(long, env = "SCIMGATE_EXPIRES", value_name = "TIME", value_parser = expiry)]
    expires: Option<Duration>,
    #[command(flatten)]
    trust: TrustFlags,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate issuer list`.
#[derive(Debug, Args)]
pub struct List {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate issuer show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The issuer's id, as `scimgate issuer list` shows it
    #[arg(value_parser = issuer)]
    id: CredentialId,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate issuer set`.
#[derive(Debug, Args)]
pub struct Set {
    /// The issuer's id, as `scimgate issuer list` shows it
    #[arg(value_parser = issuer)]
    id: CredentialId,
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
    /// Whether its tokens are taken; a disabled one keeps all else and can be enabled again
    #[arg(long, env = "SCIMGATE_ENABLED", value_name = "BOOL", value_parser = BoolishValueParser::new())]
    enabled: Option<bool>,
    /// How long it is trusted from now on, for example 365d, or never for one without an end
    #[arg(long, env = "SCIMGATE_EXPIRES", value_name = "TIME", value_parser = end)]
    expires: Option<End>,
    #[command(flatten)]
    trust: TrustFlags,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate issuer remove`.
#[derive(Debug, Args)]
pub struct Remove {
    /// The issuer's id, as `scimgate issuer list` shows it
    #[arg(value_parser = issuer)]
    id: CredentialId,
}

/// As other commands and the activity log write it, or as clients do.
fn issuer(text: &str) -> Result<CredentialId, String> {
    text.parse().or_else(|error: NotAnId| text.parse().map(|ClientId(id)| id).map_err(|_| error.to_string()))
}

fn expiry(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|why| format!("\"{text}\" {why}"))
}

/// How heavy a role may be that a credential gives.
#[derive(Debug, Clone, Copy)]
pub struct MaxWeight(pub Option<i64>);

/// A number, or `any` for no limit.
pub fn weight(text: &str) -> Result<MaxWeight, String> {
    if text == "any" {
        return Ok(MaxWeight(None));
    }
    let weight = text.parse().map_err(|_| format!("\"{text}\" is no whole number; write one, or any"))?;
    Ok(MaxWeight(Some(weight)))
}

/// When an issuer ends.
#[derive(Debug, Clone, Copy)]
enum End {
    /// Only when it is removed.
    Never,
    /// After that time.
    After(Duration),
}

fn end(text: &str) -> Result<End, String> {
    if text == "never" { Ok(End::Never) } else { expiry(text).map(End::After) }
}

/// The instant that is so far ahead.
fn instant(time: Duration) -> anyhow::Result<DateTime<Utc>> {
    let end = TimeDelta::from_std(time).ok().and_then(|time| SystemClock.now().checked_add_signed(time));
    end.context("--expires lies too far ahead; choose a shorter time, or one without an end")
}

/// Does what the command says.
pub fn run(args: &DatabaseArgs, command: IssuerCommand) -> anyhow::Result<()> {
    match command {
        IssuerCommand::Add(flags) => add(args, *flags),
        IssuerCommand::List(flags) => list(args, &flags),
        IssuerCommand::Show(flags) => show(args, &flags),
        IssuerCommand::Set(flags) => set(args, &flags),
        IssuerCommand::Remove(flags) => remove(args, &flags),
        IssuerCommand::Test(flags) => test::run(args, &flags),
    }
}

fn add(args: &DatabaseArgs, flags: Add) -> anyhow::Result<()> {
    let trust = flags.trust.over(None)?;
    let expires_at = flags.expires.map(instant).transpose()?;
    let issuer = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.tenant).await?;
        let connection = store.find_connection(tenant.id, &flags.connection).await?;
        let unknown = || anyhow!("the tenant {} has no connection {}", tenant.slug, flags.connection);
        let new = NewIssuer {
            name: flags.name,
            connection: connection.ok_or_else(unknown)?.id,
            scopes: flags.scope,
            allowed_addresses: flags.allowed_addresses,
            max_role_weight: flags.max_role_weight,
            expires_at,
            trust,
        };
        Ok(gateway(store).create_issuer(tenant.id, new, &Origin::command_line()).await?)
    })?;
    print(&issuer, flags.json);
    eprintln!("`scimgate issuer test {}` fetches its keys and tells what it finds.", issuer.credential.id);
    Ok(())
}

fn list(args: &DatabaseArgs, flags: &List) -> anyhow::Result<()> {
    let issuers = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.tenant).await?;
        Ok(store.issuers(tenant.id, None, i64::MAX).await?)
    })?;
    if flags.json {
        println!("{}", Value::from_iter(issuers.iter().map(to_json)));
        return Ok(());
    }
    let rows = issuers.iter().map(|issuer| {
        let (credential, trust) = (&issuer.credential, &issuer.trusted.trust);
        let subject = format!("{} {}", trust.subject_claim.as_str(), trust.subject);
        [credential.id.to_string(), credential.label.clone(), trust.issuer.to_string(), subject, credential.powers()]
    });
    table::print(["ID", "NAME", "ISSUER", "SUBJECT", "SCOPES"], rows);
    Ok(())
}

fn show(args: &DatabaseArgs, flags: &Show) -> anyhow::Result<()> {
    let issuer = with_store(args, async |store| find(store, flags.id).await)?;
    print(&issuer, flags.json);
    Ok(())
}

fn set(args: &DatabaseArgs, flags: &Set) -> anyhow::Result<()> {
    let issuer = with_store(args, async |store| {
        let before = find(store, flags.id).await?;
        let trust = &flags.trust;
        let change = IssuerChange {
            name: flags.name.clone(),
            scopes: flags.scope,
            allowed_addresses: flags.allowed_addresses.clone(),
            max_role_weight: flags.max_role_weight.map(|MaxWeight(weight)| weight),
            enabled: flags.enabled,
            expires_at: match flags.expires {
                None => None,
                Some(End::Never) => Some(None),
                Some(End::After(time)) => Some(Some(instant(time)?)),
            },
            trust: if trust.is_given() { Some(trust.over(Some(&before.trusted.trust))?) } else { None },
        };
        Ok(gateway(store).change_issuer(before.trusted.tenant, flags.id, &change, &Origin::command_line()).await?)
    })?;
    print(&issuer, flags.json);
    Ok(())
}

fn remove(args: &DatabaseArgs, flags: &Remove) -> anyhow::Result<()> {
    with_store(args, async |store| {
        let tenant = find(store, flags.id).await?.trusted.tenant;
        Ok(gateway(store).remove_issuer(tenant, flags.id, &Origin::command_line()).await?)
    })?;
    println!("removed the issuer {}", flags.id);
    Ok(())
}

/// The issuer of that id, whosever it is.
async fn find(store: &Store, id: CredentialId) -> anyhow::Result<Issuer> {
    let tenant: Option<TenantId> = store
        .credential(id)
        .await?
        .filter(|found| found.credential.kind == CredentialKind::Issuer)
        .map(|found| found.tenant.id);
    let issuer = match tenant {
        Some(tenant) => store.issuer(tenant, id).await?,
        None => None,
    };
    issuer.ok_or_else(|| anyhow!("there is no trusted issuer with the id {id}; `scimgate issuer list` lists them"))
}

fn print(issuer: &Issuer, as_json: bool) {
    if as_json {
        println!("{}", to_json(issuer));
        return;
    }
    let (credential, trust) = (&issuer.credential, &issuer.trusted.trust);
    let algorithms: Vec<&str> = trust.algorithms.iter().map(|algorithm| algorithm.as_str()).collect();
    let claims = trust.claims.iter().map(|(name, text)| ["Claim".to_owned(), format!("{name} = {text}")]);
    let mut rows = vec![
        ["Id".to_owned(), credential.id.to_string()],
        ["Client id".to_owned(), ClientId(credential.id).to_string()],
        ["Name".to_owned(), credential.label.clone()],
        ["Scopes".to_owned(), credential.scopes.to_string()],
        ["Addresses".to_owned(), credential.allowed_addresses.to_string()],
        ["Heaviest role".to_owned(), credential.max_role_weight.map_or("any".to_owned(), |weight| weight.to_string())],
        [
            "Tokens".to_owned(),
            if credential.disabled_at.is_none() { "taken" } else { "refused: it is disabled" }.to_owned(),
        ],
        ["Trusted until".to_owned(), credential.expires_at.map_or("it is removed".to_owned(), table::instant)],
        ["Issuer (iss)".to_owned(), trust.issuer.to_string()],
        ["Audience (aud)".to_owned(), trust.audiences.join(" or ")],
        [format!("Subject ({})", trust.subject_claim.as_str()), trust.subject.clone()],
    ];
    rows.extend(trust.tid.iter().map(|tid| ["Organisation (tid)".to_owned(), tid.clone()]));
    rows.extend(claims);
    rows.extend([
        ["Keys".to_owned(), trust.jwks_url.to_string()],
        [
            "Algorithms".to_owned(),
            if algorithms.is_empty() { "all that fit the key".into() } else { algorithms.join(", ") },
        ],
        [
            "Assertions with a jti".to_owned(),
            if trust.single_use { "good once" } else { "good as long as they live" }.into(),
        ],
    ]);
    table::print_values(rows);
}

fn to_json(issuer: &Issuer) -> Value {
    let credential = &issuer.credential;
    json!({
        "id": credential.id,
        "clientId": ClientId(credential.id).to_string(),
        "name": credential.label,
        "connection": credential.connection,
        "scopes": credential.scopes,
        "allowedAddresses": credential.allowed_addresses,
        "maxRoleWeight": credential.max_role_weight,
        "enabled": credential.disabled_at.is_none(),
        "trust": issuer.trusted.trust,
        "createdAt": credential.created_at,
        "expiresAt": credential.expires_at,
    })
}
