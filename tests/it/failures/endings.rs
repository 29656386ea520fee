//! What is under way when the gateway is told to stop, and what outlives it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::gateway::Gateway;
use super::ledger::audit;
use super::load::Load;
use crate::cli::program::{Program, Serving};
use crate::embedded_postgres::stage::{ask, until};
use crate::support::scim::{GROUP, USER};

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A client that asks one thing after the other.
struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Client {
    fn of(gateway: &Gateway, serving: &Serving) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, url: format!("{}/scim/v2", serving.url), token: gateway.token.clone() }
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.token).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn post(&self, path: &str, body: impl Into<String>) -> (u16, Value) {
        let request = self.http.post(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let answer = request.header("content-type", "application/scim+json").body(body.into()).send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    async fn create(&self, path: &str, body: Value) -> String {
        let (status, created) = self.post(path, body.to_string()).await;
        assert_eq!(status, 201, "{created}");
        created["id"].as_str().unwrap().to_owned()
    }
}

fn bulk(operations: Vec<Value>) -> String {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations}).to_string()
}

fn patch(user: &str, path: &str, value: &str) -> Value {
    let operations = json!([{"op": "replace", "path": path, "value": value}]);
    let data = json!({"schemas": [PATCH_OP], "Operations": operations});
    json!({"method": "PATCH", "path": format!("/Users/{user}"), "data": data})
}

/// With blanks up to that length.
fn padded(mut body: String, length: usize) -> String {
    body.extend(std::iter::repeat_n(' ', length - body.len()));
    body
}

fn user(name: &str) -> Value {
    json!({"schemas": [USER], "userName": name})
}

#[tokio::test]
async fn a_bulk_request_at_the_end_is_answered_operation_by_operation() {
    let scimgate = Program::new();
    let gateway = Gateway::on(&scimgate.url());
    let serving = gateway.serve();
    let client = Client::of(&gateway, &serving);
    let ada = client.create("/Users", user("ada")).await;
    // Hashing takes long, and no two changes of one user run at once. A group is written with its member or not at all.
    let operations: Vec<Value> = (0..200)
        .flat_map(|at| {
            let group = json!({"schemas": [GROUP], "displayName": format!("g{at}"), "members": [{"value": ada}]});
            let create = json!({"method": "POST", "path": "/Groups", "bulkId": at.to_string(), "data": group});
            [patch(&ada, "password", &format!("Pass-{at}-word")), create]
        })
        .collect();
    let answer = tokio::spawn(async move { client.post("/Bulk", bulk(operations)).await });
    let url = scimgate.url();
    let found = tokio::task::spawn_blocking(move || {
        let groups = || ask(&url, "SELECT count(*) FROM resources WHERE resource_type = 'Group'").remove(0);
        until("the request is under way", || groups() != "0");
        serving.signal(Signal::TERM);
        let (code, said) = serving.end();
        assert_eq!(code, 0, "{said:#?}");
        let members = ask(&url, "SELECT count(*) FROM memberships").remove(0);
        let version = ask(&url, "SELECT version FROM resources WHERE resource_type = 'User'").remove(0);
        [groups(), members, version]
    });
    let found = found.await.unwrap();
    let (status, answers) = answer.await.unwrap();
    let answers = answers["Operations"].as_array().unwrap().clone();
    assert_eq!((status, answers.len()), (200, 400));
    let is_done = |answer: &&Value| matches!(answer["status"].as_str().unwrap(), "200" | "201");
    let (done, left): (Vec<&Value>, Vec<&Value>) = answers.iter().partition(is_done);
    assert!(!done.is_empty() && !left.is_empty(), "{} done, {} left", done.len(), left.len());
    assert_eq!(answers.iter().take_while(is_done).count(), done.len(), "what came after the end was carried out");
    assert!(left.iter().all(|answer| answer["status"] == "503"), "{left:#?}");
    // The database has what was answered as done, and nothing else.
    let created = done.iter().filter(|answer| answer["method"] == "POST").count();
    assert_eq!(found, [created, created, 1 + done.len() - created].map(|count| count.to_string()));
}

