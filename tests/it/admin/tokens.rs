//! `/admin/v1/tenants/{tenant}/tokens`

use scimgate::model::{AdminRole, Reach};
use serde_json::{Value, json};

use crate::support::scim::Scim;

const PATH: &str = "/tenants/first/tokens";

/// The part of a token that must not be seen again.
fn secret(token: &str) -> &str {
    token.split('_').nth(2).unwrap()
}

#[tokio::test]
async fn a_token_is_shown_once_works_and_is_revoked() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let body = json!({
        "name": "Entra", "scopes": ["users:read", "bulk"], "allowedAddresses": ["127.0.0.0/8"],
        "expiresAt": "2027-01-01T00:00:00Z"
    });
    let made = owner.post(PATH, body).await.expect(201);
    assert_eq!(made.header("cache-control"), "no-store");
    let mut token = made.json();
    let text = token.as_object_mut().unwrap().remove("secret").unwrap().as_str().unwrap().to_owned();
    let id = token["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("/admin/v1{PATH}/{id}"));
    assert!(text.starts_with(token["prefix"].as_str().unwrap()), "{token}");
    assert_eq!((&token["scopes"], &token["state"]), (&json!(["users:read", "bulk"]), &json!("live")));
    assert_eq!((&token["allowedAddresses"], &token["connection"]), (&json!(["127.0.0.0/8"]), &json!(null)));

    let client = scim.with_token_text(text.clone());
    client.get("/Users").await.expect(200);
    client.get("/Groups").await.expect(403);
    scim.write_uses().await;
    let path = format!("{PATH}/{id}");
    let shown = owner.get(&path).await.expect(200);
    assert!(!shown.text.contains(secret(&text)), "{}", shown.text);
    assert_eq!((&shown.json()["lastAddress"], shown.json()["lastUsedAt"].is_string()), (&json!("127.0.0.1"), true));
    assert!(!scim.admin_actions().await.iter().any(|action| action.to_string().contains(secret(&text))));

    owner.delete(&path).await.expect(204);
    owner.delete(&path).await.expect(204);
    let revoked = owner.get(&path).await.expect(200).json();
    assert_eq!((&revoked["state"], revoked["revokedAt"].is_string()), (&json!("revoked"), true));
    let told: Vec<Value> = scim.admin_actions().await.into_iter().filter(|action| action["target_id"] == id).collect();
    let actions: Vec<&str> = told.iter().map(|action| action["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["token.create", "token.revoke"]);
    assert!(told.iter().all(|action| action["actor"] == owner.email), "{told:?}");
}

#[tokio::test]
async fn a_token_is_replaced_with_an_overlap() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let made = owner.post(PATH, json!({"name": "Entra", "scopes": ["write"]})).await.expect(201).json();
    let old = scim.with_token_text(made["secret"].as_str().unwrap().to_owned());
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    let rotated = owner.post(&format!("{path}/rotate"), json!({"overlapHours": 1})).await.expect(201).json();
    let new = scim.with_token_text(rotated["secret"].as_str().unwrap().to_owned());
    assert_eq!((&rotated["name"], &rotated["scopes"]), (&made["name"], &made["scopes"]));
    let shown = owner.get(&path).await.json();
    assert_eq!((&shown["state"], &shown["replacedBy"]), (&json!("replaced"), &rotated["id"]));
    old.get("/Users").await.expect(200);
    scim.advance_seconds(3_600);
    let owner = scim.owner().await;
    assert_eq!(owner.get(&path).await.json()["state"], "expired");
    old.get("/Users").await.expect(401);
    new.get("/Users").await.expect(200);
    owner.post(&format!("{path}/rotate"), json!({})).await.expect_problem(409, "was replaced by");
    owner.post(&format!("{path}/rotate"), json!({"overlapHours": 9_000})).await.expect_invalid(&["overlapHours"]);
}

#[tokio::test]
async fn what_cannot_be_is_told_by_its_field() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let nobody = "01890000-0000-7000-8000-000000000000";
    for (body, field) in [
        (json!({"name": "\u{7}", "scopes": ["write"]}), "name"),
        (json!({"name": "x", "scopes": []}), "scopes"),
        (json!({"name": "x", "scopes": ["root"]}), "scopes"),
        (json!({"name": "x", "scopes": ["write"], "connection": nobody}), "connection"),
        (json!({"name": "x", "scopes": ["write"], "user": nobody}), "user"),
        (json!({"name": "x", "scopes": ["write"], "allowedAddresses": ["office"]}), "allowedAddresses"),
        (json!({"name": "x", "scopes": ["write"], "expiresAt": "2020-01-01T00:00:00Z"}), "expiresAt"),
    ] {
        owner.post(PATH, body).await.expect_invalid(&[field]);
    }
    let connection =
        owner.post("/tenants/first/connections", json!({"name": "x", "kind": "hr"})).await.expect(201).json();
    let body = json!({"name": "x", "scopes": ["write"], "connection": connection["id"]});
    for _ in 0..5 {
        owner.post(PATH, body.clone()).await.expect(201);
    }
    owner.post(PATH, body).await.expect_problem(409, "5 tokens that work");
    owner.post(&format!("{PATH}/{nobody}/rotate"), json!({})).await.expect_problem(404, nobody);
    owner.get(&format!("{PATH}/x")).await.expect_problem(404, "there is no token x");
    owner.put(&format!("{PATH}/{nobody}"), json!({})).await.expect_problem(405, "GET, HEAD, DELETE");
}

#[tokio::test]
async fn tokens_are_listed_page_by_page_and_stay_in_their_tenant() {
    let scim = Scim::start().await;
    let other = scim.other_tenant("second").await;
    let owner = scim.owner().await;
    let before = owner.get(PATH).await.expect(200).json()["items"].as_array().unwrap().len();
    for name in ["1", "2", "3"] {
        owner.post(PATH, json!({"name": name, "scopes": ["read"]})).await.expect(201);
    }
    let mut path = format!("{PATH}?limit=2");
    let mut ids = Vec::new();
    loop {
        let page = owner.get(&path).await.expect(200).json();
        ids.extend(page["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("{PATH}?limit=2&cursor={cursor}");
    }
    assert_eq!(ids.len(), before + 3);
    assert!(ids.is_sorted(), "the oldest first: {ids:?}");
    ids.dedup();
    assert_eq!(ids.len(), before + 3);
    owner.get(&format!("{PATH}?cursor=eA")).await.expect_invalid(&["cursor"]);

    let theirs = format!("{PATH}/{}", other.credential_id());
    owner.get(&theirs).await.expect_problem(404, "there is no token");
    owner.delete(&theirs).await.expect_problem(404, "there is no token");
    owner.post(&format!("{theirs}/rotate"), json!({})).await.expect_problem(404, "there is no token");
    other.get("/Users").await.expect(200);
    let admin = scim.admin(AdminRole::Admin, Reach::Tenant(other.tenant().id)).await;
    admin.post(PATH, json!({"name": "x", "scopes": ["write"]})).await.expect_problem(404, "there is no tenant first");
}
