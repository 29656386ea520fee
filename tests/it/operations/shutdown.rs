//! The end of a server as its clients see it.

use std::time::{Duration, Instant};

use reqwest::Client;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::token;
use crate::cli::program::{Program, Serving};

fn http2() -> Client {
    Client::builder().http2_prior_knowledge().build().unwrap()
}

async fn status(client: &Client, url: &str, token: &str) -> u16 {
    client.get(url).bearer_auth(token).send().await.unwrap().status().as_u16()
}

/// Waits for the end apart from the runtime's threads.
async fn end(serving: Serving) -> (i32, Vec<String>) {
    tokio::task::spawn_blocking(move || serving.end()).await.unwrap()
}

#[tokio::test]
async fn readiness_ends_first_and_service_goes_on_meanwhile() {
    let scimgate = Program::new();
    let token = token(&scimgate);
    let mut serving = scimgate.serve(&["--drain-delay", "2s"]);
    let (ready, users) = (format!("{}/readyz", serving.url), format!("{}/scim/v2/Users", serving.url));
    assert_eq!(status(&Client::new(), &ready, &token).await, 200);
    serving.signal(Signal::TERM);
    serving.hear("SIGTERM");
    while status(&Client::new(), &ready, &token).await != 503 {}
    // Over new connections and over HTTP/2 too.
    for client in [Client::new(), http2()] {
        assert_eq!(status(&client, &users, &token).await, 200);
    }
    let (code, said) = end(serving).await;
    assert_eq!(code, 0, "{said:#?}");
}

#[tokio::test]
async fn an_idle_connection_of_http2_does_not_hold_up_the_end() {
    let scimgate = Program::new();
    let token = token(&scimgate);
    let serving = scimgate.serve(&[]);
    let client = http2();
    assert_eq!(status(&client, &format!("{}/scim/v2/Users", serving.url), &token).await, 200);
    let told = Instant::now();
    serving.signal(Signal::TERM);
    let (code, said) = end(serving).await;
    assert_eq!(code, 0, "{said:#?}");
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
}

/// A bulk request is carried out as far as there is time. Every operation that was not begun is answered as such, so its client
/// knows what to send again.
#[tokio::test]
async fn bulk_requests_in_flight_are_answered_over_both_versions_of_http() {
    for (client, time) in [(Client::new(), "80s"), (http2(), "80s"), (Client::new(), "1ms")] {
        let scimgate = Program::new();
        let token = token(&scimgate);
        let mut serving = scimgate.serve(&["--shutdown-timeout", time]);
        let operation = |n: usize| {
            let data = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": format!("u{n}")});
            json!({"method": "POST", "path": "/Users", "bulkId": n.to_string(), "data": data})
        };
        let operations: Vec<Value> = (0..1_000).map(operation).collect();
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
        let request = client.post(format!("{}/scim/v2/Bulk", serving.url)).bearer_auth(&token);
        let asked = tokio::spawn(request.header("content-type", "application/scim+json").body(body.to_string()).send());
        let users = format!("{}/scim/v2/Users?count=0", serving.url);
        let total = async || {
            let answer = Client::new().get(&users).bearer_auth(&token).send().await.unwrap();
            answer.json::<Value>().await.unwrap()["totalResults"].as_u64().unwrap()
        };
        while total().await == 0 && !asked.is_finished() {}
        serving.signal(Signal::TERM);
        serving.hear("SIGTERM");
        let answer = asked.await.unwrap().unwrap();
        assert_eq!(answer.status(), 200);
        let answer: Value = answer.json().await.unwrap();
        let answers = answer["Operations"].as_array().unwrap();
        assert_eq!(answers.len(), 1_000);
        let left: Vec<&Value> = answers.iter().filter(|answer| answer["status"] != "201").collect();
        assert!(left.iter().all(|answer| answer["status"] == "503"), "{left:#?}");
        assert!(time == "1ms" || left.is_empty(), "{} of them were not begun", left.len());
        assert_eq!(end(serving).await.0, 0);
    }
}
