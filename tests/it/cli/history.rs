//! `scimgate history`, `scimgate explain` and `scimgate restore`: what became of one resource and of one request, and back.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};

use super::activity::{send, user};
use super::program::{Program, Said, Serving};

/// A tenant with a server.
struct Scene {
    scimgate: Program,
    serving: Serving,
    token: String,
}

impl Scene {
    fn new() -> Self {
        let scimgate = Program::new();
        scimgate.out(&["tenant", "create", "acme"]);
        let token = scimgate.out(&["token", "create", "--tenant", "acme", "--name", "HR sync"]).trim().to_owned();
        let serving = scimgate.serve(&[]);
        Self { scimgate, serving, token }
    }

    async fn send(&self, method: &str, path: &str, body: Value) -> Value {
        send(&self.serving, &self.token, method, path, body).await
    }

    /// Creates a user and answers its id.
    async fn user(&self, name: &str) -> String {
        self.send("POST", "/Users", user(name)).await["id"].as_str().unwrap().to_owned()
    }

    async fn retitle(&self, id: &str, title: &str) {
        let operation = json!({"op": "replace", "path": "title", "value": title});
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        let body = json!({"schemas": schemas, "Operations": [operation]});
        self.send("PATCH", &format!("/Users/{id}"), body).await;
    }

    /// Sends a request, whatever comes of it; answers its status and its id.
    async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, String) {
        let url = format!("{}/scim/v2{path}", self.serving.url);
        let request = Client::new().request(method.parse().unwrap(), url).bearer_auth(&self.token);
        let request = request.header("content-type", "application/scim+json").body(body.to_string());
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.headers()["x-request-id"].to_str().unwrap().to_owned())
    }

    /// Runs a command for the tenant.
    fn run(&self, words: &[&str]) -> Said {
        self.scimgate.run(&[words, &["--tenant", "acme"]].concat())
    }

    fn out(&self, words: &[&str]) -> String {
        self.run(words).well()
    }

    fn json(&self, words: &[&str]) -> Value {
        serde_json::from_str(&self.out(&[words, &["--json"]].concat())).unwrap()
    }

    /// What is told of a request that failed, once it is written: that is done in the background.
    async fn explained(&self, request: &str, flags: &[&str]) -> String {
        for _ in 0..100 {
            let told = self.run(&[&["explain", request], flags].concat());
            if told.code == 0 {
                return told.out;
            }
            assert!(told.err.contains("nothing is known of this request"), "{told:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the failed request {request} was not written");
    }
}

