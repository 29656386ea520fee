//! `scimgate connection`, and the flags of tokens that speak of it.

use serde_json::{Value, json};

use super::program::Program;

fn with_tenant() -> Program {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    scimgate
}

fn create(scimgate: &Program, flags: &[&str]) -> Value {
    scimgate.json(&[&["connection", "create", "--tenant", "acme", "--json"], flags].concat())
}

fn list(scimgate: &Program) -> Value {
    scimgate.json(&["connection", "list", "--tenant", "acme", "--json"])
}

#[test]
fn a_connection_is_created_listed_shown_changed_and_removed() {
    let scimgate = with_tenant();
    let entra = create(&scimgate, &["--name", "Entra ID", "--kind", "entra", "--prefix", "EU", "--profile", "entra"]);
    let id = entra["id"].as_str().unwrap();
    assert_eq!((&entra["name"], &entra["kind"], &entra["prefix"]), (&json!("Entra ID"), &json!("entra"), &json!("EU")));
    assert_eq!((&entra["profile"], &entra["enabled"]), (&json!("entra"), &json!(true)));
    assert_eq!(list(&scimgate), json!([entra]));
    let table = scimgate.out(&["connection", "list", "--tenant", "acme"]);
    assert!(table.contains(id) && table.contains("Entra ID") && table.contains("enabled"), "{table}");

    // By name without case, or by id.
    for named in ["ENTRA ID", id] {
        assert_eq!(scimgate.json(&["connection", "show", named, "--tenant", "acme", "--json"]), entra);
    }
    let set =
        &["connection", "set", id, "--tenant", "acme", "--name", "Entra", "--prefix", "", "--profile", "", "--json"];
    let changed = scimgate.json(set);
    assert_eq!((&changed["name"], &changed["kind"]), (&json!("Entra"), &json!("entra")));
    assert!(changed["prefix"].is_null() && changed["profile"].is_null(), "{changed}");

    let done = |verb: &str| scimgate.out(&["connection", verb, "Entra", "--tenant", "acme"]);
    assert_eq!(done("disable"), format!("disabled the connection {id}\n"));
    assert_eq!(list(&scimgate)[0]["enabled"], false);
    assert!(scimgate.out(&["connection", "list", "--tenant", "acme"]).contains("disabled"));
    assert_eq!(done("enable"), format!("enabled the connection {id}\n"));
    assert_eq!(done("delete"), format!("removed the connection {id}\n"));
    assert_eq!(list(&scimgate), json!([]));
}

#[test]
fn what_cannot_be_is_told_with_what_to_do() {
    let scimgate = with_tenant();
    let create = |flags: &[&str]| scimgate.run(&[&["connection", "create", "--tenant", "acme"], flags].concat());
    create(&["--name", "x", "--kind", "azure"]).badly(2, "\"azure\" is no kind; choose entra, okta");
    create(&["--name", " "]).badly(2, "a name has 1 to 100 characters");
    create(&["--name", "x", "--prefix", "a b"]).badly(2, "a prefix is 1 to 32 of");
    create(&["--name", "x", "--prefix", "p"]).well();
    create(&["--name", "X"]).badly(1, "there is a connection of this name already; choose another name");
    create(&["--name", "y", "--prefix", "p"]).badly(1, "another connection has this prefix already");
    let show = scimgate.run(&["connection", "show", "nothing", "--tenant", "acme"]);
    show.badly(1, "the tenant acme has no connection nothing; `scimgate connection list --tenant acme` lists them");
    scimgate.out(&["token", "create", "--tenant", "acme", "--name", "t", "--connection", "x"]);
    let delete = scimgate.run(&["connection", "delete", "x", "--tenant", "acme"]);
    delete.badly(1, "1 of its credentials work still; revoke them");
    let token = &["token", "create", "--tenant", "acme", "--name", "t", "--connection", "nothing"];
    scimgate.run(token).badly(1, "the tenant acme has no connection nothing");
    for _ in 0..4 {
        scimgate.out(&["token", "create", "--tenant", "acme", "--name", "t", "--connection", "x"]);
    }
    let token = &["token", "create", "--tenant", "acme", "--name", "t", "--connection", "x"];
    scimgate.run(token).badly(1, "the connection has 5 tokens that work");
}

