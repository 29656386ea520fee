//! `/scim/v2/Users`: what one user goes through.

use serde_json::{Value, json};

use crate::support::scim::{Scim, USER};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// RFC 7643, section 8.2, with what a client may not set in it.
fn full_user() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "id": "chosen-by-the-client",
        "externalId": "701984",
        "userName": "bjensen@example.com",
        "name": {"formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara"},
        "displayName": "Babs Jensen",
        "profileUrl": "https://login.example.com/bjensen",
        "emails": [
            {"value": "bjensen@example.com", "type": "work", "primary": true},
            {"value": "babs@jensen.org", "type": "home"}
        ],
        "groups": [{"value": "nobody's", "display": "Administrators"}],
        "x509Certificates": [{"value": "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVMx"}],
        "active": true,
        "password": "t1meMa$heen",
        "meta": {"resourceType": "Elephant", "version": "W/\"99\"", "created": "2001-01-01T00:00:00Z"},
        ENTERPRISE: {"employeeNumber": "701984", "department": "Tours", "manager": {"value": "26118915", "displayName": "forged"}}
    })
}

#[tokio::test]
async fn a_created_user_is_answered_as_it_is_kept() {
    let scim = Scim::start().await;
    let created = scim.post("/Users", full_user()).await.expect(201);
    let user = created.json();
    let id = user["id"].as_str().unwrap();
    let location = format!("{}/Users/{id}", scim.base);

    assert_ne!(id, "chosen-by-the-client");
    assert_eq!(created.header("location"), location);
    assert_eq!(created.header("etag"), "W/\"1\"");
    assert_eq!(created.header("content-type"), "application/scim+json");
    assert_eq!(user["schemas"], json!([USER, ENTERPRISE]));
    assert_eq!(user["externalId"], "701984");
    assert_eq!(user["emails"], full_user()["emails"]);
    assert_eq!(
        user[ENTERPRISE],
        json!({"employeeNumber": "701984", "department": "Tours", "manager": {"value": "26118915"}})
    );
    assert_eq!(user["meta"]["resourceType"], "User");
    assert_eq!(user["meta"]["location"], location);
    assert_eq!(user["meta"]["version"], "W/\"1\"");
    assert_eq!(user["meta"]["created"], scim.now());
    assert_eq!(user["meta"]["lastModified"], scim.now());
    assert!(user.get("password").is_none() && user.get("groups").is_none(), "{user}");

    let read = scim.get(&format!("/Users/{id}")).await.expect(200);
    assert_eq!(read.json(), user);
    assert_eq!(read.header("etag"), "W/\"1\"");
}

#[tokio::test]
async fn a_user_without_active_is_active_and_put_without_it_keeps_it() {
    let scim = Scim::start().await;
    let id = scim.create_user("ada").await;
    assert_eq!(scim.get(&format!("/Users/{id}")).await.json()["active"], true);

    let leaver = json!({"schemas": [USER], "userName": "ada", "active": false});
    scim.put(&format!("/Users/{id}"), leaver).await.expect(200);
    let silent = json!({"schemas": [USER], "userName": "ada", "title": "Countess"});
    let answer = scim.put(&format!("/Users/{id}"), silent).await.expect(200).json();
    assert_eq!((&answer["active"], &answer["title"]), (&json!(false), &json!("Countess")));
}

#[tokio::test]
async fn put_replaces_everything_but_what_the_server_sets() {
    let scim = Scim::start().await;
    let user = scim.post("/Users", full_user()).await.expect(201).json();
    let path = format!("/Users/{}", user["id"].as_str().unwrap());
    scim.advance_seconds(60);

    let answer = scim.put(&path, json!({"schemas": [USER], "id": "other", "userName": "babs"})).await.expect(200);
    let replaced = answer.json();
    assert_eq!(answer.header("etag"), "W/\"2\"");
    assert_eq!(replaced["id"], user["id"]);
    assert_eq!(replaced["userName"], "babs");
    assert_eq!(replaced["meta"]["created"], user["meta"]["created"]);
    assert_eq!(replaced["meta"]["lastModified"], scim.now());
    assert_ne!(replaced["meta"]["lastModified"], user["meta"]["lastModified"]);
    for gone in ["externalId", "emails", "name", ENTERPRISE] {
        assert!(replaced.get(gone).is_none(), "{gone} is still there");
    }
    assert_eq!(replaced["schemas"], json!([USER]));
}

