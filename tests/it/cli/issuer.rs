//! `scimgate issuer`

use std::sync::Arc;

use scimgate::gateway::{Gateway, NewConnection};
use scimgate::model::{ConnectionKind, Origin, SystemClock};
use scimgate::store::Store;
use serde_json::json;

use super::program::Program;
use crate::federation::issuer::{Key, TestIssuer};
use crate::support::scim::connect_config;

const TID: &str = "9f1e6a0e-0000-4000-8000-000000000001";
const APP: &str = "5d2b1f6c-0000-4000-8000-000000000002";

/// A tenant with a connection.
async fn prepared() -> Program {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    let store = Store::new(connect_config(&scimgate.url()), "").unwrap();
    let tenant = store.find_tenant(&"acme".parse().unwrap()).await.unwrap().unwrap();
    let (name, kind) = ("Entra".parse().unwrap(), ConnectionKind::Entra);
    let new = NewConnection { name, prefix: None, kind, profile: None };
    let gateway = Gateway::new(store, Arc::new(SystemClock));
    gateway.create_connection(tenant.id, new, &Origin::command_line()).await.unwrap();
    scimgate
}

fn add<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["issuer", "add", "--tenant", "acme", "--connection", "Entra", "--name", "Robot", "--json"], more].concat()
}

#[tokio::test]
async fn entra_needs_its_organisation_and_the_application_alone() {
    let scimgate = prepared().await;
    let added = scimgate.json(&add(&["--entra-tenant", TID, "--app-id", APP]));
    assert_eq!(added["trust"]["issuer"], format!("https://sts.windows.net/{TID}/"));
    assert_eq!(added["trust"]["jwksUrl"], format!("https://login.microsoftonline.com/{TID}/discovery/keys"));
    let trust = &added["trust"];
    assert_eq!((&trust["subjectClaim"], &trust["subject"], &trust["tid"]), (&json!("appid"), &json!(APP), &json!(TID)));
    let federated = scimgate.json(&add(&["--entra-tenant", TID, "--app-id", APP, "--audience", "api://scim"]));
    assert_eq!(federated["trust"]["issuer"], format!("https://login.microsoftonline.com/{TID}/v2.0"));
    let listed = scimgate.json(&["issuer", "list", "--tenant", "acme", "--json"]);
    assert_eq!(listed, json!([added, federated]));
    scimgate.run(&add(&["--entra-tenant", TID])).badly(1, "--app-id is missing: the client id");
    scimgate.run(&add(&["--entra-tenant", TID, "--app-id", APP])).badly(1, "act as another credential already");
}

