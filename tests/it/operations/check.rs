//! `scimgate check`

use serde_json::Value;

use super::token;
use crate::cli::program::{Program, Said, Serving};

const PUBLIC: &[&str] = &["--public-url", "https://scim.example.com", "--failed-auth-limit", "10"];

fn check(scimgate: &Program, serving: &Serving, profile: &str) -> (Said, Value) {
    let url = format!("{}/scim/v2", serving.url);
    let run = scimgate.run(&["check", "--tenant", "acme", "--profile", profile, "--url", &url, "--json"]);
    let report = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    (run, report)
}

fn failures(report: &Value) -> Vec<&Value> {
    report["findings"].as_array().unwrap().iter().filter(|finding| finding["state"] == "fail").collect()
}

#[test]
fn a_server_that_is_set_up_for_entra_passes_and_nothing_is_left_behind() {
    let scimgate = Program::new();
    token(&scimgate);
    let serving = scimgate.serve(PUBLIC);
    let (run, report) = check(&scimgate, &serving, "entra");
    assert_eq!(run.code, 0, "{:#?}", failures(&report));
    let left = futures_util::FutureExt::boxed(async {
        let (client, connection) = tokio_postgres::connect(&scimgate.url(), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.query_one("SELECT count(*) FROM resources", &[]).await.unwrap().get::<_, i64>(0)
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(left), 0);
    let tokens = scimgate.json(&["token", "list", "--tenant", "acme", "--json"]);
    let own = tokens.as_array().unwrap().iter().find(|token| token["name"] == "scimgate check").unwrap();
    assert!(own["revokedAt"].is_string() && own["expiresAt"].is_string(), "{own}");
}

#[test]
fn what_is_not_as_a_provider_needs_it_is_told() {
    let scimgate = Program::new();
    token(&scimgate);
    let serving = scimgate.serve(&[]);
    let (run, report) = check(&scimgate, &serving, "ipsie");
    assert_eq!(run.code, 1);
    let told = format!("{:#?}", failures(&report));
    assert!(told.contains("RFC 7523") && told.contains("no identity provider can reach"), "{told}");
    assert!(told.contains("none with 429"), "{told}");
}

#[test]
fn a_server_that_does_not_answer_is_told_once() {
    let scimgate = Program::new();
    token(&scimgate);
    let url = "http://127.0.0.1:1/scim/v2";
    let run = scimgate.run(&["check", "--tenant", "acme", "--profile", "okta", "--url", url, "--json"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, failures(&report).len()), (1, 1), "{report:#}");
}
