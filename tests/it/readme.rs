//! README.md says what is true: its commands are those that CI runs, its command lines are understood, and its table of the
//! configuration is the program's.

use clap::Parser;
use scimgate::cli::CommandLine;

use crate::cli::help::{Flag, commands, flags, help};

const README: &str = include_str!("../../README.md");
const CI: &str = include_str!("../../.ci/run");

/// The lines of the blocks that are to be typed into a shell, without comments.
fn shell_lines() -> Vec<&'static str> {
    let blocks = README.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let lines = blocks.flat_map(str::lines).map(|line| line.split("  #").next().unwrap().trim());
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// What stands between single backquotes, outside of blocks.
fn code_spans() -> Vec<&'static str> {
    let prose = README.split("```").step_by(2);
    prose.flat_map(|text| text.split('`').skip(1).step_by(2)).collect()
}

/// A line's words as a shell splits them, as far as README goes: blanks and double quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (number, piece) in line.split('"').enumerate() {
        let mut pieces = if number % 2 == 1 { vec![piece] } else { piece.split(' ').collect() }.into_iter();
        words.last_mut().unwrap().push_str(pieces.next().unwrap());
        words.extend(pieces.map(str::to_owned));
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn the_two_commands_are_those_that_ci_runs() {
    let steps: Vec<&str> = CI.lines().filter_map(|line| line.strip_prefix("step ")).collect();
    let lines = shell_lines();
    for command in ["./demo", "cargo test --workspace --locked"] {
        assert!(lines.contains(&command), "README does not show {command}: {lines:?}");
        let runs = |step: &&str| *step == command || step.starts_with(&format!("{command} "));
        assert!(steps.iter().any(runs), "CI does not run {command}: {steps:?}");
    }
    assert!(steps.contains(&"cargo test --workspace --locked"), "CI runs some of the tests only: {steps:?}");
}

#[test]
fn every_scimgate_command_line_is_understood() {
    let lines: Vec<Vec<String>> = shell_lines().into_iter().chain(code_spans()).map(words).collect();
    let calls = |words: &&Vec<String>| {
        words.len() > 1 && (words[0] == "scimgate" || words[0].ends_with("/scimgate")) && !words[0].contains("://")
    };
    let lines: Vec<&Vec<String>> = lines.iter().filter(calls).collect();
    assert!(lines.len() >= 5, "{lines:?}");
    for line in lines {
        if let Err(error) = CommandLine::try_parse_from(line) {
            panic!("{line:?}: {error}");
        }
    }
}

/// The rows of the configuration's tables: flag, variable, default.
fn table() -> Vec<Flag> {
    let section = README.split("\n## Configuration\n").nth(1).expect("there is a section Configuration");
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `--"));
    let plain = |cell: &str| cell.trim().trim_matches('`').to_owned();
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let name = plain(cells[0]).trim_start_matches("--").split(' ').next().unwrap().to_owned();
        // One value in backquotes is what the program takes; anything else explains.
        let default = cells[2].trim().strip_prefix('`').and_then(|cell| cell.strip_suffix('`'));
        let default = default.filter(|value| !value.contains('`')).map(str::to_owned);
        Flag { name, variable: plain(cells[1]), default }
    })
    .collect()
}

#[test]
fn the_configuration_is_told_completely_and_truly() {
    let table = table();
    let mut known: Vec<Flag> = Vec::new();
    for command in commands() {
        for flag in flags(&help(&command.iter().map(String::as_str).collect::<Vec<_>>())) {
            if !known.contains(&flag) {
                known.push(flag);
            }
        }
    }
    for flag in &known {
        assert!(table.contains(flag), "README's configuration lacks {flag:?}, or tells something else");
    }
    for row in &table {
        assert!(known.contains(row), "README's configuration has {row:?}, the program has not");
    }
    assert!(README.contains("`SCIMGATE_LOG`") && help(&[]).contains("SCIMGATE_LOG"));
}
