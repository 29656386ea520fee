//! `--help`, which is how the program is learnt.

use super::program::{bare, said};

/// A flag as the help tells of it.
#[derive(Debug, PartialEq)]
pub struct Flag {
    /// Without the hyphens.
    pub name: String,
    /// Its environment variable, or `""`.
    pub variable: String,
    /// What it is if it is not given, where that is one value.
    pub default: Option<String>,
}

/// What `scimgate WORDS --help` prints.
pub fn help(words: &[&str]) -> String {
    let mut command = bare();
    command.args(words).arg("--help");
    said(command).well()
}

/// The words of every command and of every command below it.
pub fn commands() -> Vec<Vec<String>> {
    let mut found = vec![Vec::<String>::new()];
    let mut looked_at = 0;
    while let Some(words) = found.get(looked_at).cloned() {
        let text = help(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let section = text.split("Commands:\n").nth(1).unwrap_or("").split("\n\n").next().unwrap();
        let names = section.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        let names = names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
        found.extend(names.map(|name| [words.clone(), vec![name.to_owned()]].concat()));
        looked_at += 1;
    }
    found
}

/// The flags in a help text, but for `--help` and `--version`.
pub fn flags(help: &str) -> Vec<Flag> {
    let mut found: Vec<Flag> = Vec::new();
    for line in help.lines().map(str::trim_start) {
        let at = line.find("--").filter(|at| *at == 0 || (*at == 4 && line.starts_with('-')));
        if let Some(at) = at {
            let name: String = line[at + 2..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
            found.push(Flag { name, variable: String::new(), default: None });
        } else if let (Some((_, variable)), Some(last)) = (line.split_once("[env: "), found.last_mut()) {
            last.variable = variable.split(['=', ']']).next().unwrap().to_owned();
        } else if let (Some(default), Some(last)) = (line.strip_prefix("[default: "), found.last_mut()) {
            last.default = default.strip_suffix(']').map(str::to_owned);
        }
    }
    found.retain(|flag| flag.name != "help" && flag.name != "version");
    found
}

#[test]
fn the_first_help_teaches() {
    insta::assert_snapshot!(help(&[]));
}

#[test]
fn a_call_without_a_command_shows_the_short_help() {
    let mut short = bare();
    short.arg("-h");
    let told = said(bare());
    assert_eq!((told.code, told.err), (2, said(short).well()));
}

#[test]
fn every_command_says_what_it_does_and_what_each_flag_is() {
    let all = commands();
    for wanted in ["serve", "demo", "migrate", "tenant create", "tenant set", "token revoke", "activity"] {
        assert!(all.iter().any(|words| words.join(" ") == wanted), "{wanted} is missing in {all:?}");
    }
    for words in &all {
        let text = help(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let first = text.lines().next().unwrap();
        assert!(first.len() > 15 && !first.starts_with("Usage"), "{words:?}: {first}");
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.trim_start().starts_with("--")) {
            let meaning = lines[number + 1].trim();
            assert!(meaning.len() > 8 && !meaning.starts_with('['), "{words:?}: {line} says nothing");
        }
    }
}

#[test]
fn the_version_is_the_package_s() {
    let mut command = bare();
    command.arg("--version");
    assert_eq!(said(command).well(), format!("scimgate {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_mistyped_command_is_corrected() {
    let mut command = bare();
    command.arg("serv");
    said(command).badly(2, "a similar subcommand exists: 'serve'");
}