#[tokio::test]
async fn an_issuer_is_shown_changed_and_removed() {
    let scimgate = prepared().await;
    let urls = ["--issuer", "https://token.example.com", "--jwks-url", "https://token.example.com/keys"];
    let more = ["--audience", "api://scim", "--subject", "repo:acme/hr", "--claim", "env=production"];
    let narrow = ["--scope", "read", "--algorithm", "RS256"];
    let added = scimgate.json(&add(&[&urls[..], &more, &narrow].concat()));
    let id = added["id"].as_str().unwrap();
    assert_eq!(added["scopes"], json!(["users:read", "groups:read"]));
    let shown = scimgate.out(&["issuer", "show", added["clientId"].as_str().unwrap()]);
    for text in ["https://token.example.com", "repo:acme/hr", "env = production", "RS256", "good once"] {
        assert!(shown.contains(text), "{text} is not in\n{shown}");
    }
    let changed = scimgate.json(&["issuer", "set", id, "--audience", "api://new", "--reusable", "--json"]);
    let mut wanted = added.clone();
    wanted["trust"]["audiences"] = json!(["api://new"]);
    wanted["trust"]["singleUse"] = json!(false);
    assert_eq!(changed, wanted);
    let rest = ["--name", "Reader", "--scope", "users:read", "--allowed-addresses", "192.0.2.0/24", "--expires", "90d"];
    let changed = scimgate.json(&[&["issuer", "set", id, "--json"], &rest[..]].concat());
    assert!(changed["expiresAt"].is_string(), "{changed}");
    wanted["name"] = json!("Reader");
    wanted["scopes"] = json!(["users:read"]);
    wanted["allowedAddresses"] = json!(["192.0.2.0/24"]);
    let back = ["issuer", "set", id, "--json", "--expires", "never"];
    assert_eq!(scimgate.json(&back), wanted);
    wanted["allowedAddresses"] = json!([]);
    assert_eq!(scimgate.json(&["issuer", "set", id, "--json", "--allowed-addresses", ""]), wanted);
    wanted["enabled"] = json!(false);
    wanted["maxRoleWeight"] = json!(-5);
    let off = ["issuer", "set", id, "--json", "--enabled", "false", "--max-role-weight", "-5"];
    assert_eq!(scimgate.json(&off), wanted);
    let shown = scimgate.out(&["issuer", "show", id]);
    assert!(shown.contains("refused: it is disabled") && shown.contains("-5"), "{shown}");
    wanted["enabled"] = json!(true);
    wanted["maxRoleWeight"] = json!(null);
    let on = ["issuer", "set", id, "--json", "--enabled", "true", "--max-role-weight", "any"];
    assert_eq!(scimgate.json(&on), wanted);
    scimgate.run(&["issuer", "set", id, "--max-role-weight", "heavy"]).badly(2, "is no whole number");
    scimgate.run(&["issuer", "set", id, "--expires", "soon"]).badly(2, "write for example");
    scimgate
        .run(&["issuer", "set", id, "--issuer", "http://token.example.com"])
        .badly(1, "--issuer does not begin with https");
    assert_eq!(scimgate.out(&["issuer", "remove", id]), format!("removed the issuer {id}\n"));
    scimgate.run(&["issuer", "remove", id]).badly(1, "there is no trusted issuer with the id");
    scimgate.run(&["issuer", "show", id]).badly(1, "`scimgate issuer list` lists them");
    scimgate.run(&["issuer", "show", "x"]).badly(2, "an id is a UUID");
}

#[tokio::test]
async fn its_keys_and_a_token_are_tested_as_a_server_would() {
    let scimgate = prepared().await;
    let (key, other) = (Key::ec("ec"), Key::ec("ec"));
    let issuer = TestIssuer::start(&[&key]);
    let (url, jwks_url) = (issuer.url(), issuer.jwks_url());
    let found = scimgate.json(&["issuer", "test", "--jwks-url", &jwks_url, "--allow-private-outbound", "--json"]);
    assert_eq!(found, json!({"jwksUrl": jwks_url, "keys": [{"kid": "ec", "algorithms": ["ES256"]}], "ignored": []}));
    let secure = jwks_url.replace("http:", "https:");
    scimgate.run(&["issuer", "test", "--jwks-url", &secure]).badly(1, "its host has no public address");
    scimgate.run(&["issuer", "test", "--jwks-url", &jwks_url]).badly(1, "does not begin with https://");

    let trust = ["--issuer", &url, "--jwks-url", &jwks_url, "--audience", "api://scim", "--subject", "robot"];
    let added = scimgate.json(&add(&[&trust[..], &["--allow-private-outbound"]].concat()));
    let id = added["id"].as_str().unwrap();
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp();
    let claims = json!({"iss": url, "aud": "api://scim", "sub": "robot", "iat": now, "exp": now + 600, "jti": "one"});
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let test = |token: &str| {
        std::fs::write(&file, token).unwrap();
        scimgate.run(&["issuer", "test", id, "--allow-private-outbound", "--token-file", file.to_str().unwrap()])
    };
    for _ in 0..2 {
        assert!(test(&key.sign(&claims)).well().ends_with("the token is good\n"));
    }
    let told = |said: super::program::Said, told: &str| assert!(said.code == 1 && said.err.contains(told), "{said:?}");
    told(
        test(&other.sign(&claims)),
        "the token would be refused: the token is not signed by an issuer that is trusted here",
    );
    let mut wrong = claims.clone();
    wrong["aud"] = json!("api://other");
    told(test(&key.sign(&wrong)), "audience (aud) is \"api://other\", and this issuer was registered with api://scim");
    issuer.publish(&[]);
    told(scimgate.run(&["issuer", "test", id, "--allow-private-outbound"]), "there is no key at");
}