#[tokio::test]
async fn a_resource_s_history_is_found_by_its_name_even_when_it_is_gone() {
    let scene = Scene::new();
    let ann = scene.user("ann@example.com").await;
    scene.user("bob@example.com").await;
    scene.retitle(&ann, "Engineer").await;
    scene.retitle(&ann, "Director").await;
    scene.send("DELETE", &format!("/Users/{ann}"), Value::Null).await;

    let told = scene.out(&["history", "ann@example.com"]);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], format!("User ann@example.com ({ann})"));
    assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>(), ["VERSION", "WHEN", "ACTION", "BY", "CHANGED"]);
    assert_eq!(lines.len(), 6, "{told}");
    assert!(lines[3].starts_with('3') && lines[3].ends_with("title Engineer -> Director"), "{told}");
    assert!(lines[2..].iter().all(|line| line.contains("HR sync")), "{told}");

    let entries = scene.json(&["history", &ann]);
    let actions: Vec<&str> =
        entries.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["delete", "update", "update", "create"]);
    assert_eq!((&entries[2]["version"], &entries[3]["version"]), (&json!(2), &json!(1)));
    assert_eq!(scene.json(&["history", "ann@example.com", "--limit", "2"]).as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn of_several_resources_of_one_name_one_is_chosen_by_its_id() {
    let scene = Scene::new();
    let ann = scene.user("ann").await;
    scene.send("DELETE", &format!("/Users/{ann}"), Value::Null).await;
    let other = scene.user("ann").await;
    let several = scene.run(&["history", "ann"]);
    several.badly(1, "2 resources have or had that name; choose one by its id:");
    assert!(several.err.contains(&ann) && several.err.contains(&other), "{}", several.err);
    assert_eq!(scene.json(&["history", &other]).as_array().unwrap().len(), 1);
    scene.run(&["history", "eve"]).badly(1, "the tenant acme has and had no resource called eve, nor one with that id");
    scene.run(&["restore", "eve", "--version", "1"]).badly(1, "no resource called eve");
}

#[tokio::test]
async fn an_earlier_version_is_looked_at_and_brought_back() {
    let scene = Scene::new();
    let ann = scene.user("ann").await;
    scene.retitle(&ann, "Engineer").await;
    scene.retitle(&ann, "Director").await;
    let path = format!("/Users/{ann}");

    let back = ["restore", "ann", "--version", "2"];
    let looked = scene.out(&[&back[..], &["--dry-run"]].concat());
    assert_eq!(looked, "User ann would be brought back to version 2\nchanged: title Director -> Engineer\n");
    assert_eq!(scene.send("GET", &path, Value::Null).await["title"], "Director", "a look changes nothing");

    let done = scene.out(&back);
    assert_eq!(done, "User ann is back at version 2, as its version 4\nchanged: title Director -> Engineer\n");
    assert_eq!(scene.send("GET", &path, Value::Null).await["title"], "Engineer");
    assert_eq!(scene.out(&back), "User ann is as it was in version 2 already\n");
    let newest = &scene.json(&["history", "ann"])[0];
    assert_eq!((&newest["version"], &newest["restored"]), (&json!(4), &json!(2)));
    assert_eq!(newest["actor"]["kind"], "command line", "{newest}");

    scene.run(&["restore", "ann", "--version", "9"]).badly(1, "version");
    scene.run(&["restore", "ann", "--version", "0"]).badly(2, "--version");
}

#[tokio::test]
async fn a_removed_resource_is_brought_back_under_its_id() {
    let scene = Scene::new();
    let ann = scene.user("ann").await;
    scene.send("DELETE", &format!("/Users/{ann}"), Value::Null).await;
    let restored = scene.json(&["restore", "ann", "--version", "1"]);
    assert_eq!((&restored["wasRemoved"], &restored["restored"]), (&json!(true), &json!(1)));
    assert_eq!(scene.send("GET", &format!("/Users/{ann}"), Value::Null).await["userName"], "ann");
}

#[tokio::test]
async fn a_refused_request_is_explained() {
    let scene = Scene::new();
    let ann = scene.user("ann").await;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "username": "ANN", "active": "True",
        "password": "t0p-s3cret"
    });
    let (status, request) = scene.ask("POST", "/Users", body).await;
    assert_eq!(status, 409);
    let told = scene.explained(&request, &[]).await;
    assert!(told.starts_with("POST /scim/v2/Users was answered with 409 uniqueness: "), "{told}");
    for part in
        ["by        HR sync", "read otherwise", "the name was read as userName", "\"True\" was read as true", &ann]
    {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    assert!(!told.contains("t0p-s3cret"), "{told}");
    let explained: Value = serde_json::from_str(&scene.explained(&request, &["--json"]).await).unwrap();
    assert_eq!((&explained["failed"]["status"], &explained["request"]), (&json!(409), &json!(request)));
    assert_eq!(explained["failed"]["takenBy"][0]["id"], json!(ann));
}

#[tokio::test]
async fn a_request_that_changed_something_is_explained_too() {
    let scene = Scene::new();
    let (status, request) = scene.ask("POST", "/Users", user("ann")).await;
    assert_eq!(status, 201);
    let told = scene.out(&["explain", &request]);
    let last = told.lines().last().unwrap();
    assert_eq!(last.split_whitespace().take(3).collect::<Vec<_>>(), ["create", "User", "ann"], "{told}");
    assert!(!told.contains("read otherwise"), "{told}");
    let mut bob = user("bob");
    bob["active"] = "True".into();
    bob["shoeSize"] = 41.into();
    let (status, request) = scene.ask("POST", "/Users", bob).await;
    assert_eq!(status, 201);
    let told = scene.out(&["explain", &request]);
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<String> = told.lines().map(words).collect();
    for line in
        ["read otherwise active \"True\" was read as true", "left out shoeSize no schema of this endpoint has it here"]
    {
        assert!(lines.iter().any(|told| told == line), "{line} is not in {told}");
    }
    let (status, request) = scene.ask("GET", "/Users?count=0", Value::Null).await;
    assert_eq!(status, 200);
    scene.run(&["explain", &request]).badly(1, "nothing is known of this request");
    scene.run(&["explain", "not-an-id"]).badly(2, "not-an-id");
}