#[test]
fn a_token_belongs_to_a_connection_is_bound_to_addresses_and_replaced() {
    let scimgate = with_tenant();
    let entra = create(&scimgate, &["--name", "Entra"]);
    let words = [
        "--connection",
        "entra",
        "--scope",
        "users:read,bulk",
        "--allow",
        "192.0.2.0/24,2001:db8::1",
        "--expires",
        "30d",
    ];
    let old = scimgate.out(&[&["token", "create", "--tenant", "acme", "--name", "t"], &words[..]].concat());
    let tokens = || scimgate.json(&["token", "list", "--tenant", "acme", "--json"]);
    let listed = tokens()[0].clone();
    assert_eq!((&listed["connection"], &listed["scopes"]), (&entra["id"], &json!(["users:read", "bulk"])));
    assert_eq!(listed["allowedAddresses"], json!(["192.0.2.0/24", "2001:db8::1/128"]));
    assert!(old.starts_with(listed["prefix"].as_str().unwrap()), "{listed}");
    assert_eq!((&listed["state"], &listed["lastUsedAt"]), (&json!("live"), &json!(null)));
    let wrong = &["token", "create", "--tenant", "acme", "--name", "t", "--allow", "192.0.2.9/24"];
    scimgate.run(wrong).badly(2, "has bits past its length; write 192.0.2.0/24");

    let id = listed["id"].as_str().unwrap();
    let rotated = scimgate.run(&["token", "rotate", id, "--overlap", "2d"]);
    assert!(rotated.out.starts_with("scim_") && rotated.out != old, "{rotated:?}");
    assert!(rotated.err.contains(&format!("The token {id} works until 20")), "{rotated:?}");
    let listed = tokens();
    assert_eq!((&listed[0]["state"], &listed[0]["replacedBy"]), (&json!("replaced"), &listed[1]["id"]));
    assert_eq!(
        (&listed[1]["connection"], &listed[1]["allowedAddresses"]),
        (&listed[0]["connection"], &listed[0]["allowedAddresses"])
    );
    scimgate.run(&["token", "rotate", id]).badly(1, "this token was replaced by ");
    // The token itself will do, and an overlap is not needed.
    let new = rotated.out.trim();
    scimgate.out(&["token", "rotate", new, "--overlap", "0"]);
    assert_eq!(tokens()[1]["state"], "expired");
    let table = scimgate.out(&["token", "list", "--tenant", "acme"]);
    assert!(table.contains("Entra") && table.contains("replaced, valid until 20"), "{table}");
}

#[tokio::test]
async fn a_server_that_stops_writes_what_was_used_last() {
    let scimgate = with_tenant();
    let token = scimgate.out(&["token", "create", "--tenant", "acme", "--name", "t"]);
    let serving = scimgate.serve(&[]);
    let url = format!("{}/scim/v2/Users", serving.url);
    reqwest::Client::new().get(url).bearer_auth(token.trim()).send().await.unwrap().error_for_status().unwrap();
    serving.signal(rustix::process::Signal::TERM);
    assert_eq!(serving.end().0, 0);
    let listed = scimgate.json(&["token", "list", "--tenant", "acme", "--json"]);
    assert!(listed[0]["lastUsedAt"].is_string(), "{listed}");
    assert_eq!(listed[0]["lastAddress"], "127.0.0.1");
    assert!(scimgate.out(&["token", "list", "--tenant", "acme"]).contains("127.0.0.1"));
}

#[test]
fn a_fence_is_raised_and_outlives_a_change_of_the_profile() {
    let scimgate = with_tenant();
    let fence = |words: &[&str]| {
        scimgate.json(&[&["tenant", "set", "acme", "--json"], words].concat())["dialect"]["fenceConnections"].clone()
    };
    assert_eq!(fence(&[]), false);
    assert_eq!(fence(&["--fence-connections", "on"]), true);
    assert_eq!(fence(&["--profile", "entra"]), true);
    assert_eq!(fence(&["--fence-connections", "off"]), false);
}
