//! `scimgate check`: how one's own running server meets what an identity provider expects of it.
//!
//! It makes a token that ends by itself, asks the server the way that provider does, and takes everything back: what it created
//! is deleted, the token revoked. Only the activity log tells of it.

mod requests;
mod rules;

use std::time::Duration;

use anyhow::{Context, bail};
use chrono::TimeDelta;
use clap::{Args, ValueEnum};
use scimgate_conformance::check::{
    Check as Clause, Outcome, Section, Settings, State as Ended, asked_to_wait, replay, run as attempt,
};
use scimgate_conformance::{RunTag, Target, clauses, recording};
use secrecy::ExposeSecret;
use serde_json::json;

use super::database::{gateway, with_store};
use super::finding::{Finding, State, fail, ok, warn};
use super::{table, tenant};
use crate::config::DatabaseArgs;
use crate::gateway::NewToken;
use crate::model::{AllowedAddresses, Clock, Credential, Origin, Scope, Scopes, SystemClock, Tenant, TenantSlug};
use crate::store::Store;

/// How long the token lives if nobody comes to revoke it.
const TOKEN_LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// The findings of what was asked of the server.
const REQUESTS: &str = "requests";
/// Characters that are told of what went wrong.
const LONGEST: usize = 400;
/// What the names of created resources contain, after which digits follow.
const MARK: &str = "scimgatecheck";

/// The flags of `scimgate check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The tenant to try it with
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// Whose expectations count: entra, okta or ipsie
    #[arg(long, env = "SCIMGATE_PROFILE", value_enum)]
    profile: Expectation,
    /// SCIM base URL at which the server is asked
    #[arg(long, env = "SCIMGATE_URL", value_name = "URL", default_value = "http://127.0.0.1:8080/scim/v2")]
    url: String,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// Whose expectations count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Expectation {
    /// Microsoft Entra ID
    Entra,
    /// Okta
    Okta,
    /// IPSIE's SCIM profile, account lifecycle level 1
    Ipsie,
}

impl Expectation {
    /// The beginning of the names of its recordings, if there are any.
    fn recordings(self) -> Option<&'static str> {
        match self {
            Self::Entra => Some("entra/"),
            Self::Okta => Some("okta/"),
            Self::Ipsie => None,
        }
    }

    /// The sections of RFC 7644 that it relies on.
    fn sections(self) -> &'static [&'static str] {
        match self {
            Self::Entra => &["3.3", "3.4.1", "3.4.2.2", "3.4.2.4", "3.6", "3.12", "4"],
            Self::Okta => &["3.3", "3.4.1", "3.4.2.2", "3.4.2.4", "3.5.1", "3.12", "4"],
            Self::Ipsie => &["2", "3.3", "3.4.1", "3.5.1", "3.5.2", "3.6", "3.12", "4"],
        }
    }
}

/// Tries everything, and fails if anything is not as it must be.
pub fn run(args: &DatabaseArgs, command: &Check) -> anyhow::Result<()> {
    let findings = with_store(args, async |store| {
        let tenant = tenant::find(store, &command.tenant).await?;
        let credentials = store.credentials(tenant.id).await?;
        let mut findings = rules::all(command.profile, &tenant, &credentials, SystemClock.now());
        let keeps_users = tenant.dialect.delete_deactivates;
        findings.extend(with_token(store, &tenant, async |token| ask(command, token, keeps_users).await).await?);
        Ok(findings)
    })?;
    tell(command, &findings)
}

/// Does something with a token that is revoked afterwards, however it went.
async fn with_token<T>(
    store: &Store,
    tenant: &Tenant,
    work: impl AsyncFnOnce(&str) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let new = NewToken {
        name: "scimgate check".parse().map_err(|error| anyhow::anyhow!("{error}"))?,
        scopes: scopes(),
        connection: None,
        allowed_addresses: AllowedAddresses::ANY,
        max_role_weight: None,
        user: None,
        expires_at: Some(SystemClock.now() + TOKEN_LIFETIME),
    };
    let origin = Origin::command_line();
    let (token, credential): (_, Credential) = gateway(store).create_token(tenant.id, new, &origin).await?;
    let outcome = work(token.reveal().expose_secret()).await;
    gateway(store)
        .revoke_token(tenant.id, credential.id, &origin)
        .await
        .context("the token of the check was not revoked")?;
    outcome
}

/// What a provider's own token may do.
fn scopes() -> Scopes {
    [Scope::UsersRead, Scope::UsersWrite, Scope::GroupsRead, Scope::GroupsWrite, Scope::Bulk].into_iter().collect()
}

