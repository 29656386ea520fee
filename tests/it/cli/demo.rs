//! `scimgate demo`

use std::process::Stdio;

use rustix::process::Signal;
use serde_json::Value;

use super::program::{Program, Said};

const SMALL: [&str; 7] = ["demo", "--listen", "127.0.0.1:0", "--users", "41", "--groups", "3"];

fn run(scimgate: &Program) -> Said {
    scimgate.run(&[&SMALL[..], &["--exit"]].concat())
}

/// The figures of a sync: requests, created, updated, deactivated, failed.
#[track_caller]
fn figures(text: &str, name: &str) -> Vec<usize> {
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {text}"));
    line[name.len()..].split_whitespace().take(5).map(|figure| figure.parse().unwrap()).collect()
}

fn valid_tokens(scimgate: &Program, tenant: &str) -> usize {
    let tokens = scimgate.json(&["token", "list", "--tenant", tenant, "--json"]);
    tokens.as_array().unwrap().iter().filter(|token| token["revokedAt"].is_null()).count()
}

#[test]
fn both_syncs_run_through_and_again() {
    let scimgate = Program::new();
    let first = run(&scimgate);
    let text = first.well();
    let entra = figures(&text, "Microsoft Entra ID");
    assert_eq!((entra[1], entra[3], entra[4]), (44, 2, 0), "{text}");
    let okta = figures(&text, "Okta");
    assert_eq!((okta[1], okta[4]), (44, 0), "{text}");
    for tenant in ["entra-demo", "okta-demo"] {
        assert_eq!(valid_tokens(&scimgate, tenant), 1);
    }
    assert!(!text.contains("scim_"), "a token is shown for a server that has stopped: {text}");
    let mine = scimgate.out(&["token", "create", "--tenant", "entra-demo", "--name", "mine"]);

    let text = run(&scimgate).well();
    for name in ["Microsoft Entra ID", "Okta"] {
        let figures = figures(&text, name);
        assert_eq!((figures[1], figures[4]), (0, 0), "{text}");
    }
    assert_eq!(valid_tokens(&scimgate, "okta-demo"), 1, "the tokens of earlier runs are still valid");
    assert_eq!(valid_tokens(&scimgate, "entra-demo"), 2, "a token that is not the demo's was revoked: {mine}");
}

#[test]
fn without_exit_it_serves_until_told_to_stop() {
    let scimgate = Program::new();
    let mut child = scimgate.command(&SMALL).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap())).map(Result::unwrap);
    let text: Vec<String> = lines.by_ref().take_while(|line| !line.starts_with("Serving until")).collect();
    let told = |field: &str| {
        let line = text.iter().map(|line| line.trim()).find(|line| line.starts_with(field)).unwrap();
        line[field.len()..].trim().to_owned()
    };
    assert!(text.iter().any(|line| line == "Connect Okta (tenant okta-demo)"), "{text:#?}");
    let (url, token) = (told("Tenant URL"), told("Secret Token"));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listed: Value = runtime.block_on(async {
        let request = reqwest::Client::new().get(format!("{url}/Users?filter=active+eq+false")).bearer_auth(token);
        request.send().await.unwrap().json().await.unwrap()
    });
    assert_eq!(listed["totalResults"], 1, "{listed}");
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), Signal::INT).unwrap();
    assert!(child.wait().unwrap().success());
}
