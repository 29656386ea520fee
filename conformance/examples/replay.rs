//! Replays recordings and both generated syncs against a server, prints what was not answered as it must be, and
//! fails if there was anything.
//!
//! ```text
//! cargo run -p scimgate-conformance --example replay -- URL TOKEN PART RUN
//! ```
//! `PART` is `entra-sync`, `okta-sync`, or the beginning of scenario names: `entra/`, `okta/groups`, or empty for all.
//! `RUN` is any word of lower-case letters and digits that was not used on this tenant before.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use scimgate_conformance::{Player, RunTag, Target, recording, sync};

type Failed = Box<dyn std::error::Error>;

/// What a generated sync is made of, and how many of its requests run at once.
const USERS: usize = 1_000;
const GROUPS: usize = 50;
const AT_ONCE: usize = 8;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [url, token, "entra-sync", _] => synchronise(url, token, &sync::entra_sync(USERS, GROUPS)).await,
        [url, token, "okta-sync", _] => synchronise(url, token, &sync::okta_sync(USERS, GROUPS)).await,
        [url, token, part, run] => replay(url, token, part, run).await,
        _ => Err("usage: replay URL TOKEN PART RUN".into()),
    };
    match outcome {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failures) => say(&format!("{failures} were not answered as they must be")),
        Err(error) => say(&error.to_string()),
    }
}

fn say(text: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::FAILURE
}

async fn replay(url: &str, token: &str, part: &str, run: &str) -> Result<usize, Failed> {
    let player = Player::new(Target::parse(url, token)?)?;
    let run = RunTag::parse(run)?;
    let (mut played, mut failures, mut slowest) = (0, 0, Duration::ZERO);
    for scenario in recording::embedded()?.iter().filter(|scenario| scenario.name.starts_with(part)) {
        for outcome in player.play(scenario, &run).await {
            played += 1;
            slowest = slowest.max(outcome.elapsed);
            if let Some(failure) = outcome.failure {
                failures += 1;
                println!("{} [{}]\n  {failure}", outcome.name, outcome.row);
            }
        }
    }
    println!("{played} exchanges, {failures} wrong, slowest {slowest:?}");
    Ok(failures)
}

async fn synchronise(url: &str, token: &str, plan: &sync::SyncPlan) -> Result<usize, Failed> {
    let report = plan.run(&Target::parse(url, token)?, AT_ONCE, &|_, _| {}).await?;
    report.failed.iter().for_each(|failure| println!("{failure}"));
    println!(
        "{}: {} requests in {:?}: {} created, {} updated, {} deactivated, {} wrong; p50 {:?}, p99 {:?}",
        plan.name(),
        report.requests,
        report.elapsed,
        report.created,
        report.updated,
        report.deactivated,
        report.failures,
        report.p50,
        report.p99
    );
    Ok(report.failures)
}
