//! `scimgate rule`

use serde_json::{Value, json};

use super::program::Program;
use crate::embedded_postgres::stage::ask;
use crate::rules::example;

#[test]
fn an_example_is_loaded_as_its_readme_says_and_its_rules_are_listed_shown_and_removed() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    for name in ["onefile", "skedulo"] {
        let readme = std::fs::read_to_string(example(&format!("{name}/README.md"))).unwrap();
        let lines = readme.lines().filter_map(|line| line.strip_prefix("    scimgate "));
        let mut count = 0;
        for line in lines {
            let line = line.replace("conformance/examples/", &example(""));
            scimgate.out(&line.split_whitespace().collect::<Vec<_>>());
            count += 1;
        }
        assert_eq!(count, 6, "{name}");
    }
    let listed = scimgate.json(&["rule", "list", "--tenant", "acme", "--json"]);
    let names: Vec<&Value> = listed["rules"].as_array().unwrap().iter().map(|rule| &rule["name"]).collect();
    assert_eq!(names, ["everybody", "learner", "employer-or-observer", "resource-role", "resource-region"]);
    let table = scimgate.out(&["rule", "list", "--tenant", "acme"]);
    assert!(table.contains("both ways") && table.contains("classroom -> Classroom"), "{table}");
    let shown = scimgate.json(&["rule", "show", "LEARNER", "--tenant", "acme", "--json"]);
    assert_eq!(shown["require"], json!(["defaultAssessor", "classroom", "placement"]));
    assert_eq!(scimgate.out(&["rule", "remove", "learner", "--tenant", "acme"]), "removed learner\n");
    scimgate.run(&["rule", "show", "learner", "--tenant", "acme"]).badly(1, "the tenant acme has no rule learner");
    scimgate.run(&["rule", "remove", "learner", "--tenant", "acme"]).badly(1, "the tenant acme has no rule learner");

    let told = ask(
        &scimgate.url(),
        "SELECT action || ' ' || target_name FROM admin_actions WHERE actor_kind = 'command line' AND action LIKE 'rule.%' \
        ORDER BY position",
    );
    let expected = [
        "rule.put everybody, learner, employer-or-observer",
        "rule.put resource-role, resource-region",
        "rule.remove learner",
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_cannot_be_a_rule_is_told_and_which_one_of_several() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    let add = |text: Value| scimgate.fed(&["rule", "add", "-", "--tenant", "acme"], &text.to_string());
    add(json!({"name": "a", "whom": "all"})).badly(1, "- is no rule that can be: \"whom\" is not known here");
    add(json!([{"name": "a", "require": ["title"]}, {"name": "b"}]))
        .badly(1, "rule 2 of - cannot be: requires nothing");
    add(json!({"name": "a", "require": "shoeSize pr"})).badly(1, "a.require: is not valid at position 0: 'shoeSize'");
    assert_eq!(scimgate.json(&["rule", "list", "--tenant", "acme", "--json"]), json!({"version": 0, "rules": []}));
}

#[test]
fn a_credential_is_made_with_a_limit_for_the_roles_it_gives_and_shown_with_it() {
    let scimgate = Program::new();
    let at = ["--tenant", "acme"];
    scimgate.out(&["tenant", "create", "acme"]);
    scimgate.out(&["connection", "create", "--tenant", "acme", "--name", "Entra", "--kind", "entra"]);
    scimgate.out(&["token", "create", "--tenant", "acme", "--name", "hr", "--max-role-weight", "5"]);
    let client =
        ["client", "create", "--tenant", "acme", "--connection", "Entra", "--name", "c", "--max-role-weight", "3"];
    scimgate.out(&client);
    let shown = |kind: &str| scimgate.json(&[&[kind, "list", "--json"][..], &at].concat())[0]["maxRoleWeight"].clone();
    assert_eq!((shown("token"), shown("client")), (json!(5), json!(3)));
    assert!(scimgate.out(&["token", "list", "--tenant", "acme"]).contains("roles up to a weight of 5"));
    assert!(scimgate.out(&["client", "list", "--tenant", "acme"]).contains("roles up to a weight of 3"));
}
