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

fn warnings(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["state"] == "warn");
    findings.map(|finding| finding["what"].as_str().unwrap()).collect()
}

/// How many resources there are in the whole database.
fn resources(scimgate: &Program) -> i64 {
    let counted = async {
        let (client, connection) = tokio_postgres::connect(&scimgate.url(), tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.query_one("SELECT count(*) FROM resources", &[]).await.unwrap().get::<_, i64>(0)
    };
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(counted)
}

#[test]
fn a_server_that_is_set_up_for_entra_passes_and_nothing_is_left_behind() {
    let scimgate = Program::new();
    token(&scimgate);
    let serving = scimgate.serve(PUBLIC);
    let (run, report) = check(&scimgate, &serving, "entra");
    assert_eq!(run.code, 0, "{:#?}", failures(&report));
    assert_eq!(resources(&scimgate), 0);
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
fn okta_and_ipsie_pass_where_all_is_as_they_need_it() {
    let scimgate = Program::new();
    token(&scimgate);
    scimgate.out(&["tenant", "set", "acme", "--profile", "okta"]);
    let serving = scimgate.serve(PUBLIC);
    let (run, report) = check(&scimgate, &serving, "okta");
    assert_eq!(run.code, 0, "{:#?}", failures(&report));
    assert!(warnings(&report).is_empty(), "{report:#}");
    scimgate.out(&["connection", "create", "--tenant", "acme", "--name", "Okta", "--kind", "okta"]);
    let urls = ["--issuer", "https://token.example.com", "--jwks-url", "https://token.example.com/keys"];
    let whose = ["--connection", "Okta", "--name", "Robot", "--audience", "api://scim", "--subject", "robot"];
    scimgate.out(&[&["issuer", "add", "--tenant", "acme"][..], &whose, &urls].concat());
    let (run, report) = check(&scimgate, &serving, "ipsie");
    assert_eq!(run.code, 0, "{:#?}", failures(&report));
    // That check has sent so many wrong credentials that the next one is asked to wait.
    let (run, report) = check(&scimgate, &serving, "ipsie");
    assert_eq!(run.code, 1);
    assert_eq!(failures(&report).len(), 1, "{report:#}");
    assert!(failures(&report)[0]["what"].as_str().unwrap().contains("asks this address to wait for"), "{report:#}");
}

#[test]
fn a_wrong_switch_is_found_by_the_rules_and_by_the_requests() {
    let scimgate = Program::new();
    token(&scimgate);
    let serving = scimgate.serve(PUBLIC);
    scimgate.out(&["tenant", "set", "acme", "--unknown-attributes", "refuse"]);
    let (run, report) = check(&scimgate, &serving, "entra");
    assert_eq!(run.code, 1);
    let told = warnings(&report).join("\n");
    assert!(told.contains("unknownAttributes is \"refuse\", and the profile entra has \"ignore\""), "{told}");
    assert!(told.contains("could not be tried, since they build on others that failed"), "{told}");
    let failed: Vec<&str> = failures(&report).iter().map(|finding| finding["what"].as_str().unwrap()).collect();
    assert!(failed.iter().any(|what| what.starts_with("entra/groups/create: ")), "{failed:#?}");
    assert!(failed.iter().all(|what| what.len() < 600 && !what.contains("is not set")), "{failed:#?}");

    scimgate.out(&["tenant", "set", "acme", "--profile", "entra", "--delete-deactivates", "true"]);
    let (_, report) = check(&scimgate, &serving, "entra");
    let told = warnings(&report).join("\n");
    assert!(told.contains("nothing was tried: the tenant keeps users who are deleted"), "{told}");
    assert_eq!(resources(&scimgate), 0);
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
