//! `scimgate tenant` and `scimgate migrate`

use serde_json::json;

use super::program::{Program, bare, said};
use crate::support::postgres::{Template, TestDatabase};

#[test]
fn a_tenant_is_created_listed_shown_and_changed() {
    let scimgate = Program::new();
    assert_eq!(scimgate.run(&["tenant", "list"]).well(), "");

    let created = scimgate.run(&["tenant", "create", "contoso", "--name", "Contoso Ltd", "--profile", "entra"]);
    assert!(created.err.contains("scimgate token create --tenant contoso"), "{}", created.err);
    assert_eq!(created.well(), "created the tenant contoso\n");
    assert_eq!(scimgate.out(&["tenant", "create", "acme"]), "created the tenant acme\n");

    let listed = scimgate.out(&["tenant", "list"]);
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["TENANT", "NAME", "PROFILE", "STATE", "CREATED"]);
    assert_eq!(lines[1][..4], ["acme", "acme", "rfc", "active"]);
    assert_eq!(lines[2][..4], ["contoso", "Contoso", "Ltd", "entra"]);
    assert_eq!(lines.len(), 3);

    let shown = scimgate.out(&["tenant", "show", "contoso"]);
    assert!(shown.contains("Contoso Ltd") && shown.contains("no-content"), "{shown}");

    let changed = scimgate.out(&["tenant", "set", "contoso", "--name", "Contoso AG", "--delete-deactivates", "true"]);
    assert!(changed.contains("Contoso AG"), "{changed}");
    let json = scimgate.json(&["tenant", "show", "contoso", "--json"]);
    assert_eq!((&json["name"], &json["profile"]), (&json!("Contoso AG"), &json!("entra")));
    assert_eq!((&json["dialect"]["deleteDeactivates"], &json["slug"]), (&json!(true), &json!("contoso")));
    // Whether yes is said as true or as on is one.
    let words = ["tenant", "set", "contoso", "--delete-deactivates", "off", "--fence-connections", "true", "--json"];
    let json = scimgate.json(&words);
    let (deactivates, fence) = (&json["dialect"]["deleteDeactivates"], &json["dialect"]["fenceConnections"]);
    assert_eq!((deactivates, fence), (&json!(false), &json!(true)));
}

#[test]
fn a_profile_starts_over_and_single_switches_change_it() {
    let scimgate = Program::new();
    let before = scimgate.json(&["tenant", "create", "acme", "--profile", "entra", "--json"]);
    let words = ["tenant", "set", "acme", "--profile", "strict", "--unknown-attributes", "ignore", "--json"];
    let after = scimgate.json(&words);
    assert_eq!((&before["dialect"]["groupPatchAnswer"], &after["profile"]), (&json!("no-content"), &json!("strict")));
    assert_eq!(after["dialect"]["groupPatchAnswer"], "resource");
    assert_eq!(after["dialect"]["unknownAttributes"], "ignore");
    assert_eq!(after["id"], before["id"]);
    assert_eq!(scimgate.json(&["tenant", "show", "acme", "--json"]), after);
    let mut listed = after;
    listed.as_object_mut().unwrap().remove("keepActivity");
    listed.as_object_mut().unwrap().remove("mail");
    assert_eq!(scimgate.json(&["tenant", "list", "--json"]), json!([listed]));
}

