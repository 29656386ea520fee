//! Connections: what belongs to one lives and ends with it.

use std::time::{Duration, Instant};

use scimgate::gateway::{ConnectionChange, ConnectionError, NewConnection, TokenError};
use scimgate::model::{Connection, ConnectionKind, Origin, Profile};
use serde_json::{Value, json};

use crate::support::scim::{GROUP, Scim, USER};

fn new(name: &str) -> NewConnection {
    NewConnection { name: name.parse().unwrap(), prefix: None, kind: ConnectionKind::Entra, profile: None }
}

async fn create(scim: &Scim, new: NewConnection) -> Connection {
    scim.gateway().create_connection(scim.tenant().id, new, &Origin::command_line()).await.unwrap()
}

async fn change(scim: &Scim, connection: &Connection, change: ConnectionChange) -> Result<Connection, ConnectionError> {
    scim.gateway().change_connection(scim.tenant().id, connection.id, change, &Origin::command_line()).await
}

fn enabled(enabled: bool) -> ConnectionChange {
    ConnectionChange { enabled: Some(enabled), ..ConnectionChange::default() }
}

/// Asks until both workers answer so; a second is promised.
async fn becomes(client: &Scim, status: u16) {
    let begun = Instant::now();
    let mut times = 0;
    while times < 8 {
        times = if client.get("/Users").await.status == status { times + 1 } else { 0 };
        assert!(begun.elapsed() < Duration::from_secs(5), "it is still not {status}");
    }
    // The rest is for a busy machine.
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn disabling_a_connection_disables_its_credentials_at_once_and_no_others() {
    let scim = Scim::start().await;
    let (entra, okta) = (create(&scim, new("Entra")).await, create(&scim, new("Okta")).await);
    let (first, second) = (scim.with_token_of(&entra).await, scim.with_token_of(&entra).await);
    let other = scim.with_token_of(&okta).await;
    for _ in 0..8 {
        first.get("/Users").await.expect(200);
        second.get("/Users").await.expect(200);
    }
    change(&scim, &entra, enabled(false)).await.unwrap();
    becomes(&first, 401).await;
    becomes(&second, 401).await;
    let refused = first.post("/Users", json!({"schemas": [USER], "userName": "ada"})).await;
    refused.expect_error(401, "", "the connection of this token is disabled; enable it");
    assert!(refused.header("www-authenticate").contains("invalid_token"));
    other.get("/Users").await.expect(200);
    scim.get("/Users").await.expect(200);
    change(&scim, &entra, enabled(true)).await.unwrap();
    becomes(&first, 200).await;
}

#[tokio::test]
async fn a_connection_speaks_its_own_dialect_and_keeps_the_tenants_policies() {
    let scim = Scim::with(Profile::Rfc, &[]).await;
    let entra = create(&scim, NewConnection { profile: Some(Profile::Entra), ..new("Entra") }).await;
    let strict = create(&scim, NewConnection { profile: Some(Profile::Strict), ..new("HR") }).await;
    let (entra, strict) = (scim.with_token_of(&entra).await, scim.with_token_of(&strict).await);
    let group = format!("/Groups/{}", scim.create_group("G").await);
    let rename = |name: &str| json!({"Operations": [{"op": "replace", "path": "displayName", "value": name}]});
    scim.patch(&group, rename("a")).await.expect(200);
    entra.patch(&group, rename("b")).await.expect(204);
    strict.patch(&group, rename("c")).await.expect(200);
    let odd = |name: &str| json!({"schemas": [USER], "userName": name, "shoeSize": 41});
    scim.post("/Users", odd("ada")).await.expect(201);
    entra.post("/Users", odd("bob")).await.expect(201);
    strict.post("/Users", odd("eve")).await.expect_error(400, "invalidSyntax", "shoeSize");
    // Names of groups are unique by the tenant's word, whoever asks.
    for client in [&scim, &entra, &strict] {
        client.post("/Groups", json!({"schemas": [GROUP], "displayName": "C"})).await.expect_error(
            409,
            "uniqueness",
            "displayName",
        );
    }
}

#[tokio::test]
async fn names_and_prefixes_are_unique_in_a_tenant() {
    let scim = Scim::start().await;
    let other = scim.other_tenant("other").await;
    let eu = NewConnection { prefix: Some("EU".parse().unwrap()), ..new("Entra") };
    let first = create(&scim, eu.clone()).await;
    create(&other, eu.clone()).await;
    let again = |new| async {
        scim.gateway().create_connection(scim.tenant().id, new, &Origin::command_line()).await.unwrap_err().to_string()
    };
    assert_eq!(again(new("ENTRA")).await, "there is a connection of this name already; choose another name");
    let taken = "another connection has this prefix already; choose another one";
    assert_eq!(again(NewConnection { name: "Okta".parse().unwrap(), ..eu.clone() }).await, taken);
    let second = create(&scim, new("Okta")).await;
    let rename = ConnectionChange { name: Some("entra".parse().unwrap()), ..ConnectionChange::default() };
    assert!(matches!(change(&scim, &second, rename.clone()).await, Err(ConnectionError::NameTaken)));
    change(&scim, &first, rename).await.unwrap();
    let names: Vec<String> =
        scim.store().connections(scim.tenant().id).await.unwrap().iter().map(|one| one.name.to_string()).collect();
    assert_eq!(names, ["entra", "Okta"]);
    assert_eq!(other.store().connections(other.tenant().id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_connection_goes_when_no_credential_of_it_works() {
    let scim = Scim::start().await;
    let (entra, gateway, origin) = (create(&scim, new("Entra")).await, scim.gateway(), Origin::command_line());
    let client = scim.with_token_of(&entra).await;
    let tenant = scim.tenant().id;
    let refused = gateway.delete_connection(tenant, entra.id, &origin).await.unwrap_err();
    let told = "1 of its credentials work still; revoke them, or disable the connection instead of removing it";
    assert_eq!(refused.to_string(), told);
    gateway.revoke_token(tenant, client.credential_id(), &origin).await.unwrap();
    gateway.delete_connection(tenant, entra.id, &origin).await.unwrap();
    let gone = gateway.delete_connection(tenant, entra.id, &origin).await.unwrap_err();
    assert!(matches!(gone, ConnectionError::NotFound(id) if id == entra.id));
    let credentials = scim.store().credentials(tenant).await.unwrap();
    let revoked = credentials.iter().find(|credential| credential.id == client.credential_id()).unwrap();
    assert!(revoked.revoked_at.is_some() && revoked.connection.is_none(), "{revoked:?}");
}

#[tokio::test]
async fn connections_of_another_tenant_are_as_nobodys() {
    let scim = Scim::start().await;
    let other = scim.other_tenant("other").await;
    let theirs = create(&other, new("Entra")).await;
    let before = scim.dump().await;
    let (gateway, origin, tenant) = (scim.gateway(), Origin::command_line(), scim.tenant().id);
    assert!(matches!(change(&scim, &theirs, enabled(false)).await, Err(ConnectionError::NotFound(_))));
    let deleted = gateway.delete_connection(tenant, theirs.id, &origin).await;
    assert!(matches!(deleted, Err(ConnectionError::NotFound(_))));
    let token = gateway.create_token(tenant, scim.new_token(Some(&theirs)), &origin).await;
    assert!(matches!(token, Err(TokenError::NoConnection(id)) if id == theirs.id));
    assert_eq!(scim.dump().await, before);
}

#[tokio::test]
async fn every_act_is_told_in_the_step_that_does_it() {
    let scim = Scim::start().await;
    let begin = scim.admin_actions().await.len();
    let entra = create(&scim, new("Entra")).await;
    let client = scim.with_token_of(&entra).await;
    change(&scim, &entra, enabled(false)).await.unwrap();
    change(&scim, &entra, enabled(false)).await.unwrap();
    change(&scim, &entra, enabled(true)).await.unwrap();
    let both =
        ConnectionChange { kind: Some(ConnectionKind::Okta), profile: Some(Some(Profile::Okta)), ..enabled(true) };
    change(&scim, &entra, both).await.unwrap();
    let (gateway, origin, tenant) = (scim.gateway(), Origin::command_line(), scim.tenant().id);
    gateway.revoke_token(tenant, client.credential_id(), &origin).await.unwrap();
    gateway.revoke_token(tenant, client.credential_id(), &origin).await.unwrap();
    gateway.delete_connection(tenant, entra.id, &origin).await.unwrap();

    let told = scim.admin_actions().await.split_off(begin);
    let actions: Vec<&str> = told.iter().map(|action| action["action"].as_str().unwrap()).collect();
    let expected = [
        "connection.create",
        "token.create",
        "connection.disable",
        "connection.enable",
        "connection.change",
        "token.revoke",
        "connection.delete",
    ];
    assert_eq!(actions, expected, "what changes nothing is not told");
    let details: &Value = &told[4]["details"];
    assert_eq!(*details, json!({"kind": {"old": "entra", "new": "okta"}, "profile": {"old": null, "new": "okta"}}));
    for action in &told {
        assert_eq!(action["actor_kind"], "command line", "{action}");
        assert_eq!(action["tenant_id"], tenant.to_string(), "{action}");
        assert!(!action.to_string().contains(client.token.split('_').nth(2).unwrap()), "{action}");
    }
}
