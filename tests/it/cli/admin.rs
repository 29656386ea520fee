//! `scimgate admin`, and the link that the first start prints

use std::io::Write;
use std::process::{Command, Stdio};

use reqwest::Client;
use serde_json::{Value, json};

use super::program::{Program, Said, Serving, said};

const PASSWORD: &str = "correct horse battery staple";

/// Runs a command that reads a line from standard input.
fn told(mut command: Command, line: &str) -> Said {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that refuses before it reads has closed its end.
    let _ = writeln!(child.stdin.take().unwrap(), "{line}");
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

async fn sign_in(server: &Serving, email: &str, password: &str) -> u16 {
    let request = Client::new().post(format!("{}/admin/v1/session", server.url));
    request.json(&json!({"email": email, "password": password})).send().await.unwrap().status().as_u16()
}

async fn redeem(server: &Serving, body: Value) -> u16 {
    let request = Client::new().post(format!("{}/admin/v1/links/redeem", server.url));
    request.json(&body).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn administrators_are_made_and_kept_out_at_the_command_line() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    let made = told(scimgate.command(&["admin", "create", "ada@example.com"]), PASSWORD).well();
    assert_eq!(made, "created the owner ada@example.com\n");
    let words =
        ["admin", "create", "bob@example.com", "--role", "auditor", "--tenant", "acme", "--name", "Bob", "--invite"];
    let invited = scimgate.run(&words);
    assert!(invited.err.contains("once"), "{}", invited.err);
    assert!(invited.well().contains("http://127.0.0.1:8080/console/set-up/"));
    let weak = told(scimgate.command(&["admin", "create", "eve@example.com"]), "passwordpassword");
    weak.badly(1, "choose another");
    let again = told(scimgate.command(&["admin", "create", "ADA@example.com"]), PASSWORD);
    again.badly(1, "another administrator has this e-mail address already");
    said(scimgate.command(&["admin", "create", "eve@example.com"])).badly(1, "--invite");

    let listed = scimgate.json(&["admin", "list", "--json"]);
    assert_eq!(
        (&listed[0]["email"], &listed[0]["role"], &listed[0]["tenant"]),
        (&json!("ada@example.com"), &json!("owner"), &Value::Null)
    );
    assert_eq!((&listed[1]["tenant"], &listed[1]["hasPassword"]), (&json!("acme"), &json!(false)));
    assert!(scimgate.out(&["admin", "list"]).contains("invited"));

    let server = scimgate.serve(&[]);
    assert_eq!(sign_in(&server, "ada@example.com", PASSWORD).await, 200);
    scimgate.run(&["admin", "disable", "ada@example.com"]).badly(1, "last owner");
    told(scimgate.command(&["admin", "create", "grace@example.com"]), PASSWORD).well();
    assert_eq!(scimgate.out(&["admin", "disable", "ada@example.com"]), "disabled ada@example.com\n");
    assert_eq!(sign_in(&server, "ada@example.com", PASSWORD).await, 401);
    assert_eq!(scimgate.out(&["admin", "enable", "ada@example.com"]), "enabled ada@example.com\n");
    assert_eq!(sign_in(&server, "ada@example.com", PASSWORD).await, 200);

    told(scimgate.command(&["admin", "reset-password", "ada@example.com"]), "another long password").well();
    assert_eq!(sign_in(&server, "ada@example.com", PASSWORD).await, 401);
    assert_eq!(sign_in(&server, "ada@example.com", "another long password").await, 200);
    scimgate.run(&["admin", "reset-totp", "ada@example.com"]).badly(1, "no second factor");
    scimgate.run(&["admin", "enable", "nobody@example.com"]).badly(1, "`scimgate admin list` lists them");
}

#[tokio::test]
async fn the_first_start_prints_a_link_and_none_once_there_is_an_owner() {
    let scimgate = Program::new();
    let mut server = scimgate.serve(&[]);
    let line = server.said.iter().find(|line| line.contains("makes the first owner")).cloned();
    let line = line.unwrap_or_else(|| server.hear("makes the first owner"));
    let secret = line.split("/console/set-up/").nth(1).unwrap().split(' ').next().unwrap().to_owned();

    let body = |email: &str| json!({"secret": secret, "password": PASSWORD, "email": email, "name": "Ada"});
    assert_eq!(redeem(&server, json!({"secret": secret, "password": PASSWORD})).await, 422);
    assert_eq!(redeem(&server, body("ada@example.com")).await, 200);
    assert_eq!(redeem(&server, body("eve@example.com")).await, 410);
    assert_eq!(sign_in(&server, "ada@example.com", PASSWORD).await, 200);
    drop(server);

    let again = scimgate.serve(&[]);
    assert!(!again.said.iter().any(|line| line.contains("first owner")), "{:?}", again.said);
}