#[test]
fn a_tenant_takes_records_once_it_is_told_to() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    let off = scimgate.json(&["tenant", "show", "acme", "--json"])["provisioning"].clone();
    let expected = json!({
        "enabled": false, "credentials": "none", "uniqueEmail": true, "suppressInvitationEmail": false
    });
    assert_eq!(off, expected);
    let set = ["tenant", "set", "acme", "--provisioning", "on", "--credentials", "return-once"];
    let shown = scimgate.out(&set);
    assert!(shown.contains("provisioning.enabled") && shown.contains("return-once"), "{shown}");
    let words = ["tenant", "set", "acme", "--unique-email", "false", "--suppress-invitation-email", "true", "--json"];
    let expected = json!({
        "enabled": true, "credentials": "return-once", "uniqueEmail": false, "suppressInvitationEmail": true
    });
    assert_eq!(scimgate.json(&words)["provisioning"], expected);
    let types = scimgate.out(&["resource-type", "list", "--tenant", "acme"]);
    assert!(types.contains("Organization"), "{types}");
    let again = scimgate.json(&["tenant", "set", "acme", "--provisioning", "on", "--json"]);
    assert_eq!(again["provisioning"], expected);
    let wrong = scimgate.run(&["tenant", "set", "acme", "--credentials", "mail"]);
    assert!(wrong.err.contains("there are none, return-once, invite"), "{}", wrong.err);
}

#[test]
fn a_tenant_chooses_what_its_mails_look_like() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    let logo = "https://example.org/logo.png";
    let words = ["tenant", "set", "acme", "--mail-name", "Acme", "--logo-url", logo, "--language", "de", "--json"];
    let chosen = json!({"name": "Acme", "logoUrl": logo, "language": "de", "invitationDays": 7});
    let mut shown = scimgate.json(&words)["mail"].clone();
    shown.as_object_mut().unwrap().retain(|_, value| !value.is_object());
    assert_eq!(shown, chosen);
    let words = ["tenant", "set", "acme", "--logo-url", "", "--invitation-days", "14", "--json"];
    let shown = scimgate.json(&words)["mail"].clone();
    assert_eq!(
        (&shown["logoUrl"], &shown["name"], &shown["invitationDays"]),
        (&json!(null), &json!("Acme"), &json!(14))
    );
    for (flag, value, why) in [
        ("--logo-url", "http://example.org/x.png", "is no https URL"),
        ("--language", "tlh", "choose en, de, fr or es"),
        ("--invitation-days", "91", "is no number of days from 1 to 90"),
    ] {
        let wrong = scimgate.run(&["tenant", "set", "acme", flag, value]);
        assert!(wrong.err.contains(why), "{}", wrong.err);
    }
}

#[test]
fn what_cannot_be_is_told_with_what_to_do() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    scimgate
        .run(&["tenant", "create", "acme"])
        .badly(1, "scimgate: there is a tenant acme already; choose another name\n");
    let nobody = "scimgate: there is no tenant nobody; `scimgate tenant list` lists them\n";
    scimgate.run(&["tenant", "show", "nobody"]).badly(1, nobody);
    scimgate.run(&["tenant", "set", "nobody", "--name", "x"]).badly(1, nobody);
    for slug in ["", "Acme", "a b", "-", "a-", "a_b", "a.b", &"a".repeat(64)] {
        let refused = scimgate.run(&["tenant", "create", "--", slug]);
        refused.badly(
            2,
            "is no tenant name; use 1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or digit",
        );
    }
    let refused = scimgate.run(&["tenant", "create", "other", "--profile", "azure"]);
    refused.badly(2, "\"azure\" is no profile; choose rfc, entra, okta or strict");
    assert_eq!(scimgate.json(&["tenant", "list", "--json"]).as_array().unwrap().len(), 1);
}

#[test]
fn migrating_twice_changes_nothing() {
    let scimgate = Program::new();
    assert_eq!(scimgate.out(&["migrate"]), "the database is up to date\n");
    assert_eq!(scimgate.out(&["migrate", "--dry-run"]), "the database is up to date\n");
}

#[test]
fn a_database_of_one_s_own_is_migrated_only_when_asked() {
    let database = TestDatabase::copy_of(&Template::prepare("blank", "1", |_| async {}));
    let run = |words: &[&str]| {
        let mut command = bare();
        command.args(words).args(["--database-url", &database.url()]);
        said(command)
    };
    run(&["tenant", "list"]).badly(1, "run `scimgate migrate` with the same --database-url");
    let missing = run(&["migrate", "--dry-run"]).well();
    assert!(!missing.is_empty() && missing.lines().all(|line| line.starts_with("missing: ")), "{missing}");
    assert_eq!(run(&["migrate"]).well(), missing.replace("missing: ", "applied: "));
    assert_eq!(run(&["migrate"]).well(), "the database is up to date\n");
    assert_eq!(run(&["tenant", "list", "--json"]).well(), "[]\n");
}

