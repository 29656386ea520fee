//! `/admin/v1/tenants/{tenant}/clients`

use scimgate::gateway::NewConnection;
use scimgate::model::{AdminRole, ConnectionKind, Origin, Reach};
use serde_json::{Value, json};

use crate::support::oauth::{GRANT, basic};
use crate::support::scim::Scim;

const PATH: &str = "/tenants/first/clients";

async fn connection(scim: &Scim) -> String {
    let name = "Entra".parse().unwrap();
    let new = NewConnection { name, prefix: None, kind: ConnectionKind::Entra, profile: None };
    let made = scim.gateway().create_connection(scim.tenant().id, new, &Origin::command_line()).await;
    made.unwrap().id.to_string()
}

/// What the token endpoint answers to an id and a secret.
async fn status(scim: &Scim, client: &Value, secret: &Value) -> u16 {
    let header = basic(client["clientId"].as_str().unwrap(), secret.as_str().unwrap());
    scim.ask_token(&[("authorization", &header)], GRANT).await.status
}

#[tokio::test]
async fn a_client_is_changed_and_put_out_of_use_for_a_while() {
    let scim = Scim::start().await;
    let (owner, connection) = (scim.owner().await, connection(&scim).await);
    let body = json!({"name": "Entra ID", "connection": connection, "scopes": ["write"]});
    let made = owner.post(PATH, body).await.expect(201).json();
    let path = format!("{PATH}/{}", made["clientId"].as_str().unwrap());
    assert_eq!((&made["enabled"], status(&scim, &made, &made["secret"]).await), (&json!(true), 200));

    let off = owner.patch(&path, json!({"enabled": false})).await.expect(200).json();
    assert_eq!((&off["enabled"], &off["secrets"]), (&json!(false), &made["secrets"]));
    let begun = std::time::Instant::now();
    while status(&scim, &made, &made["secret"]).await != 401 {
        assert!(begun.elapsed().as_secs() < 5, "it is taken still");
    }
    let patch = json!({"enabled": true, "name": "Entra", "scopes": ["users:read"], "allowedAddresses": ["127.0.0.0/8"],
        "maxRoleWeight": -3});
    let on = owner.patch(&path, patch.clone()).await.expect(200).json();
    for (name, value) in patch.as_object().unwrap() {
        assert_eq!(&on[name], value);
    }
    assert_eq!(owner.get(&path).await.expect(200).json(), on);
    while status(&scim, &made, &made["secret"]).await != 200 {
        assert!(begun.elapsed().as_secs() < 5, "it is refused still");
    }
    owner.patch(&path, patch).await.expect(200);
    assert_eq!(owner.patch(&path, json!({"maxRoleWeight": null})).await.json()["maxRoleWeight"], json!(null));
    let told = scim.admin_actions().await;
    let told: Vec<&Value> = told.iter().filter(|one| one["action"] == "client.change").collect();
    assert_eq!((told.len(), &told[0]["details"]), (3, &json!({"enabled": {"old": true, "new": false}})));
    for (patch, field) in [
        (json!({"name": ""}), "name"),
        (json!({"scopes": []}), "scopes"),
        (json!({"scopes": ["fly"]}), "scopes"),
        (json!({"allowedAddresses": ["home"]}), "allowedAddresses"),
    ] {
        owner.patch(&path, patch).await.expect_invalid(&[field]);
    }
    let auditor = scim.admin(AdminRole::Auditor, Reach::Instance).await;
    auditor.patch(&path, json!({"enabled": false})).await.expect_problem(403, "");
    owner.delete(&path).await.expect(204);
    owner.patch(&path, json!({"enabled": true})).await.expect_problem(404, "there is no client");
}