#[tokio::test]
async fn a_walk_by_cursor_goes_on_after_the_server_was_restarted() {
    let scimgate = Program::new();
    let gateway = Gateway::on(&scimgate.url());
    let mut serving = gateway.serve();
    let client = Client::of(&gateway, &serving);
    let mut expected = BTreeSet::new();
    for at in 0..20 {
        expected.insert(client.create("/Users", user(&format!("u{at}"))).await);
    }
    let query = "/Users?count=7&sortBy=userName&filter=userName%20sw%20%22u%22&cursor=";
    let (mut seen, mut cursor) = (Vec::new(), Some(String::new()));
    while let Some(at) = cursor {
        let page = Client::of(&gateway, &serving).get(&format!("{query}{at}")).await;
        assert_eq!(page["totalResults"], 20);
        let resources = page["Resources"].as_array().unwrap();
        seen.extend(resources.iter().map(|user| user["id"].as_str().unwrap().to_owned()));
        cursor = page["nextCursor"].as_str().map(str::to_owned);
        serving.signal(Signal::TERM);
        assert_eq!(serving.end().0, 0);
        serving = gateway.serve();
    }
    assert_eq!((seen.len(), BTreeSet::from_iter(seen)), (20, expected));
}

#[test]
fn sigterm_loses_no_request_of_clients_that_speak_http_2() {
    let scimgate = Program::new();
    let gateway = Gateway::on(&scimgate.url());
    let serving = gateway.serve();
    let load = Load::over_http_2(&serving.url, &gateway.token);
    load.await_acknowledged(100);
    load.server_may_vanish();
    let told = Instant::now();
    serving.signal(Signal::TERM);
    let (code, said) = serving.end();
    // Each client was told to open no further stream, so that nobody has to wait until time is up.
    assert!(told.elapsed() < Duration::from_secs(6), "{:?}", told.elapsed());
    assert_eq!(code, 0, "{said:#?}");
    let ledgers = load.finish();
    let in_flight = ledgers.iter().flat_map(|ledger| &ledger.heard).filter(|heard| heard.began < told);
    let lost: Vec<_> = in_flight.filter(|heard| heard.status.is_none()).collect();
    assert!(lost.is_empty(), "not answered: {lost:#?}");
    audit(&scimgate.url(), &ledgers);
}

/// Large bodies share 32 MiB. A bulk request that is being carried out has no body any more.
#[tokio::test]
async fn a_bulk_request_under_way_takes_no_room_from_other_bodies() {
    const LARGEST: usize = 8 << 20;
    let scimgate = Program::new();
    let gateway = Gateway::on(&scimgate.url());
    let serving = gateway.serve();
    let client = Client::of(&gateway, &serving);
    let ada = client.create("/Users", user("ada")).await;
    let large = |title: &str| padded(bulk(vec![patch(&ada, "title", title)]), LARGEST);
    let (other, connection) = tokio_postgres::connect(&scimgate.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    other.batch_execute(&format!("BEGIN; UPDATE resources SET display = 'x' WHERE id = '{ada}'")).await.unwrap();
    // The first is carried out, and waits for the row; the others wait with their bodies for it to end.
    let (first, rest, user) = tokio::join!(
        client.post("/Bulk", large("1")),
        futures_util::future::join_all((0..3).map(|_| client.post("/Bulk", large("2")))),
        async {
            let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
            while other.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            let answer = client.post("/Users", padded(user("ben").to_string(), 1 << 20)).await;
            other.batch_execute("ROLLBACK").await.unwrap();
            answer
        },
    );
    assert_eq!(user.0, 201, "{}", user.1);
    for (status, answer) in rest.into_iter().chain([first]) {
        assert_eq!((status, answer["Operations"].as_array().map(Vec::len)), (200, Some(1)), "{answer}");
    }
}