#[tokio::test]
async fn a_change_that_changes_nothing_leaves_version_and_stream_alone() {
    let scim = Scim::start().await;
    let user = scim.post("/Users", full_user()).await.expect(201).json();
    let path = format!("/Users/{}", user["id"].as_str().unwrap());
    scim.advance_seconds(60);

    let same = json!({"Operations": [{"op": "replace", "path": "displayName", "value": "Babs Jensen"}]});
    let answer = scim.patch(&path, same).await.expect(200);
    assert_eq!(answer.header("etag"), "W/\"1\"");
    assert_eq!(answer.json()["meta"], user["meta"]);
    assert_eq!(scim.actions().await, ["create"]);
}

#[tokio::test]
async fn a_name_is_unique_without_case_and_free_again_after_delete() {
    let scim = Scim::start().await;
    let id = scim.create_user("BJensen@Example.com").await;
    let again = scim.post("/Users", json!({"schemas": [USER], "userName": "bjensen@example.COM"})).await;
    again.expect_error(409, "uniqueness", "userName");

    scim.delete(&format!("/Users/{id}")).await.expect(204);
    scim.get(&format!("/Users/{id}")).await.expect(404);
    scim.delete(&format!("/Users/{id}")).await.expect(404);
    scim.create_user("bjensen@example.com").await;
}

#[tokio::test]
async fn an_external_id_is_unique_with_case() {
    let scim = Scim::start().await;
    let user = |name: &str, external: &str| json!({"schemas": [USER], "userName": name, "externalId": external});
    scim.post("/Users", user("a", "E-1")).await.expect(201);
    scim.post("/Users", user("b", "e-1")).await.expect(201);
    scim.post("/Users", user("c", "E-1")).await.expect_error(409, "uniqueness", "externalId");
    let other = scim.post("/Users", user("d", "E-2")).await.expect(201).json();
    let path = format!("/Users/{}", other["id"].as_str().unwrap());
    let patch = json!({"Operations": [{"op": "replace", "value": {"externalId": "E-1"}}]});
    scim.patch(&path, patch).await.expect_error(409, "uniqueness", "externalId");
    scim.put(&path, user("d", "e-1")).await.expect_error(409, "uniqueness", "externalId");
}

fn many_emails(count: usize) -> Value {
    let emails: Vec<Value> = (0..count).map(|number| json!({"value": format!("{number}@example.com")})).collect();
    json!({"schemas": [USER], "userName": "a", "emails": emails})
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_told() {
    let scim = Scim::start().await;
    let cases = [
        (json!({"schemas": [USER]}), "invalidValue", "userName"),
        (json!({"schemas": [USER], "userName": "  "}), "invalidValue", "userName"),
        (json!({"schemas": [USER], "userName": 7}), "invalidValue", "userName"),
        (json!({"schemas": [USER], "userName": "x".repeat(1025)}), "invalidValue", "userName"),
        (json!({"schemas": [USER], "userName": "a", "active": "perhaps"}), "invalidValue", "active"),
        (
            json!({"schemas": [USER], "userName": "a", "emails": [{"value": "x", "primary": true}, {"value": "y", "primary": true}]}),
            "invalidValue",
            "emails",
        ),
        (
            json!({"schemas": [USER], "userName": "a", "x509Certificates": [{"value": "not base64!"}]}),
            "invalidValue",
            "x509Certificates",
        ),
        (many_emails(1_001), "invalidValue", "at most 1000"),
        (json!([]), "invalidSyntax", "object"),
    ];
    for (body, scim_type, told) in cases {
        scim.post("/Users", body).await.expect_error(400, scim_type, told);
    }
    assert_eq!(scim.get("/Users").await.json()["totalResults"], 0);
}

#[tokio::test]
async fn nothing_of_a_tenant_is_seen_by_another() {
    let scim = Scim::start().await;
    let id = scim.create_user("ada").await;
    let path = format!("/Users/{id}");
    let other = scim.other_tenant("other").await;

    other.get(&path).await.expect(404);
    other.delete(&path).await.expect(404);
    let body = json!({"schemas": [USER], "userName": "ada"});
    other.put(&path, body.clone()).await.expect(404);
    other.patch(&path, json!({"Operations": [{"op": "replace", "value": {"title": "x"}}]})).await.expect(404);
    assert_eq!(other.get("/Users").await.json()["totalResults"], 0);
    assert_eq!(other.get(&format!("/Users?filter=id eq \"{id}\"")).await.json()["totalResults"], 0);
    other.post("/Users", body).await.expect(201);
    let member = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "G", "members": [{"value": id}]});
    let group = other.post("/Groups", member).await.expect(201).json();
    assert!(group.get("members").is_none(), "{group}");
    scim.get(&path).await.expect(200);
}