#[tokio::test]
async fn a_client_is_made_gets_a_second_secret_and_is_revoked() {
    let scim = Scim::start().await;
    let (owner, connection) = (scim.owner().await, connection(&scim).await);
    let body = json!({"name": "Entra ID", "connection": connection, "scopes": ["write"], "tokenMinutes": 120, "secretYears": 1});
    let made = owner.post(PATH, body).await.expect(201);
    assert_eq!(made.header("cache-control"), "no-store");
    let mut client = made.json();
    let first = client.as_object_mut().unwrap().remove("secret").unwrap();
    let path = format!("{PATH}/{}", client["id"].as_str().unwrap());
    assert_eq!(made.header("location"), format!("/admin/v1{path}"));
    assert_eq!((&client["tokenMinutes"], &client["connection"]), (&json!(120), &json!(connection)));
    assert_eq!(client["secrets"][0]["expiresAt"], "2027-11-22T08:00:00Z");
    assert_eq!(status(&scim, &client, &first).await, 200);

    let added = owner.post(&format!("{path}/secrets"), json!({"years": 3})).await.expect(201).json();
    assert_eq!(added["expiresAt"], "2029-11-22T08:00:00Z");
    assert!(added["secret"].as_str().unwrap().ends_with(added["hint"].as_str().unwrap()), "{added}");
    let listed = owner.get(PATH).await.expect(200);
    assert_eq!(listed.json()["items"][0]["secrets"].as_array().unwrap().len(), 2);
    for secret in [&first, &added["secret"]] {
        let random = secret.as_str().unwrap().split('_').nth(2).unwrap();
        assert!(!listed.text.contains(random), "{}", listed.text);
        assert!(!scim.admin_actions().await.iter().any(|action| action.to_string().contains(random)));
    }

    let first_id = client["secrets"][0]["id"].as_str().unwrap().to_owned();
    let by_client_id = format!("{PATH}/{}", client["clientId"].as_str().unwrap());
    owner.delete(&format!("{by_client_id}/secrets/{first_id}")).await.expect(204);
    owner.delete(&format!("{by_client_id}/secrets/{}", client["id"].as_str().unwrap())).await.expect(404);
    assert_eq!(status(&scim, &client, &first).await, 401);
    assert_eq!(status(&scim, &client, &added["secret"]).await, 200);

    owner.delete(&path).await.expect(204);
    assert!(owner.get(&path).await.expect(200).json()["revokedAt"].is_string());
    owner.post(&format!("{path}/secrets"), json!({})).await.expect(404);
    let told: Vec<Value> =
        scim.admin_actions().await.into_iter().filter(|row| row["target_id"] == client["id"]).collect();
    let actions: Vec<&str> = told.iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["client.create", "client.add_secret", "client.revoke_secret", "client.revoke"]);
    assert!(told.iter().all(|row| row["actor"] == owner.email), "{told:?}");
}

#[tokio::test]
async fn what_cannot_be_is_told_by_its_field() {
    let scim = Scim::start().await;
    let (owner, connection) = (scim.owner().await, connection(&scim).await);
    let good = json!({"name": "x", "connection": connection, "scopes": ["read"]});
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("a\u{7}")),
        ("scopes", json!([])),
        ("scopes", json!(["everything"])),
        ("connection", json!("01890000-0000-7000-8000-000000000000")),
        ("allowedAddresses", json!(["nowhere"])),
        ("tokenMinutes", json!(59)),
        ("tokenMinutes", json!(361)),
        ("secretYears", json!(0)),
        ("secretYears", json!(4)),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        let refused = owner.post(PATH, body).await.expect(422).json();
        assert_eq!(refused["errors"][0]["field"], field, "{value} {refused}");
    }
    assert_eq!(owner.get(PATH).await.json()["items"], json!([]));
    let client = owner.post(PATH, good).await.expect(201).json();
    let path = format!("{PATH}/{}/secrets", client["id"].as_str().unwrap());
    for _ in 0..4 {
        owner.post(&path, json!({})).await.expect(201);
    }
    let refused = owner.post(&path, json!({})).await.expect(409);
    assert!(refused.text.contains("5 secrets of this client live"), "{}", refused.text);
}

#[tokio::test]
async fn clients_are_out_of_reach_for_other_tenants_and_for_those_who_only_look() {
    let scim = Scim::start().await;
    let other = scim.other_tenant("second").await;
    let client = scim.oauth_client().await;
    let path = format!("{PATH}/{}", client.id);
    let stranger = other.admin(AdminRole::Owner, Reach::Tenant(other.tenant().id)).await;
    stranger.get(PATH).await.expect(404);
    stranger.delete(&path).await.expect(404);
    stranger.get(&format!("/tenants/second/clients/{}", client.id)).await.expect(404);
    stranger.delete(&format!("/tenants/second/clients/{}", client.id)).await.expect(404);
    let auditor = scim.admin(AdminRole::Auditor, Reach::Instance).await;
    auditor.get(&path).await.expect(200);
    auditor.delete(&path).await.expect(403);
    auditor.post(&format!("{path}/secrets"), json!({})).await.expect(403);
    scim.grant(&client).await.expect(200);
}