#[test]
fn the_employee_id_is_what_the_tenant_says() {
    let scimgate = Program::new();
    let before = scimgate.json(&["tenant", "create", "acme", "--json"]);
    assert_eq!(before["dialect"]["employeeId"], "independent");
    for choice in ["external-id-from-employee-number", "employee-number-from-external-id", "must-agree", "independent"]
    {
        let after = scimgate.json(&["tenant", "set", "acme", "--employee-id", choice, "--json"]);
        assert_eq!(after["dialect"]["employeeId"], choice);
        assert!(scimgate.out(&["tenant", "show", "acme"]).contains(choice));
    }
    scimgate.run(&["tenant", "set", "acme", "--employee-id", "none"]).badly(2, "must-agree");
}

#[tokio::test]
async fn a_tenant_is_told_in_figures() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    let token = scimgate.out(&["token", "create", "--tenant", "acme", "--name", "x"]);
    let serving = scimgate.serve(&[]);
    for (name, active) in [("ann", true), ("bob", false)] {
        let body =
            json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "active": active});
        let request = reqwest::Client::new().post(format!("{}/scim/v2/Users", serving.url)).bearer_auth(token.trim());
        let answer = request.header("content-type", "application/scim+json").body(body.to_string()).send().await;
        assert_eq!(answer.unwrap().status(), 201);
    }
    let told = scimgate.json(&["tenant", "statistics", "acme", "--json"]);
    assert_eq!((&told["resources"]["User"], &told["activeShare"]), (&json!(2), &json!(0.5)));
    assert_eq!(told["changesPerDay"].as_array().unwrap().len(), 30);
    let shown = scimgate.out(&["tenant", "statistics", "acme"]);
    let lines: Vec<String> = shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let expected = ["User resources 2", "active users 1 (50 %)"];
    assert_eq!(lines[..2], expected, "{shown}");
    assert!(lines.contains(&"changes in 7 days 2".to_owned()), "{shown}");
}

#[test]
fn a_tenant_is_suspended_deleted_and_brought_back() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    let state = || scimgate.json(&["tenant", "show", "acme", "--json"])["state"].clone();
    assert!(scimgate.out(&["tenant", "suspend", "acme"]).starts_with("suspended the tenant acme"));
    assert_eq!(state(), "suspended");
    assert!(scimgate.out(&["tenant", "list"]).contains(" suspended "));
    assert_eq!(scimgate.out(&["tenant", "resume", "acme"]), "resumed the tenant acme\n");
    scimgate.run(&["tenant", "restore", "acme"]).badly(1, "is not deleted");
    let deleted = scimgate.run(&["tenant", "delete", "acme", "--grace", "7d"]);
    assert!(deleted.err.contains("scimgate tenant restore acme"), "{}", deleted.err);
    deleted.well();
    assert_eq!(state(), "deleted");
    assert!(scimgate.out(&["tenant", "list"]).contains(" deleted, kept until 20"));
    scimgate.run(&["tenant", "set", "acme", "--name", "x"]).badly(1, "restore it first");
    assert_eq!(scimgate.out(&["tenant", "restore", "acme"]), "restored the tenant acme\n");
    assert_eq!(state(), "active");
    scimgate.run(&["tenant", "delete", "nobody"]).badly(1, "`scimgate tenant list` lists them");
}

#[test]
fn shells_learn_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let mut command = bare();
        command.args(["completions", shell]);
        let script = said(command).well();
        assert!(script.contains("scimgate") && script.contains("resource-type"), "{shell}");
    }
}
