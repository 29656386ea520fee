//! `scimgate activity`

use reqwest::Client;
use serde_json::{Value, json};

use super::program::{Program, Serving};

/// Sends one request to the server's SCIM endpoints and answers the body.
pub async fn send(serving: &Serving, token: &str, method: &str, path: &str, body: Value) -> Value {
    let url = format!("{}/scim/v2{path}", serving.url);
    let request = Client::new().request(method.parse().unwrap(), url).bearer_auth(token.trim());
    let answer = request.header("content-type", "application/scim+json").body(body.to_string()).send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{status} {text} {:#?}", serving.heard());
    serde_json::from_str(&text).unwrap_or_default()
}

pub fn user(name: &str) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name})
}

fn patch(operation: Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]})
}

/// A tenant to whose user Ann things have happened; and the server that did them.
async fn with_history() -> (Program, Serving) {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    let token = scimgate.out(&["token", "create", "--tenant", "acme", "--name", "HR sync"]);
    let serving = scimgate.serve(&[]);
    let ann = send(&serving, &token, "POST", "/Users", user("ann@example.com")).await;
    let path = format!("/Users/{}", ann["id"].as_str().unwrap());
    for operation in [
        json!({"op": "replace", "path": "title", "value": "Engineer"}),
        json!({"op": "replace", "path": "title", "value": "Director"}),
        json!({"op": "replace", "path": "active", "value": false}),
        json!({"op": "replace", "path": "active", "value": true}),
    ] {
        send(&serving, &token, "PATCH", &path, patch(operation)).await;
    }
    send(&serving, &token, "DELETE", &path, Value::Null).await;
    (scimgate, serving)
}

fn actions(changes: &Value) -> Vec<&str> {
    changes.as_array().unwrap().iter().map(|change| change["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_change_is_told_with_who_did_it() {
    let (scimgate, _serving) = with_history().await;
    let told = scimgate.out(&["activity", "--tenant", "acme", "--kind", "change"]);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), ["WHEN", "ACTION", "WHAT", "NAME", "BY", "CHANGED"]);
    assert_eq!(lines.len(), 7, "{told}");
    assert!(lines[1..].iter().all(|line| line.contains("HR sync") && line.contains("ann@example.com")), "{told}");
    assert!(lines[4].contains("title Engineer -> Director"), "{told}");

    let changes = scimgate.json(&["activity", "--tenant", "acme", "--kind", "change", "--json"]);
    assert_eq!(actions(&changes), ["delete", "reactivate", "deactivate", "update", "update", "create"]);
    let title = &changes[3]["attributes"][0];
    assert_eq!(*title, json!({"path": "title", "old": "Engineer", "new": "Director"}), "{changes}");
}

#[tokio::test]
async fn a_change_of_members_is_told_with_the_group_s_name() {
    let (scimgate, serving) = with_history().await;
    let token = scimgate.out(&["token", "create", "--tenant", "acme", "--name", "x"]);
    let bob = send(&serving, &token, "POST", "/Users", user("bob")).await;
    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Tour Guides"});
    let group = send(&serving, &token, "POST", "/Groups", group).await;
    let path = format!("/Groups/{}", group["id"].as_str().unwrap());
    let add = json!({"op": "add", "path": "members", "value": [{"value": bob["id"]}]});
    send(&serving, &token, "PATCH", &path, patch(add)).await;
    let changes = scimgate.json(&["activity", "--tenant", "acme", "--json", "--limit", "1"]);
    assert_eq!((&changes[0]["target"]["name"], &changes[0]["action"]), (&json!("Tour Guides"), &json!("update")));
}

#[tokio::test]
async fn filters_narrow_it_down() {
    let (scimgate, _serving) = with_history().await;
    let told = |flags: &[&str]| {
        scimgate.json(&[&["activity", "--tenant", "acme", "--kind", "change", "--json"], flags].concat())
    };
    assert_eq!(actions(&told(&["--action", "update"])), ["update", "update"]);
    assert_eq!(actions(&told(&["--action", "deactivate"])), ["deactivate"]);
    assert_eq!(actions(&told(&["--limit", "2"])), ["delete", "reactivate"]);

    let all = told(&[]);
    let at = |number: usize| all[number]["at"].as_str().unwrap();
    assert_eq!(actions(&told(&["--from", at(1)])), ["delete", "reactivate"]);
    assert_eq!(actions(&told(&["--to", at(4)])), ["create"], "the end is not part of it");
    assert_eq!(actions(&told(&["--from", at(4), "--to", at(2), "--action", "update"])), ["update", "update"]);
    assert_eq!(told(&["--to", "2020-01-01"]), json!([]));
    assert_eq!(told(&["--from", "2020-01-01"]), all);
}

#[test]
fn what_cannot_be_is_told_with_what_to_do() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    let run = |flags: &[&str]| scimgate.run(&[&["activity", "--tenant", "acme"], flags].concat());
    let choices = "\"rename\" is no action; choose create, update, deactivate, reactivate, delete, read, bulk, or of";
    run(&["--action", "rename"]).badly(2, choices);
    for wrong in ["yesterday", "2026-13-01", "2026-11-01T08:00:00", "1"] {
        run(&["--from", wrong]).badly(2, "write a day like 2026-11-01 or an instant like 2026-11-01T08:00:00Z");
    }
    run(&["--limit", "many"]).badly(2, "--limit");
    scimgate.run(&["activity", "--tenant", "nobody"]).badly(1, "there is no tenant nobody");
    let nothing = run(&["--kind", "change"]);
    assert_eq!((nothing.code, nothing.out.as_str(), nothing.err.as_str()), (0, "", "none\n"));
}
