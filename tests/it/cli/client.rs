//! `scimgate client`, `scimgate signing-key`, and the secret key that they need.

use std::io::{Read, Write};

use serde_json::{Value, json};

use super::program::{Program, Serving, said};
use crate::support::oauth::{FORM, GRANT, basic};

const KEY: &str = "dGVzdHMgb2Ygc2NpbWdhdGUgc2VhbCB3aXRoIHRoaXM=";

/// A tenant with a connection.
fn with_connection() -> Program {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    scimgate.out(&["connection", "create", "--tenant", "acme", "--name", "Entra", "--kind", "entra"]);
    scimgate
}

const CREATE: [&str; 9] =
    ["client", "create", "--tenant", "acme", "--connection", "Entra", "--name", "Entra client", "--json"];

/// POSTs to the token endpoint; answers the status line and the body.
fn ask_token(serving: &Serving, client: &Value) -> (String, Value) {
    let header = basic(client["clientId"].as_str().unwrap(), client["clientSecret"].as_str().unwrap());
    let mut stream = serving.connect();
    let request = format!(
        "POST /oauth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {header}\r\n\
         Content-Type: {FORM}\r\nContent-Length: {}\r\n\r\n{GRANT}",
        GRANT.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), serde_json::from_str(body).unwrap())
}

#[test]
fn a_client_is_made_shown_and_revoked() {
    let scimgate = with_connection();
    let created = scimgate.run(&CREATE);
    let client: Value = serde_json::from_str(&created.out).unwrap();
    let (id, secret) = (client["clientId"].as_str().unwrap(), client["clientSecret"].as_str().unwrap());
    assert!(id.starts_with("scimc_") && secret.starts_with("scims_"), "{client}");
    assert!(created.err.contains("shown once") && !created.err.contains(secret), "{}", created.err);
    let added = scimgate.out(&["client", "add-secret", id, "--secret-years", "1"]);
    assert!(added.starts_with(&format!("client id      {id}\nclient secret  scims_")), "{added}");
    let second = added.trim().rsplit(' ').next().unwrap();

    for words in [&["client", "list", "--tenant", "acme"][..], &["client", "list", "--tenant", "acme", "--json"]] {
        let listed = scimgate.out(words);
        assert!(listed.contains(id) && listed.contains("Entra client"), "{listed}");
        assert!(!listed.contains(secret.split('_').nth(2).unwrap()), "{listed}");
    }
    assert_eq!(scimgate.json(&["client", "show", id, "--json"])["secrets"].as_array().unwrap().len(), 2);
    let off = ["client", "set", id, "--enabled", "false", "--max-role-weight", "7", "--json"];
    let changed = scimgate.json(&off);
    assert_eq!((&changed["enabled"], &changed["maxRoleWeight"]), (&json!(false), &json!(7)));
    assert!(scimgate.out(&["client", "list", "--tenant", "acme"]).contains("disabled"));
    let on = ["client", "set", id, "--enabled", "true", "--max-role-weight", "any", "--scope", "users:read"];
    let shown = scimgate.out(&on);
    assert!(shown.contains("users:read") && shown.contains("In use") && !shown.contains("disabled"), "{shown}");
    scimgate.out(&["client", "revoke-secret", id, second]);
    let shown = scimgate.out(&["client", "show", id]);
    assert_eq!(shown.matches("revoked ").count(), 1, "{shown}");
    assert!(shown.contains(&secret[secret.len() - 4..]), "{shown}");
    assert_eq!(scimgate.out(&["client", "revoke", id]), format!("revoked the client {id}\n"));
    assert!(scimgate.json(&["client", "show", id, "--json"])["revokedAt"].is_string());
    scimgate.run(&["client", "add-secret", id]).badly(1, &format!("there is no client {id}"));

    scimgate.run(&["client", "revoke", "scimc_1"]).badly(2, "those begin with \"scimc_\"");
    let other = ["client", "create", "--tenant", "acme", "--connection", "Okta", "--name", "x"];
    scimgate.run(&other).badly(1, "the tenant acme has no connection Okta");
    let minutes = [&CREATE[..], &["--token-minutes", "30"]].concat();
    scimgate.run(&minutes).badly(2, "choose 60 to 360 minutes");
}

#[test]
fn a_server_with_a_secret_key_signs_and_one_without_says_what_to_do() {
    let scimgate = with_connection();
    let client = scimgate.json(&CREATE);
    let without = scimgate.serve(&[]);
    assert!(
        without.said.iter().any(|line| line.contains("set --secret-key-file or SCIMGATE_SECRET_KEY")),
        "{:?}",
        without.said
    );
    let (status, error) = ask_token(&without, &client);
    assert_eq!(
        (status.as_str(), &error["error"]),
        ("HTTP/1.1 503 Service Unavailable", &Value::from("temporarily_unavailable"))
    );
    assert!(error["error_description"].as_str().unwrap().contains("--secret-key-file"), "{error}");
    scimgate.run(&["signing-key", "rotate"]).badly(1, "no secret key is configured to seal secrets with");

    let keyed = |words: &[&str]| {
        let mut command = scimgate.command(words);
        command.env("SCIMGATE_SECRET_KEY", KEY);
        command
    };
    let with = Serving::start(keyed(&["serve", "--listen", "127.0.0.1:0"]));
    let (status, granted) = ask_token(&with, &client);
    assert_eq!((status.as_str(), &granted["expires_in"]), ("HTTP/1.1 200 OK", &Value::from(3600)));
    let listed = scimgate.json(&["signing-key", "list", "--json"]);
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["state"]), (1, &Value::from("signs")));
    let rotated = said(keyed(&["signing-key", "rotate", "--revoke"])).well();
    assert!(rotated.contains(" signs from "), "{rotated}");
    let listed = scimgate.json(&["signing-key", "list", "--json"]);
    assert_eq!((&listed[0]["state"], &listed[1]["state"]), (&Value::from("retired"), &Value::from("signs")));
    assert_eq!(ask_token(&with, &client).0, "HTTP/1.1 200 OK");
}

#[test]
fn a_secret_key_that_cannot_be_used_stops_the_start() {
    let scimgate = Program::new();
    let serve = |key: &str| {
        let mut command = scimgate.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.env("SCIMGATE_SECRET_KEY", key);
        said(command)
    };
    serve("").badly(1, "SCIMGATE_SECRET_KEY holds no key: it is empty; make one with `openssl rand -base64 32`");
    let told = serve("c2VjcmV0");
    told.badly(1, "SCIMGATE_SECRET_KEY holds no key: it does not have 32 bytes");
    assert!(!told.err.contains("c2VjcmV0"), "{}", told.err);
    let mut twice = scimgate.command(&["serve", "--secret-key-file", "/nowhere"]);
    twice.env("SCIMGATE_SECRET_KEY", KEY);
    said(twice).badly(1, "the secret key is told twice");
    let mut nowhere = scimgate.command(&["serve"]);
    nowhere.env("SCIMGATE_SECRET_KEY_FILE", "/nowhere");
    said(nowhere).badly(1, "cannot use the secret key in /nowhere: ");
}
