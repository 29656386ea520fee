//! `scimgate task`

use serde_json::{Value, json};

use super::program::Program;
use crate::embedded_postgres::stage::until;

async fn send(url: &str, token: &str, records: Value) {
    let request = reqwest::Client::new().post(format!("{url}/api/v1/users")).bearer_auth(token);
    let request = request.header("prefer", "respond-async").header("content-type", "application/json");
    let answer = request.body(records.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 202, "{}", answer.text().await.unwrap());
}

#[tokio::test]
async fn tasks_are_listed_shown_and_repeated_at_the_command_line() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    scimgate.out(&["tenant", "set", "acme", "--provisioning", "on"]);
    let token = scimgate.out(&["token", "create", "--tenant", "acme", "--name", "sis", "--scope", "provision"]);
    let serving = scimgate.serve(&[]);
    let person = |email: &str| json!({"email": email, "firstName": "Ann", "lastName": "Lee"});
    send(&serving.url, token.trim(), json!([person("a@example.com"), person("no\u{1b}address")])).await;
    let task = |words: &[&str]| scimgate.run(&[&["task"], words, &["--tenant", "acme"]].concat());
    let json = |words: &[&str]| -> Value { serde_json::from_str(&task(words).well()).unwrap() };
    until("the task is over", || json(&["list", "--json"])[0]["state"] == "done");

    let listed = json(&["list", "--json"]);
    let id = listed[0]["taskId"].as_i64().unwrap().to_string();
    let progress = json!({"total": 2, "done": 2, "inserted": 1, "updated": 0, "unchanged": 0, "failed": 1});
    assert_eq!((&listed[0]["progress"], &listed[0]["askedBy"]), (&progress, &json!("sis")));
    assert!(task(&["list"]).well().contains("2 of 2"));
    let shown = json(&["show", &id, "--json"]);
    assert_eq!(shown["records"][1]["failure"]["code"], "invalid_value");
    assert_eq!(shown["records"][0]["outcome"], "inserted");
    let failed = task(&["show", &id, "--failed"]).well();
    assert!(failed.contains("no\\u{1b}address") && !failed.contains("a@example.com"), "{failed}");
    task(&["cancel", &id]).badly(1, &format!("the task {id} is done already"));
    let again = task(&["retry", &id]).well().trim().to_owned();
    until("the second task is over", || json(&["list", "--json"])[0]["state"] == "done");
    let second = json(&["show", &again, "--json"]);
    assert_eq!((&second["retryOf"].to_string(), &second["askedBy"]), (&id, &json!("command line")));
    task(&["show", "999999"]).badly(1, "the tenant acme has no task 999999");
    task(&["show", "x"]).badly(2, "a task's id is a whole number from 1 on");
}
