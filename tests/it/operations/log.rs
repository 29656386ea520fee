//! The access log.

use serde_json::Value;

use super::token;
use crate::cli::program::{Program, Serving};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

async fn ask(serving: &Serving, token: &str, path: &str) -> reqwest::Response {
    let request = reqwest::Client::new().get(format!("{}{path}", serving.url)).bearer_auth(token);
    request.header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01")).send().await.unwrap()
}

#[tokio::test]
async fn a_request_is_one_line_with_its_trace() {
    let scimgate = Program::new();
    let token = token(&scimgate);
    let mut serving = scimgate.serve(&[]);
    let answer = ask(&serving, &token, "/scim/v2/Users?filter=userName%20eq%20%22secret%22").await;
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let trace = answer.headers()["traceresponse"].to_str().unwrap();
    assert!(trace.starts_with(&format!("00-{TRACE}-")) && trace.ends_with("-01"), "{trace}");
    let line = serving.hear(&id);
    for part in ["GET /scim/v2/Users 200", " acme ", "client=127.0.0.1", &format!("trace={TRACE}")] {
        assert!(line.contains(part), "{line} lacks {part}");
    }
    assert!(!line.contains("secret"), "{line}");
}

#[tokio::test]
async fn every_line_is_an_object_if_that_is_asked_for() {
    let scimgate = Program::new();
    let token = token(&scimgate);
    let mut serving = scimgate.serve(&["--access-log", "json"]);
    let answer = ask(&serving, &token, "/scim/v2/Users/%0d%0aforged%22").await;
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let line = serving.hear(&id);
    let line: Value = serde_json::from_str(&line).unwrap();
    for (field, expected) in [
        ("method", Value::from("GET")),
        ("path", "/scim/v2/Users/%0d%0aforged%22".into()),
        ("status", 404.into()),
        ("tenant", "acme".into()),
        ("client", "127.0.0.1".into()),
        ("request", id.as_str().into()),
        ("trace", TRACE.into()),
        ("level", "INFO".into()),
    ] {
        assert_eq!(line[field], expected, "{line}");
    }
    assert!(line["milliseconds"].is_number() && line["time"].is_string(), "{line}");
    for line in &serving.said {
        assert!(serde_json::from_str::<Value>(line).is_ok_and(|line| line.is_object()), "{line}");
    }
}

#[tokio::test]
async fn it_can_be_left_out() {
    let scimgate = Program::new();
    let token = token(&scimgate);
    let serving = scimgate.serve(&["--access-log", "off"]);
    ask(&serving, &token, "/scim/v2/Users").await;
    serving.signal(rustix::process::Signal::TERM);
    let (_, said) = serving.end();
    assert!(!said.iter().any(|line| line.contains("scimgate::access")), "{said:#?}");
}