/// Asks the server, and removes what is left over; where users cannot be removed none are made.
async fn ask(command: &Check, token: &str, keeps_users: bool) -> anyhow::Result<Vec<Finding>> {
    let target = Target::parse(&command.url, token)?;
    let digits = SystemClock.now().timestamp_millis() % 1_000_000_000;
    let settings =
        Settings { tag: RunTag::parse(&format!("{MARK}{digits}"))?, concurrency: 2, timeout: Duration::from_secs(30) };
    if let Some(wait) = asked_to_wait(&target, "/Users?count=1", settings.timeout).await? {
        let what = format!("the server asks this address to wait for {wait} s, since wrong credentials came from it");
        return Ok(vec![fail(REQUESTS, what, "the check sends some itself; run it again after that time")]);
    }
    let own = |wanted: &'static [Section]| wanted.iter().collect::<Vec<_>>();
    let everything = |_: &Section, _: &Clause| true;
    let reach = attempt(&target, &own(requests::REACH), &everything, &settings, &|_| {}).await?;
    if reach.iter().any(|outcome| matches!(outcome.state, Ended::Failed(_))) {
        return Ok(reach.iter().filter_map(finding).collect());
    }
    if keeps_users {
        let what = "nothing was tried: the tenant keeps users who are deleted (deleteDeactivates), so those of the check would stay";
        return Ok(vec![warn(REQUESTS, what, "try it with a tenant that is as this one is but for that")]);
    }
    let mut outcomes = reach;
    let numbers = command.profile.sections();
    let wanted = |section: &Section, _: &Clause| section.rfc.number() == 7644 && numbers.contains(&section.number);
    outcomes.extend(attempt(&target, &clauses::all(), &wanted, &settings, &|_| {}).await?);
    if let Some(beginning) = command.profile.recordings() {
        let scenarios: Vec<_> =
            recording::embedded()?.into_iter().filter(|scenario| scenario.name.starts_with(beginning)).collect();
        outcomes.extend(replay(&target, &scenarios, &settings, &|_| {}).await?);
    }
    let own_checks = requests::of(command.profile);
    outcomes.extend(attempt(&target, &own(own_checks), &everything, &settings, &|_| {}).await?);
    outcomes.extend(attempt(&target, &own(requests::CLEANING), &everything, &settings, &|_| {}).await?);
    let passed = outcomes.iter().filter(|outcome| outcome.state == Ended::Passed).count();
    let untried = outcomes.iter().filter(|outcome| is_untried(outcome)).count();
    let mut findings: Vec<_> = outcomes.iter().filter(|outcome| !is_untried(outcome)).filter_map(finding).collect();
    if untried > 0 {
        let what = format!("{untried} requests could not be tried, since they build on others that failed");
        findings.push(warn(REQUESTS, what, "see to those that failed, and run the check again"));
    }
    findings.push(ok(REQUESTS, format!("{passed} requests and clauses were answered as they must be")));
    Ok(findings)
}

/// Whether a recorded request needed what an earlier one failed to bring.
fn is_untried(outcome: &Outcome) -> bool {
    matches!(&outcome.state, Ended::Failed(why) if why.starts_with("the variable "))
}

/// What is to be told of a check that did not pass.
fn finding(outcome: &Outcome) -> Option<Finding> {
    let Ended::Failed(why) = &outcome.state else { return None };
    // Whoever sends many wrong credentials is held up instead of refused.
    if why.contains("expected status 401, found 429") {
        return None;
    }
    let why: Vec<&str> = why.lines().map(str::trim).filter(|line| !line.starts_with("sent ")).collect();
    let why: String = why.join("; ").chars().take(LONGEST).collect();
    let is_own = outcome.section.starts_with(&format!("RFC 7644 {} ", requests::OWN));
    let name = outcome.name.trim_start_matches(&format!("rfc7644-{}-", requests::OWN));
    let advice = if is_own { outcome.clause.clone() } else { format!("{}: {}", outcome.section, outcome.clause) };
    Some(fail(REQUESTS, format!("{name}: {why}"), advice))
}

fn tell(command: &Check, findings: &[Finding]) -> anyhow::Result<()> {
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let (failures, warnings) = (count(State::Fail), count(State::Warn));
    if command.json {
        println!("{}", json!({ "failures": failures, "warnings": warnings, "findings": findings }));
    } else {
        findings.iter().for_each(table::finding);
        println!("\nfailures: {failures}, warnings: {warnings}");
    }
    if failures > 0 {
        bail!("{} will not work with {} as it should, see above", command.tenant, command.url);
    }
    Ok(())
}
