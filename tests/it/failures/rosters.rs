//! The gateway is killed while rosters are committed: there is the old list or the new one, whole, and nothing between.

use std::time::Duration;

use reqwest::Client;
use rustix::process::Signal;
use scimgate::store::local::{Durability, LocalPostgres};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::gateway::Gateway;
use super::repeated;
use crate::cli::program::{bare, said};
use crate::embedded_postgres::stage::{Stage, options};

const ENTRIES: usize = 3_000;

struct Publisher {
    runtime: Runtime,
    http: Client,
    url: String,
    token: String,
}

impl Publisher {
    /// The answer to a request; `None` if there was none.
    fn ask(&self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, format!("{}/api/v1/apps/crm{path}", self.url)).bearer_auth(&self.token);
        let request = if body.is_null() { request } else { request.json(body) };
        self.runtime.block_on(async {
            let answer = request.send().await.ok()?;
            Some((answer.status().as_u16(), answer.json().await.ok()?))
        })
    }

    #[track_caller]
    fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.ask(method, path, body).expect("an answer");
        assert!(status < 300, "{path}: {status} {answer}");
        answer
    }

    /// A session with the list of that generation.
    fn prepared(&self, generation: usize) -> String {
        let session = self.done("POST", "/rosters", &json!({}))["id"].as_str().unwrap().to_owned();
        for part in 0..ENTRIES / 1_000 {
            let user = |n: usize| {
                let email = format!("g{generation}@example.com");
                json!({"appUserId": format!("{}", generation * 500 + part * 1_000 + n), "email": email})
            };
            let users = Value::from_iter((0..1_000).map(user));
            let body = json!({"part": part + 1, "provisionedUsers": users});
            self.done("POST", &format!("/rosters/{session}/users"), &body);
        }
        session
    }

    /// The generation of the current list, which must be whole.
    fn generation(&self) -> Option<usize> {
        let (mut cursor, mut emails) = (String::new(), Vec::new());
        loop {
            let page = self.done("GET", &format!("/users?limit=200{cursor}"), &Value::Null);
            let items = page["items"].as_array().unwrap();
            emails.extend(items.iter().map(|entry| entry["email"].as_str().unwrap().to_owned()));
            let Some(next) = page["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let first = emails.first()?.clone();
        assert_eq!(emails.len(), ENTRIES, "half a list");
        assert!(emails.iter().all(|email| *email == first), "two lists are mixed");
        Some(first[1..].split('@').next().unwrap().parse().unwrap())
    }
}

#[test]
fn row_4_3_kill_9_in_commits_leaves_the_old_list_or_the_new_one() {
    let stage = Stage::new();
    let server = LocalPostgres::start_or_attach(&options(&stage.dir(), Durability::Durable)).unwrap();
    let gateway = Gateway::on(&server.database_url());
    let run = |words: &[&str]| {
        let mut command = bare();
        command.env("SCIMGATE_DATABASE_URL", server.database_url()).args(words);
        said(command).well()
    };
    run(&["app", "create", "crm", "--tenant", "acme", "--removal-brake", "100"]);
    let token =
        run(&["token", "create", "--tenant", "acme", "--name", "x", "--scope", "roster:write"]).trim().to_owned();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut serving = gateway.serve();
    let http = Client::builder().no_proxy().timeout(Duration::from_secs(40)).build().unwrap();
    let mut publisher = Publisher { runtime, http, url: serving.url.clone(), token };
    let (mut current, mut acknowledged) = (None, 0);
    for generation in 1..=repeated("SCIMGATE_ROSTER_KILLS", 6) {
        let session = publisher.prepared(generation);
        let delay = Duration::from_millis((generation as u64 * 7) % 60);
        let commit = publisher.http.post(format!("{}/api/v1/apps/crm/rosters/{session}/commit", publisher.url));
        let commit = commit.bearer_auth(&publisher.token);
        let commit = publisher.runtime.spawn(async { commit.send().await });
        std::thread::sleep(delay);
        serving.signal(Signal::KILL);
        let answer = publisher.runtime.block_on(commit).unwrap().ok().map(|answer| answer.status().as_u16());
        serving = gateway.serve();
        publisher.url = serving.url.clone();
        let found = publisher.generation();
        if answer == Some(200) {
            acknowledged += 1;
            assert_eq!(found, Some(generation), "an acknowledged list was lost");
        }
        assert!(found == current || found == Some(generation), "{found:?} after {current:?} and {generation}");
        // Whatever became of it, the commit can be sent again.
        let again = publisher.done("POST", &format!("/rosters/{session}/commit"), &json!({}));
        assert_eq!(again["total"], ENTRIES);
        current = publisher.generation();
        assert_eq!(current, Some(generation));
    }
    eprintln!("{acknowledged} commits were acknowledged before the kill");
}
