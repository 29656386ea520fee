//! `scimgate doctor`: looks the installation over and says what to do.
//!
//! It changes nothing. Each look is a function that answers one [`Finding`]; what it needs is fetched before.

mod database;
mod server;

use anyhow::bail;
use clap::Args;
use serde_json::json;

use super::database::{Database, runtime};
use super::finding::{Finding, State, fail, ok, warn};
use super::table;
use crate::config::{Config, DatabaseArgs, ServerArgs};
use crate::model::{Clock, SystemClock};
use crate::store::{Store, StoreError, pending_migrations};

/// The flags of `scimgate doctor`: those of `scimgate serve`, whose installation it looks over.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

/// Looks everything over, and fails if anything is wrong.
pub fn run(args: &DatabaseArgs, command: &Doctor) -> anyhow::Result<()> {
    let config = command.server.check()?;
    let now = SystemClock.now();
    let mut findings = vec![
        server::public_url(&config),
        server::certificate(&config, now),
        server::proxies(&config),
        server::limits(&config),
        server::open_files(&config),
    ];
    findings.extend(of_database(args, &config)?);
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let (failures, warnings) = (count(State::Fail), count(State::Warn));
    if command.json {
        println!("{}", json!({ "failures": failures, "warnings": warnings, "findings": findings }));
    } else {
        findings.iter().for_each(table::finding);
        println!("\n{failures} failures, {warnings} warnings, {} checks", findings.len());
    }
    if failures > 0 {
        bail!("the installation has {failures} failures, see above");
    }
    Ok(())
}

/// What is looked at in the database. One that cannot be reached is a finding, too.
fn of_database(args: &DatabaseArgs, config: &Config) -> anyhow::Result<Vec<Finding>> {
    let database = match Database::open(args) {
        Ok(database) => database,
        Err(error) => return Ok(vec![unreachable(&format!("{error:#}"))]),
    };
    let key = database.sealer().map(|sealer| sealer.is_some()).map_err(|error| format!("{error:#}"));
    let runtime = runtime()?;
    let store = Store::new(database.connect.clone(), "")?;
    let findings = runtime.block_on(async {
        let before = SystemClock.now();
        let installation = store.installation().await?;
        let after = SystemClock.now();
        let mut findings = database::look(&installation, args.database_url.is_none());
        findings.push(database::connections(&installation, config));
        findings.push(database::clock(before, installation.now, after));
        let pending = pending_migrations(&database.connect).await?;
        findings.push(database::migrations(&pending));
        if pending.is_empty() {
            findings.push(database::credentials(&store.credential_ends(after).await?, after));
        }
        Ok::<_, StoreError>(findings)
    });
    drop(store);
    drop(runtime);
    database.close()?;
    let mut findings = findings.unwrap_or_else(|error| vec![unreachable(&crate::http::chain(&error))]);
    findings.push(secret_key(key));
    Ok(findings)
}

/// Whether there is a key to seal secrets with.
fn secret_key(key: Result<bool, String>) -> Finding {
    const CHECK: &str = "secret_key";
    match key {
        Ok(true) => ok(CHECK, "secrets in the database are sealed with a secret key; keep a copy of it elsewhere"),
        Ok(false) => warn(
            CHECK,
            "no secret key is configured: OAuth clients get no access tokens, and links of invitations wait unsealed",
            "make one (openssl rand -base64 32), and name its file with --secret-key-file on every node",
        ),
        Err(why) => {
            fail(CHECK, why, "put the key of this installation there; what it sealed cannot be read without it")
        }
    }
}

fn unreachable(why: &str) -> Finding {
    let advice = "see that PostgreSQL runs, and that --database-url names it, the role and the password";
    fail("database", format!("the database cannot be asked: {why}"), advice)
}
