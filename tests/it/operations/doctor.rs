//! `scimgate doctor`

use serde_json::Value;

use super::token;
use crate::cli::program::{Program, bare, said};

fn state<'a>(report: &'a Value, check: &str) -> &'a str {
    let found = report["findings"].as_array().unwrap().iter().find(|finding| finding["check"] == check);
    found.unwrap_or_else(|| panic!("no {check} in {report}"))["state"].as_str().unwrap()
}

/// The tests' own PostgreSQL syncs nothing to disk, which is what a doctor has to find.
#[test]
fn it_finds_what_loses_data_and_says_what_to_do() {
    let scimgate = Program::new();
    token(&scimgate);
    scimgate.out(&["token", "create", "--tenant", "acme", "--name", "short", "--expires", "5d"]);
    let run = scimgate.run(&["doctor", "--json", "--public-url", "http://scim.example.com"]);
    assert_eq!(run.code, 1, "{run:?}");
    let report: Value = serde_json::from_str(&run.out).unwrap();
    for (check, expected) in [
        ("fsync", "fail"),
        ("public_url", "fail"),
        ("standbys", "warn"),
        ("credentials", "warn"),
        ("postgresql", "ok"),
        ("clock", "ok"),
        ("secret_key", "warn"),
        ("migrations", "ok"),
        // The tests' PostgreSQL is in a hurry.
        ("autovacuum", "fail"),
    ] {
        assert_eq!(state(&report, check), expected, "{check}");
    }
    for finding in report["findings"].as_array().unwrap() {
        assert_eq!(finding["state"] == "ok", finding.get("advice").is_none(), "{finding}");
    }
    let people = scimgate.run(&["doctor"]);
    assert!(people.out.contains("FAIL  fsync") && people.out.contains("-> set fsync = on"), "{}", people.out);
}

#[test]
fn a_database_that_cannot_be_reached_is_a_finding() {
    let mut command = bare();
    command.env("SCIMGATE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none").args(["doctor", "--json"]);
    let run = said(command);
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(state(&serde_json::from_str(&run.out).unwrap(), "database"), "fail");
}
