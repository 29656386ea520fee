//! Flags and their variables.

use super::help::{commands, flags, help};
use super::program::{Program, bare, said};

#[test]
fn problems_are_told_together() {
    let mut command = bare();
    command.args(["serve", "--listen", "nowhere"]).env("SCIMGATE_MAX_BODY", "1MB");
    let told = said(command);
    told.badly(2, "--listen (SCIMGATE_LISTEN): \"nowhere\" is no address and port");
    told.badly(2, "--max-body (SCIMGATE_MAX_BODY): \"1MB\" is no size");
}

/// Each is given a text that it cannot mean, and all of them are named in the refusal.
#[test]
fn every_flag_of_serve_is_read_from_its_variable() {
    let is_tried = |name: &str| !is_of_database(name) && !means_any_text(name);
    let of_serve: Vec<_> = flags(&help(&["serve"])).into_iter().filter(|flag| is_tried(&flag.name)).collect();
    assert!(of_serve.len() >= 12, "{of_serve:?}");
    let mut command = bare();
    command.arg("serve");
    for flag in &of_serve {
        command.env(&flag.variable, "no such thing");
    }
    let told = said(command);
    for flag in &of_serve {
        // What may hold a password is not repeated.
        let repeated = if flag.name == "smtp-url" { "it is no URL" } else { "\"no such thing\"" };
        told.badly(2, &format!("--{} ({}): {repeated}", flag.name, flag.variable));
    }
}

/// A file or folder may have any name, and a switch is on whatever its variable says, but for `false` and the like.
fn means_any_text(name: &str) -> bool {
    ["mail-dir", "tls-cert", "tls-key", "allow-private-outbound"].contains(&name)
}

fn is_of_database(name: &str) -> bool {
    ["database-url", "data-dir", "pg-bin", "secret-key-file"].contains(&name)
}

#[test]
fn every_flag_of_every_command_names_its_variable() {
    for command in commands() {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        for flag in flags(&help(&words)) {
            let wanted = format!("SCIMGATE_{}", flag.name.to_uppercase().replace('-', "_"));
            assert_eq!(flag.variable, wanted, "{words:?} --{}", flag.name);
        }
    }
}

#[test]
fn variables_do_what_the_flags_do() {
    let scimgate = Program::new();
    let run = |words: &[&str], variables: &[(&str, &str)]| {
        let mut command = scimgate.command(words);
        command.envs(variables.iter().copied());
        said(command)
    };
    let tenant = ("SCIMGATE_TENANT", "acme");
    let json = ("SCIMGATE_JSON", "true");
    let created = run(&["tenant", "create", "acme"], &[("SCIMGATE_NAME", "Acme"), ("SCIMGATE_PROFILE", "okta"), json]);
    let created = created.well();
    assert!(created.contains("\"name\":\"Acme\"") && created.contains("\"profile\":\"okta\""), "{created}");
    let token = [tenant, ("SCIMGATE_NAME", "x"), ("SCIMGATE_SCOPE", "read"), ("SCIMGATE_EXPIRES", "1d")];
    assert!(run(&["token", "create"], &token).well().starts_with("scim_"));
    let tokens = run(&["token", "list"], &[tenant, json]).well();
    assert!(
        tokens.contains("\"scopes\":[\"users:read\",\"groups:read\"]") && !tokens.contains("\"expiresAt\":null"),
        "{tokens}"
    );
    let switches = [
        ("SCIMGATE_UNKNOWN_ATTRIBUTES", "refuse"),
        ("SCIMGATE_UNKNOWN_MEMBERS", "refuse"),
        ("SCIMGATE_UNKNOWN_ROLES", "create"),
        ("SCIMGATE_ENTITLEMENTS_ARE_ROLES", "true"),
        ("SCIMGATE_GROUP_PATCH_ANSWER", "no-content"),
        ("SCIMGATE_UNIQUE_GROUP_NAMES", "false"),
        ("SCIMGATE_DELETE_DEACTIVATES", "true"),
        ("SCIMGATE_EMPLOYEE_ID", "must-agree"),
    ];
    let shown = run(&["tenant", "set", "acme"], &[&switches[..], &[json]].concat()).well();
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(
        shown["dialect"],
        serde_json::json!({"unknownAttributes": "refuse", "unknownMembers": "refuse",
            "unknownRoles": "create", "entitlementsAreRoles": true, "groupPatchAnswer": "no-content",
            "uniqueGroupNames": false, "deleteDeactivates": true, "employeeId": "must-agree", "fenceConnections": false}),
    );
    let history =
        [tenant, ("SCIMGATE_ACTION", "create"), ("SCIMGATE_FROM", "2020-01-01"), ("SCIMGATE_LIMIT", "5"), json];
    assert_eq!(run(&["activity"], &[&history[..], &[("SCIMGATE_TO", "2021-01-01")]].concat()).well(), "[]\n");
    run(&["activity"], &[tenant, ("SCIMGATE_TO", "soon")]).badly(2, "write a day like");
    assert_eq!(run(&["migrate"], &[("SCIMGATE_DRY_RUN", "true")]).well(), "the database is up to date\n");
}

#[test]
fn a_password_in_the_database_url_is_never_shown() {
    for words in [&["tenant", "list"][..], &["serve", "--listen", "127.0.0.1:0"], &["serve", "--help"]] {
        let mut command = bare();
        command.args(words).env("SCIMGATE_DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/db?connect_timeout=1");
        let told = said(command);
        assert!(!format!("{told:?}").contains("hunter2"), "{told:?}");
    }
    let mut command = bare();
    command.args(["tenant", "list", "--database-url", "not-a-url:hunter2"]);
    let told = said(command);
    assert_ne!(told.code, 0);
    assert!(!told.err.contains("hunter2"), "{told:?}");
}

#[test]
fn without_a_home_the_flag_to_use_is_told() {
    if rustix::process::geteuid().is_root() {
        return; // Root's data have a place that needs no home.
    }
    let mut command = bare();
    command.args(["tenant", "list"]);
    said(command).badly(1, "choose a folder with --data-dir");
}
