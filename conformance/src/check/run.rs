//! Running checks and replaying recordings: a few at once, each within a time limit, reported in their order.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt, stream};

use super::{Case, Check, Facts, Outcome, Section, State, Stop};
use crate::client::{Client, ClientError, Outgoing};
use crate::player::Player;
use crate::recording::{Method, Scenario};
use crate::target::Target;
use crate::transcript::hide;
use crate::variables::RunTag;

/// Longest time for deleting what a check has made.
const CLEANING: Duration = Duration::from_secs(10);

/// How a run is done.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What makes the names of this run differ from those of others.
    pub tag: RunTag,
    /// How many checks run at once; 0 counts as 1.
    pub concurrency: usize,
    /// Longest time for one check, and for one answer.
    pub timeout: Duration,
}

/// What `Retry-After` says to a GET of `path` that is sent once, if the server asks its client to wait. A server that cannot be
/// reached asks for nothing.
///
/// # Errors
/// The HTTP client cannot start.
pub async fn asked_to_wait(target: &Target, path: &str, timeout: Duration) -> Result<Option<String>, ClientError> {
    let client = Client::with_timeout(target.clone(), timeout)?;
    let outgoing = Outgoing { method: Method::Get, path: path.to_owned(), headers: Vec::new(), body: None };
    let answer = client.send_once(&outgoing).await.ok().filter(|answer| answer.status == 429);
    Ok(answer.and_then(|answer| answer.header("retry-after").map(str::to_owned)))
}

/// Runs every check that `wanted` takes, by its name and its section, and calls `done` after each.
///
/// # Errors
/// The HTTP client cannot start. What goes wrong later is in the outcomes.
pub async fn run(
    target: &Target,
    sections: &[&'static Section],
    wanted: &(dyn Fn(&Section, &Check) -> bool + Sync),
    settings: &Settings,
    done: &(dyn Fn(&Outcome) + Sync),
) -> Result<Vec<Outcome>, ClientError> {
    let client = Client::with_timeout(target.clone(), settings.timeout)?;
    let facts = Facts::learn(&client).await;
    let chosen = sections.iter().flat_map(|section| {
        section.checks.iter().filter(|check| wanted(section, check)).map(move |check| (section, check))
    });
    let running = chosen.enumerate().map(|(number, (section, check))| {
        let case = Case::new(&client, &facts, format!("cf{}n{number}", settings.tag.as_str()));
        async move {
            let outcome = attempt(section, check, case, settings.timeout, target).await;
            done(&outcome);
            outcome
        }
    });
    let running: Vec<_> = running.collect();
    Ok(stream::iter(running).buffered(settings.concurrency.max(1)).collect().await)
}

async fn attempt(section: &Section, check: &Check, case: Case<'_>, limit: Duration, target: &Target) -> Outcome {
    let started = Instant::now();
    let running = AssertUnwindSafe((check.run)(&case)).catch_unwind();
    let state = match tokio::time::timeout(limit, running).await {
        Ok(Ok(Ok(()))) => State::Passed,
        Ok(Ok(Err(Stop::Fail(text)))) => State::Failed(hide(target, &text)),
        Ok(Ok(Err(Stop::Skip(reason)))) => State::Skipped(reason),
        Ok(Err(_)) => State::Failed("the check itself broke off: please report it".to_owned()),
        Err(_) => State::Failed(format!("not finished within {} seconds", limit.as_secs_f32())),
    };
    let elapsed = started.elapsed();
    tokio::time::timeout(CLEANING, case.clean_up()).await.ok();
    let transcripts = if matches!(state, State::Failed(_)) { case.transcripts() } else { Vec::new() };
    Outcome {
        name: section.name_of(check),
        section: format!("RFC {} {} {}", section.rfc.number(), section.number, section.title),
        level: check.level.to_string(),
        clause: check.clause.to_owned(),
        state,
        elapsed,
        transcripts,
    }
}

/// Replays scenarios one after the other, and calls `done` after each exchange.
///
/// # Errors
/// The HTTP client cannot start.
pub async fn replay(
    target: &Target,
    scenarios: &[Scenario],
    settings: &Settings,
    done: &(dyn Fn(&Outcome) + Sync),
) -> Result<Vec<Outcome>, ClientError> {
    let player = Player::with_timeout(target.clone(), settings.timeout)?;
    let mut outcomes = Vec::new();
    for scenario in scenarios {
        for exchange in player.play(scenario, &settings.tag).await {
            let outcome = Outcome {
                name: exchange.name,
                section: format!("Recorded: {} — {}", scenario.name, scenario.about),
                level: scenario.name.split('/').next().unwrap_or_default().to_owned(),
                clause: exchange.row,
                state: exchange.failure.map_or(State::Passed, |text| State::Failed(hide(target, &text))),
                elapsed: exchange.elapsed,
                transcripts: exchange.transcript.into_iter().collect(),
            };
            done(&outcome);
            outcomes.push(outcome);
        }
    }
    Ok(outcomes)
}
