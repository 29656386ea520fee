//! `scimgate schema` and `scimgate resource-type`

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use super::program::{Program, Said, said};
use crate::embedded_postgres::stage::ask;

const EQUIPMENT: &str = "urn:ietf:params:scim:schemas:extension:example:2.0:Equipment";

fn example(file: &str) -> String {
    format!("{}/conformance/schemas/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn program() -> Program {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    scimgate
}

impl Program {
    /// A run with `text` on standard input.
    pub fn fed(&self, words: &[&str], text: &str) -> Said {
        let mut input = tempfile::tempfile().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        std::io::Seek::rewind(&mut input).unwrap();
        let mut command = self.command(words);
        command.stdin(Stdio::from(input));
        said(command)
    }
}

#[test]
fn schemas_and_a_resource_type_are_added_listed_shown_and_removed() {
    let scimgate = program();
    let at = ["--tenant", "acme"];
    let run = |words: &[&str]| scimgate.out(&[words, &at].concat());
    run(&["schema", "add", &example("device.json")]);
    let added = run(&["schema", "add", &example("equipment.json"), "--extends", "User"]);
    assert_eq!(added, format!("added {EQUIPMENT}; the tenant's schemas are at version 2\n"));
    let added = scimgate.json(&["resource-type", "add", &example("device-type.json"), "--tenant", "acme", "--json"]);
    assert_eq!(added, json!({ "done": "added", "name": "Device", "version": 3 }));

    let listed = scimgate.json(&["schema", "list", "--tenant", "acme", "--json"]);
    assert_eq!(listed["version"], 3);
    assert_eq!(listed["schemas"][1]["urn"], EQUIPMENT);
    assert_eq!(listed["schemas"][1]["resourceTypes"], json!(["User", "Device"]));
    assert!(run(&["schema", "list"]).contains("User, Device"));
    let types = scimgate.json(&["resource-type", "list", "--tenant", "acme", "--json"]);
    let names: Vec<&Value> = types["resourceTypes"].as_array().unwrap().iter().map(|kind| &kind["name"]).collect();
    assert_eq!(names, ["User", "Group", "Device"]);
    assert!(run(&["resource-type", "list"]).contains("/Devices"));

    // What is shown can be added again, and is the same.
    let shown = run(&["schema", "show", &EQUIPMENT.to_uppercase()]);
    let again = scimgate.fed(&["schema", "add", "-", "--tenant", "acme", "--json"], &shown).well();
    assert!(again.starts_with("{\"done\":\"replaced\""), "{again}");
    assert_eq!(run(&["schema", "show", EQUIPMENT]), shown);
    let shown = run(&["resource-type", "show", "device"]);
    scimgate.fed(&["resource-type", "add", "-", "--tenant", "acme"], &shown).well();

    let based =
        scimgate.run(&["schema", "remove", "--tenant", "acme", "urn:ietf:params:scim:schemas:example:2.0:Device"]);
    based.badly(1, "Device is built on this schema; remove that resource type first");
    run(&["resource-type", "remove", "Device"]);
    run(&["schema", "remove", EQUIPMENT]);
    let types = scimgate.json(&["resource-type", "list", "--tenant", "acme", "--json"]);
    assert_eq!(types["resourceTypes"].as_array().unwrap().len(), 2);
    assert_eq!(types["resourceTypes"][0]["schemaExtensions"].as_array().unwrap().len(), 1);

    // Each change is told in the log of administration, in the statement that made it.
    let told = ask(
        &scimgate.url(),
        "SELECT action || ' ' || target_name FROM admin_actions WHERE actor_kind = 'command line' \
        AND (action LIKE 'schema.%' OR action LIKE 'resource_type.%') ORDER BY position",
    );
    let device = "urn:ietf:params:scim:schemas:example:2.0:Device";
    let expected = [
        format!("schema.put {device}"),
        format!("schema.put {EQUIPMENT}"),
        "resource_type.put Device".to_owned(),
        format!("schema.put {EQUIPMENT}"),
        "resource_type.put Device".to_owned(),
        "resource_type.remove Device".to_owned(),
        format!("schema.remove {EQUIPMENT}"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_cannot_be_registered_is_told_line_by_line() {
    let scimgate = program();
    let add = |text: &str| scimgate.fed(&["schema", "add", "-", "--tenant", "acme"], text);
    add("{").badly(1, "- is not acceptable JSON");
    add("{\"id\":\"urn:x:y\",\"ID\":1}").badly(1, "stands more than once");
    let wrong =
        json!({ "id": "urn:x:y", "name": "n", "attributes": [{ "name": "a", "type": "text" }, { "name": "id" }] });
    let told = add(&wrong.to_string());
    told.badly(1, "\nattributes[1].name: id has a meaning of its own in SCIM");
    told.badly(1, "attributes[0].type: must be one of string, boolean");
    add(&" ".repeat((256 << 10) + 1)).badly(1, "- is larger than 262144 bytes");
    let missing = scimgate.run(&["schema", "add", "/nowhere/x.json", "--tenant", "acme"]);
    missing.badly(1, "/nowhere/x.json cannot be opened");
    let no_type = ["schema", "add", &example("device.json"), "--tenant", "acme", "--extends", "Nothing"];
    scimgate.run(&no_type).badly(1, "there is no resource type Nothing");
    scimgate.run(&["schema", "add", &example("device.json"), "--tenant", "acme", "--required"]).badly(2, "--extends");
    let early = scimgate.run(&["resource-type", "add", &example("device-type.json"), "--tenant", "acme"]);
    early.badly(1, "there is no schema urn:ietf:params:scim:schemas:example:2.0:Device; register it first");
    for words in [["schema", "show"], ["schema", "remove"], ["resource-type", "remove"]] {
        let unknown = scimgate.run(&[&words[..], &["urn:x:none", "--tenant", "acme"]].concat());
        unknown.badly(1, "the tenant acme has registered no");
    }
    assert_eq!(scimgate.json(&["schema", "list", "--tenant", "acme", "--json"])["version"], 0);
}

#[test]
fn the_help_shows_how_a_schema_is_written() {
    let help = super::help::help(&["schema", "add"]);
    let example = help.split("{ \"id\"").nth(1).unwrap().split("] } ] }").next().unwrap();
    let schema: Value = serde_json::from_str(&format!("{{ \"id\"{example}] }} ] }}")).unwrap();
    let scimgate = program();
    scimgate.fed(&["schema", "add", "-", "--tenant", "acme", "--extends", "User,Group"], &schema.to_string()).well();
}
