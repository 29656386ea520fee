//! `/Me` (RFC 7644, section 3.11): the user whose token it is, under another name, and nothing else.

use std::time::{Duration, Instant};

use scimgate::gateway::{NewToken, TokenError};
use scimgate::model::{Origin, Profile, Scopes};
use serde_json::{Value, json};

use crate::support::scim::{Scim, USER, plain};

fn title(value: &str) -> Value {
    json!({"Operations": [{"op": "replace", "path": "title", "value": value}]})
}

/// Asks until every worker has looked the token up anew.
async fn refused(client: &Scim, path: &str, told: &str) {
    let begun = Instant::now();
    let mut times = 0;
    while times < 8 {
        let answer = client.get(path).await;
        times = if answer.status == 401 { times + 1 } else { 0 };
        if times == 8 {
            answer.expect_error(401, "", told);
            assert!(answer.header("www-authenticate").contains("invalid_token"));
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "still let in: {}", answer.status);
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn every_verb_is_answered_like_the_resource_s_own_url() {
    let scim = Scim::start().await;
    let id = scim.create_user("ada").await;
    scim.create_user("bob").await;
    let (own, location) = (format!("/Users/{id}"), format!("{}/Users/{id}", scim.base));
    let ada = scim.as_user(&id, Scopes::WRITE).await;

    let me = ada.get("/Me").await.expect(200);
    let user = scim.get(&own).await.expect(200);
    assert_eq!(me.json(), user.json());
    assert_eq!((me.header("location"), me.header("etag")), (&*location, "W/\"1\""));
    assert_eq!(me.json()["meta"]["location"], *location);
    assert_eq!(ada.get("/Me?attributes=userName").await.json()["name"], Value::Null);
    let head = ada.send("HEAD", "/Me", None).await.expect(200);
    assert_eq!((head.text.as_str(), head.header("etag"), head.header("location")), ("", "W/\"1\"", &*location));

    let patched = ada.patch("/Me", title("Countess")).await.expect(200);
    assert_eq!((patched.json()["title"].as_str(), patched.header("location")), (Some("Countess"), &*location));
    let body = json!({"schemas": [USER], "userName": "ada", "nickName": "A"});
    let replaced = ada.put("/Me", body).await.expect(200);
    assert_eq!((replaced.json()["nickName"].as_str(), replaced.header("location")), (Some("A"), &*location));
    assert!(replaced.json()["title"].is_null());
    assert_eq!(scim.get(&own).await.json(), replaced.json());

    let changes = scim.changes().await;
    assert!(changes.iter().skip(2).all(|change| change.resource_id.to_string() == id), "{changes:?}");
    ada.delete("/Me").await.expect(204);
    scim.get(&own).await.expect(404);
    assert_eq!(scim.get("/Users").await.json()["totalResults"], 1);
}

#[tokio::test]
async fn conditions_hold_here_too_and_every_answer_tells_the_permanent_location() {
    let scim = Scim::start().await;
    let id = scim.create_user("ada").await;
    let ada = scim.as_user(&id, Scopes::WRITE).await;
    let old = [("if-match", "W/\"7\"")];
    let answers = [
        ada.get_with("/Me", &[("if-none-match", "W/\"1\"")]).await.expect(304),
        ada.send_with("PATCH", "/Me", Some(title("x")), &old).await.expect(412),
        ada.send_with("PUT", "/Me", Some(json!({"userName": "ada"})), &old).await.expect(412),
        ada.send_with("DELETE", "/Me", None, &old).await.expect(412),
        ada.patch("/Me", json!({"Operations": []})).await.expect(400),
        ada.send_with("DELETE", "/Me", None, &[("if-match", "\"9\", W/\"1\"")]).await.expect(204),
    ];
    for answer in answers {
        assert_eq!(answer.header("location"), format!("{}/Users/{id}", scim.base), "{}", answer.status);
    }
}

#[tokio::test]
async fn post_has_nothing_to_create_and_is_told_what_there_is() {
    let scim = Scim::start().await;
    let ada = scim.as_user(&scim.create_user("ada").await, Scopes::WRITE).await;
    let answer = ada.post("/Me", json!({"schemas": [USER], "userName": "eve"})).await;
    answer.expect_error(405, "", "POST");
    assert_eq!(answer.header("allow"), "GET, HEAD, PUT, PATCH, DELETE");
    ada.get("/Me/x").await.expect(404);
}

#[tokio::test]
async fn a_token_without_a_user_has_nobody_to_be() {
    let scim = Scim::start().await;
    scim.create_user("ada").await;
    for (method, body) in [
        ("GET", None),
        ("PUT", Some(json!({"userName": "ada"}))),
        ("PATCH", Some(title("x"))),
        ("DELETE", None),
        ("POST", Some(json!({"userName": "ada"}))),
    ] {
        scim.send(method, "/Me", body).await.expect_error(501, "", "--user");
    }
    scim.reader().await.delete("/Me").await.expect_error(501, "", "--user");
    assert_eq!(scim.actions().await, ["create"]);
}

#[tokio::test]
async fn a_user_s_token_reaches_that_user_and_discovery_alone() {
    let scim = Scim::start().await;
    let (ada, bob) = (scim.create_user("ada").await, scim.create_user("bob").await);
    let group = scim.create_group("G").await;
    let (own, other, group) = (format!("/Users/{ada}"), format!("/Users/{bob}"), format!("/Groups/{group}"));
    let nobody = "/Users/0190c0de-0000-7000-8000-000000000000";
    let ada = scim.as_user(&ada, Scopes::WRITE).await;
    for path in [&*own, "/Me", "/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas"] {
        ada.get(path).await.expect(200);
    }
    ada.get(&format!("/Schemas/{USER}")).await.expect(200);
    ada.get("/Schemas/urn:nobody").await.expect(404);
    let before = scim.dump().await;
    let user = || Some(json!({"schemas": [USER], "userName": "eve"}));
    for (method, path, body) in [
        ("GET", "/Users", None),
        ("GET", "/Users?filter=userName eq \"bob\"", None),
        ("POST", "/Users", user()),
        ("GET", &other, None),
        ("GET", nobody, None),
        ("PUT", &other, user()),
        ("PATCH", &other, Some(title("x"))),
        ("DELETE", &other, None),
        ("GET", "", None),
        ("POST", "/.search", Some(json!({}))),
        ("POST", "/Users/.search", Some(json!({}))),
        ("GET", "/Groups", None),
        ("GET", &group, None),
        ("PATCH", &group, Some(json!({"Operations": [{"op": "remove", "path": "members"}]}))),
        ("DELETE", &group, None),
    ] {
        let answer = ada.send(method, path, body).await;
        answer.expect_error(403, "", "belongs to one user");
        assert!(answer.header("www-authenticate").contains("insufficient_scope"), "{method} {path}");
    }
    // Whether it is offered or not.
    let status = ada.post("/Bulk", json!({})).await.status;
    assert!([403, 501].contains(&status), "{status}");
    assert_eq!(scim.dump().await, before);
}

#[tokio::test]
async fn a_reading_token_changes_nothing() {
    let scim = Scim::start().await;
    let id = scim.create_user("ada").await;
    let ada = scim.as_user(&id, Scopes::READ).await;
    ada.get("/Me").await.expect(200);
    let before = scim.dump().await;
    ada.patch("/Me", title("x")).await.expect_error(403, "", "--scope write");
    ada.put("/Me", json!({"userName": "ada"})).await.expect_error(403, "", "--scope write");
    ada.delete("/Me").await.expect_error(403, "", "--scope write");
    assert_eq!(scim.dump().await, before);
}

#[tokio::test]
async fn users_cannot_give_themselves_rights_or_another_s_name() {
    let scim = Scim::start().await;
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let id = scim
        .create("/Users", json!({"schemas": [USER, enterprise], "userName": "ada", "title": "T", enterprise: {"employeeNumber": "7"}}))
        .await;
    let ada = scim.as_user(&id, Scopes::WRITE).await;
    let before = scim.dump().await;
    for (path, value) in [
        ("userName", json!("root")),
        ("externalId", json!("1")),
        ("userType", json!("Admin")),
        ("roles", json!([{"value": "admin"}])),
        ("entitlements", json!([{"value": "admin"}])),
        (&format!("{enterprise}:employeeNumber"), json!("1")),
        (&format!("{enterprise}:department"), json!("Board")),
    ] {
        let patch = json!({"Operations": [{"op": "replace", "path": path, "value": value}]});
        ada.patch("/Me", patch).await.expect_error(403, "", path);
        let own = format!("/Users/{id}");
        ada.patch(&own, json!({"Operations": [{"op": "add", "path": path, "value": value}]})).await.expect(403);
    }
    // A body without the extension would take it away.
    ada.put("/Me", json!({"schemas": [USER], "userName": "ada"})).await.expect_error(403, "", "employeeNumber");
    assert_eq!(scim.dump().await, before);
    let mut whole = ada.get("/Me").await.json();
    whole["title"] = "Countess".into();
    assert_eq!(ada.put("/Me", whole).await.expect(200).json()["title"], "Countess");
}

#[tokio::test]
async fn the_token_ends_with_its_user() {
    let scim = Scim::start().await;
    let id = scim.create_user("ada").await;
    let ada = scim.as_user(&id, Scopes::WRITE).await;
    ada.get("/Me").await.expect(200);
    ada.delete("/Me").await.expect(204);
    // At once where it is about the user, and within a second everywhere.
    ada.get("/Me").await.expect_error(401, "", "does not exist any more");
    ada.delete("/Me").await.expect_error(401, "", "does not exist any more");
    refused(&ada, "/Schemas", "does not exist any more").await;
    scim.get("/Users").await.expect(200);
    // Whoever takes the name is somebody else.
    scim.create_user("ada").await;
    ada.get("/Me").await.expect(401);
}

#[tokio::test]
async fn an_inactive_user_s_token_is_refused_and_cannot_make_the_user_active() {
    let scim = Scim::with(Profile::Rfc, &[]).await;
    let id = scim.create_user("ada").await;
    let ada = scim.as_user(&id, Scopes::WRITE).await;
    ada.get("/Me").await.expect(200);
    let active = |value: bool| json!({"Operations": [{"op": "replace", "path": "active", "value": value}]});
    scim.patch(&format!("/Users/{id}"), active(false)).await.expect(200);
    refused(&ada, "/Me", "inactive").await;
    ada.patch("/Me", active(true)).await.expect(401);
    scim.patch(&format!("/Users/{id}"), active(true)).await.expect(200);
    let begun = Instant::now();
    while ada.get("/Me").await.status != 200 {
        assert!(begun.elapsed() < Duration::from_secs(10), "still refused");
    }
}

#[tokio::test]
async fn the_user_is_looked_for_in_the_token_s_tenant() {
    let scim = Scim::start().await;
    let id = scim.create_user("ada").await;
    let other = scim.other_tenant("other").await;
    let new =
        NewToken { name: "hers".parse().unwrap(), scopes: Scopes::WRITE, user: Some(id.parse().unwrap()), ..plain() };
    let refused = other.gateway().create_token(other.tenant().id, new, &Origin::command_line()).await;
    assert!(matches!(refused, Err(TokenError::NoUser(_))));
}
