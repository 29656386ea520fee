//! `scimgate-conformance --url BASE --token T`: does a server do what the SCIM RFCs ask for, and what clients need?

mod progress;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::{Parser, ValueEnum};
use scimgate_conformance::check::{Check, Level, Outcome, Section, Settings, State, replay, run};
use scimgate_conformance::recording::{Scenario, embedded};
use scimgate_conformance::report::{Counts, Report, markdown, names, recordings_markdown};
use scimgate_conformance::{RunTag, Target, clauses};

use crate::progress::Progress;

/// Checks any SCIM 2.0 server against RFC 7643, RFC 7644 and RFC 9865, one check a clause.
///
/// The server needs room for some hundred users and groups, which are deleted again. The exit status is 0 if nothing
/// failed, 1 if something did, and 2 if the run could not be done.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Base URL of the server, such as http://127.0.0.1:8080/scim/v2
    #[arg(long, env = "SCIM_URL", required_unless_present = "list")]
    url: Option<String>,
    /// Bearer token that may read and write
    #[arg(long, env = "SCIM_TOKEN", hide_env_values = true, required_unless_present = "list")]
    token: Option<String>,
    /// Replay what a client sends besides the checks of the RFCs
    #[arg(long, value_enum, default_value_t = Profile::Rfc)]
    profile: Profile,
    /// Write a report: .html, .json or .xml (JUnit); may be given several times
    #[arg(long, value_name = "FILE", value_parser = report_file)]
    report: Vec<PathBuf>,
    /// Only what has this in its name or section: 3.5.2, rfc9865, entra/groups; may be given several times
    #[arg(long, value_name = "SECTION")]
    only: Vec<String>,
    /// Only clauses at least this binding
    #[arg(long, value_enum, default_value_t = Binding::May)]
    level: Binding,
    /// How many checks run at once
    #[arg(long, default_value_t = 4, value_name = "N")]
    concurrency: usize,
    /// Longest time for one check, in seconds
    #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// List the checks and do nothing
    #[arg(long)]
    list: bool,
    /// With --list: as the Markdown tables of the README
    #[arg(long, requires = "list")]
    markdown: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Profile {
    /// The RFCs alone
    Rfc,
    /// Microsoft Entra ID's recorded exchanges too
    Entra,
    /// Okta's recorded exchanges too
    Okta,
    /// Those of OneLogin, JumpCloud, Ping, Google, authentik and what clients disagree about
    Others,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Binding {
    Must,
    Should,
    May,
}

impl Profile {
    fn folder(self) -> &'static str {
        match self {
            Self::Rfc => "rfc",
            Self::Entra => "entra",
            Self::Okta => "okta",
            Self::Others => "others",
        }
    }
}

fn report_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match extension(&path) {
        "html" | "json" | "xml" => Ok(path),
        _ => Err("a report ends with .html, .json or .xml".to_owned()),
    }
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = if arguments.list { list(arguments.markdown) } else { conform(&arguments).await };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn list(as_markdown: bool) -> Result<ExitCode, Box<dyn std::error::Error>> {
    if as_markdown {
        println!("{}\n{}", markdown(), recordings_markdown()?);
    } else {
        names().for_each(|(name, level, clause)| println!("{name}  {level}  {clause}"));
    }
    Ok(ExitCode::SUCCESS)
}

async fn conform(arguments: &Arguments) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let (url, token) = (arguments.url.as_deref().unwrap_or_default(), arguments.token.as_deref().unwrap_or_default());
    let target = Target::parse(url, token)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let settings = Settings {
        tag: RunTag::parse(&format!("{:x}", now.as_millis()))?,
        concurrency: arguments.concurrency,
        timeout: Duration::from_secs(arguments.timeout),
    };
    let wanted = |section: &Section, check: &Check| {
        binds(arguments.level, check.level) && named(&arguments.only, &section.name_of(check), section.number)
    };
    let scenarios = scenarios(arguments)?;
    let sections = clauses::all();
    let checks = sections.iter().map(|section| section.checks.iter().filter(|check| wanted(section, check)).count());
    let total = checks.sum::<usize>() + scenarios.iter().map(|scenario| scenario.exchanges.len()).sum::<usize>();
    if total == 0 {
        return Err("no check has such a name; --list shows them all".into());
    }
    let (progress, started) = (Progress::start(total), Instant::now());
    let mut outcomes = run(&target, &sections, &wanted, &settings, &|outcome| progress.done(outcome)).await?;
    outcomes.extend(replay(&target, &scenarios, &settings, &|outcome| progress.done(outcome)).await?);
    progress.finish();
    let report = Report {
        server: target.base().to_owned(),
        profile: arguments.profile.folder().to_owned(),
        started: now.as_secs(),
        elapsed: started.elapsed(),
        outcomes,
    };
    for path in &arguments.report {
        let text = match extension(path) {
            "html" => report.html(),
            "json" => report.json(),
            _ => report.junit(),
        };
        std::fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(summary(&report))
}

fn binds(wanted: Binding, level: Level) -> bool {
    match wanted {
        Binding::Must => level == Level::Must,
        Binding::Should => level <= Level::Should,
        Binding::May => true,
    }
}

/// Whether a name is wanted: `3.5.2` means that section and those below it, everything else a part of the name.
fn named(only: &[String], name: &str, section: &str) -> bool {
    let below = |part: &str| section == part || section.strip_prefix(part).is_some_and(|rest| rest.starts_with('.'));
    let numeric = |part: &str| part.chars().all(|c| c.is_ascii_digit() || c == '.');
    only.is_empty() || only.iter().any(|part| if numeric(part) { below(part) } else { name.contains(part.as_str()) })
}

/// The scenarios of the profile; those that `--only` names whole or by their beginning.
fn scenarios(arguments: &Arguments) -> Result<Vec<Scenario>, Box<dyn std::error::Error>> {
    let folder = format!("{}/", arguments.profile.folder());
    let wanted =
        |scenario: &Scenario| scenario.name.starts_with(&folder) && named(&arguments.only, &scenario.name, "recorded");
    Ok(embedded()?.into_iter().filter(wanted).collect())
}

fn summary(report: &Report) -> ExitCode {
    let counts = Counts::of(&report.outcomes);
    let failed: Vec<&Outcome> =
        report.outcomes.iter().filter(|outcome| matches!(outcome.state, State::Failed(_))).collect();
    for outcome in &failed {
        if let State::Failed(text) = &outcome.state {
            println!(
                "FAILED {} ({})\n  {}\n  {}",
                outcome.name,
                outcome.level,
                outcome.clause,
                text.replace('\n', "\n  ")
            );
        }
    }
    println!(
        "{} passed, {} failed, {} skipped in {:.1} s",
        counts.passed,
        counts.failed,
        counts.skipped,
        report.elapsed.as_secs_f64()
    );
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn sections_are_named_by_number_or_by_a_part_of_the_name() {
        let only = |part: &str, section: &str| named(&[part.to_owned()], &format!("rfc7644-{section}-x"), section);
        assert!(only("3.5", "3.5.2.1") && only("3.5.2.1", "3.5.2.1") && only("rfc7644", "3.6"));
        assert!(!only("3.5", "3.50") && !only("3.5.2", "3.5.1") && !only("rfc7643", "3.6"));
        assert!(named(&[], "anything", "1"));
    }
}
