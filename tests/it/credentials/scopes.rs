//! What each scope opens, and nothing else.

use scimgate::model::Profile;
use serde_json::{Value, json};

use crate::support::scim::{Answer, GROUP, Scim, USER};

async fn with(scim: &Scim, scopes: &str) -> Scim {
    scim.with_token(scopes.parse().unwrap(), None).await
}

/// Holds that an answer tells of a missing scope as RFC 6750 wants it, and what to do.
#[track_caller]
fn expect_missing(answer: &Answer, scope: &str) {
    answer.expect_error(403, "", &format!("--scope {}", scope.replace(' ', ",")));
    let challenge = format!("Bearer realm=\"scimgate\", error=\"insufficient_scope\", scope=\"{scope}\"");
    assert_eq!(answer.header("www-authenticate"), challenge);
}

#[tokio::test]
async fn each_scope_opens_what_it_names_alone() {
    let scim = Scim::start().await;
    let user = format!("/Users/{}", scim.create_user("ada").await);
    let group = format!("/Groups/{}", scim.create_group("G").await);
    let members = format!("{group}/members");
    let title = json!({"Operations": [{"op": "replace", "path": "title", "value": "x"}]});
    let name = json!({"Operations": [{"op": "replace", "path": "displayName", "value": "G"}]});
    let calls: [(&str, &str, Option<Value>, &str); 12] = [
        ("GET", "/Users", None, "users:read"),
        ("HEAD", "/Users", None, "users:read"),
        ("GET", &user, None, "users:read"),
        ("POST", "/Users/.search", Some(json!({})), "users:read"),
        ("PATCH", &user, Some(title), "users:write"),
        ("PUT", &user, Some(json!({"schemas": [USER], "userName": "ada"})), "users:write"),
        ("GET", "/Groups", None, "groups:read"),
        ("GET", &group, None, "groups:read"),
        ("GET", &members, None, "groups:read"),
        ("POST", "/Groups/.search", Some(json!({})), "groups:read"),
        ("PATCH", &group, Some(name), "groups:write"),
        ("POST", "/Bulk", Some(json!({"Operations": []})), "bulk"),
    ];
    let scopes = ["users:read", "users:write", "groups:read", "groups:write", "bulk", "events", "admin:*"];
    for scope in scopes {
        let client = with(&scim, scope).await;
        for (method, path, body, needed) in &calls {
            let answer = client.send(method, path, body.clone()).await;
            if scope == *needed {
                assert!(answer.status != 403, "{scope} {method} {path}: {}", answer.text);
            } else if *method == "HEAD" {
                assert_eq!(answer.status, 403);
            } else {
                expect_missing(&answer, needed);
            }
        }
        for path in [
            "/Schemas",
            "/ResourceTypes",
            "/ServiceProviderConfig",
            "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
        ] {
            client.get(path).await.expect(200);
        }
        let roles = client.get("/Roles").await;
        assert_eq!(roles.status == 200, scope.ends_with("s:read"), "{scope}: {}", roles.text);
    }
}

#[tokio::test]
async fn creating_and_removing_need_the_scope_to_write() {
    let scim = Scim::start().await;
    let (users, groups) = (with(&scim, "users:write").await, with(&scim, "groups:write").await);
    let user = users.create_user("ada").await;
    let group = groups.create_group("G").await;
    let before = scim.dump().await;
    expect_missing(&groups.post("/Users", json!({"schemas": [USER], "userName": "bob"})).await, "users:write");
    expect_missing(&users.post("/Groups", json!({"schemas": [GROUP], "displayName": "H"})).await, "groups:write");
    expect_missing(&groups.delete(&format!("/Users/{user}")).await, "users:write");
    expect_missing(&users.delete(&format!("/Groups/{group}")).await, "groups:write");
    assert_eq!(scim.dump().await, before);
    users.delete(&format!("/Users/{user}")).await.expect(204);
    groups.delete(&format!("/Groups/{group}")).await.expect(204);
}

#[tokio::test]
async fn a_search_over_all_types_needs_to_read_all_of_them() {
    let scim = Scim::start().await;
    for scopes in ["users:read", "groups:read"] {
        let client = with(&scim, scopes).await;
        expect_missing(&client.get("/").await, "users:read groups:read");
        expect_missing(&client.post("/.search", json!({})).await, "users:read groups:read");
    }
    with(&scim, "users:read groups:read").await.get("/").await.expect(200);
}

#[tokio::test]
async fn each_operation_of_a_bulk_request_needs_its_own_scope() {
    let scim = Scim::with(Profile::Okta, &[]).await;
    let group = scim.create_group("G").await;
    let client = with(&scim, "bulk,users:write").await;
    let operations = json!([
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"schemas": [USER], "userName": "ada"}},
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"schemas": [GROUP], "displayName": "H"}},
        {"method": "DELETE", "path": format!("/Groups/{group}")},
        {"method": "PATCH", "path": "/Groups/bulkId:g",
            "data": {"Operations": [{"op": "add", "path": "members", "value": [{"value": "bulkId:a"}]}]}},
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": {"schemas": [USER], "userName": "bob"}},
    ]);
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
    let answer = client.post("/Bulk", body).await.expect(200).json();
    let statuses: Vec<&str> =
        answer["Operations"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["201", "403", "403", "403", "201"], "{answer}");
    let detail = answer["Operations"][1]["response"]["detail"].as_str().unwrap();
    assert!(detail.contains("--scope groups:write"), "{detail}");
    scim.get(&format!("/Groups/{group}")).await.expect(200);
    assert_eq!(scim.get("/Groups").await.json()["totalResults"], 1);
}
