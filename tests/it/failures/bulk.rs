//! Bulk requests in the background whose nodes are killed in the middle: every operation is carried out once, and references hold.

use std::time::Duration;

use rand::RngExt;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::repeated;
use crate::cli::program::{Program, Serving};
use crate::embedded_postgres::stage::{ask, until};

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// Teams of one request; each is ten operations.
const TEAMS: usize = 80;

struct Stage {
    scimgate: Program,
    token: String,
}

impl Stage {
    fn new() -> Self {
        let scimgate = Program::new();
        scimgate.out(&["tenant", "create", "acme"]);
        let scopes = "bulk,users:write,groups:write";
        let token = scimgate.out(&["token", "create", "--tenant", "acme", "--name", "idp", "--scope", scopes]);
        Self { scimgate, token: token.trim().to_owned() }
    }

    fn serve(&self) -> Serving {
        let mut command = self.scimgate.command(&["serve", "--listen", "127.0.0.1:0", "--task-lease", "1s"]);
        command.env("SCIMGATE_SECRET_KEY", KEY);
        Serving::start(command)
    }

    fn number(&self, statement: &str) -> usize {
        ask(&self.scimgate.url(), statement).remove(0).parse().unwrap()
    }

    /// Sends a request, or asks for something, and takes the status, the location and the body.
    fn send(&self, url: &str, body: Option<&Value>) -> (u16, String, String) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = reqwest::Client::new();
            let request = match body {
                Some(body) => client.post(url).header("prefer", "respond-async").body(body.to_string()),
                None => client.get(url),
            };
            let answer = request.bearer_auth(&self.token).header("content-type", "application/scim+json").send().await;
            let answer = answer.unwrap();
            let location = answer.headers().get("location").map(|place| place.to_str().unwrap().to_owned());
            (answer.status().as_u16(), location.unwrap_or_default(), answer.text().await.unwrap())
        })
    }
}

/// A team: two users who manage each other, two who are managed, a change of each, a group and one around it, which hold each other.
fn team(at: usize) -> Vec<Value> {
    let user = |name: &str, manager: &str| {
        json!({"method": "POST", "path": "/Users", "bulkId": format!("{name}{at}"), "data": {
            "schemas": [USER, ENTERPRISE], "userName": format!("{name}{at}"),
            ENTERPRISE: {"manager": {"value": format!("bulkId:{manager}{at}")}},
        }})
    };
    let group = |name: &str, members: [&str; 2]| {
        let members = members.map(|member| json!({"value": format!("bulkId:{member}{at}")}));
        json!({"method": "POST", "path": "/Groups", "bulkId": format!("{name}{at}"), "data": {
            "schemas": [GROUP], "displayName": format!("{name}{at}"), "members": members,
        }})
    };
    let change = |name: &str| {
        json!({"method": "PATCH", "path": format!("/Users/bulkId:{name}{at}"), "data": {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "add", "path": "title", "value": format!("Title of {name}")}],
        }})
    };
    vec![
        group("team", ["a", "around"]),
        user("a", "b"),
        user("b", "a"),
        user("c", "a"),
        user("d", "c"),
        group("around", ["team", "d"]),
        change("a"),
        change("b"),
        change("c"),
        change("d"),
    ]
}

#[test]
fn killed_again_and_again_a_bulk_request_is_carried_out_once() {
    let kills = repeated("SCIMGATE_BULK_KILLS", 4);
    let stage = Stage::new();
    let operations: Vec<Value> = (0..TEAMS).flat_map(team).collect();
    let request = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
    let mut serving = stage.serve();
    let (status, location, body) = stage.send(&format!("{}/scim/v2/Bulk", serving.url), Some(&request));
    assert_eq!((status, body.as_str()), (202, ""));
    let txn = location.rsplit('/').next().unwrap();
    // Each user is made and changed, each group made and filled.
    let changes = TEAMS * (2 * 4 + 2 * 2);
    for round in 1..=kills {
        let enough = changes * round / (kills + 1);
        until("the request goes on", || stage.number("SELECT count(*) FROM changes") >= enough);
        std::thread::sleep(Duration::from_micros(rand::rng().random_range(0..20_000)));
        serving.signal(Signal::KILL);
        serving.end();
        serving = stage.serve();
    }
    until("the request is through", || stage.number("SELECT count(*) FROM tasks WHERE completed_at IS NULL") == 0);

    let states = ask(&stage.scimgate.url(), "SELECT state || ' ' || coalesce(error, '') FROM tasks");
    assert_eq!(states, ["done "]);
    let counted = "SELECT inserted * 1000000 + updated * 1000 + failed FROM tasks";
    assert_eq!(stage.number(counted), TEAMS * 6 * 1_000_000 + TEAMS * 4 * 1_000);
    assert_eq!(stage.number("SELECT count(*) FROM resources"), TEAMS * 6);
    assert_eq!(stage.number("SELECT count(*) FROM changes"), changes, "something was done twice");
    assert_eq!(stage.number("SELECT count(DISTINCT request_id) FROM changes"), TEAMS * 10);
    assert_eq!(stage.number("SELECT count(*) FROM memberships"), TEAMS * 4);
    let managed = "SELECT count(*) FROM resources u JOIN resources m ON m.tenant_id = u.tenant_id \
        AND m.id::text = u.document::json->'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'->'manager'->>'value' \
        WHERE u.document::json->>'title' = 'Title of ' || left(u.document::json->>'userName', 1)";
    assert_eq!(stage.number(managed), TEAMS * 4);
    let sealed = "SELECT count(*) FROM task_records WHERE record::text LIKE '%sealed%'";
    assert_eq!(stage.number(sealed), 0);

    // What is told is what is there.
    let (status, _, body) = stage.send(&format!("{}/scim/v2/Bulk/{txn}", serving.url), None);
    let told: Value = serde_json::from_str(&body).unwrap();
    let told = told["Operations"].as_array().unwrap();
    assert_eq!((status, told.len()), (200, TEAMS * 10));
    for (sent, told) in operations.iter().zip(told) {
        let expected = if sent["method"] == "POST" { "201" } else { "200" };
        assert_eq!((&told["status"], &told["method"]), (&json!(expected), &sent["method"]), "{told}");
        assert_eq!(told.get("bulkId"), sent.get("bulkId"));
        let id = told["location"].as_str().unwrap().rsplit('/').next().unwrap();
        let there = format!("SELECT count(*) FROM resources WHERE id = '{id}'");
        if sent["bulkId"].as_str().is_some_and(|name| name.ends_with('7')) {
            assert_eq!(stage.number(&there), 1);
        }
    }
}
