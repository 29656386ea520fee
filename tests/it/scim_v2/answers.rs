//! Whole answers, to the last header field and attribute: what a client sees in the most usual cases.

use serde_json::{Value, json};

use crate::support::scim::{Answer, GROUP, Scim, USER};

/// Status, the headers that mean something, and the body, with what differs from run to run made the same.
fn whole(scim: &Scim, ids: &[&str], answer: &Answer) -> String {
    let mut names: Vec<&str> = answer.headers.keys().map(|name| name.as_str()).collect();
    names.retain(|name| !["date", "content-length", "x-request-id", "vary"].contains(name));
    names.sort_unstable();
    let mut text = answer.status.to_string();
    for name in names {
        text.push_str(&format!("\n{name}: {}", answer.header(name)));
    }
    if !answer.text.is_empty() {
        let body: Value = answer.json();
        text.push_str(&format!("\n\n{}", serde_json::to_string_pretty(&body).unwrap()));
    }
    for (number, id) in ids.iter().enumerate() {
        text = text.replace(id, &format!("ID-{}", number + 1));
    }
    text.replace(&scim.base, "BASE")
}

#[tokio::test]
async fn a_created_user() {
    let scim = Scim::start().await;
    let body = json!({
        "schemas": [USER], "userName": "ada@example.com", "externalId": "E-1", "name": {"familyName": "Lovelace", "givenName": "Ada"},
        "emails": [{"value": "ada@example.com", "type": "work", "primary": true}], "password": "s3cret-Pass", "nickName": null,
    });
    let created = scim.post("/Users", body).await;
    let id = created.json()["id"].as_str().unwrap().to_owned();
    insta::assert_snapshot!(whole(&scim, &[&id], &created), @"");
    let read = scim.get(&format!("/Users/{id}")).await;
    assert_eq!(read.json(), created.json());
    let chosen = scim.get(&format!("/Users/{id}?attributes=name.givenName,emails")).await;
    insta::assert_snapshot!(whole(&scim, &[&id], &chosen), @"");
    let deleted = scim.delete(&format!("/Users/{id}")).await;
    insta::assert_snapshot!(whole(&scim, &[&id], &deleted), @"");
}

#[tokio::test]
async fn a_group_and_a_list() {
    let scim = Scim::start().await;
    let user = scim.create_user("ada").await;
    let group = json!({"schemas": [GROUP], "displayName": "Engineers", "members": [{"value": user}]});
    let created = scim.post("/Groups", group).await;
    let group = created.json()["id"].as_str().unwrap().to_owned();
    insta::assert_snapshot!(whole(&scim, &[&user, &group], &created), @"");
    let list = scim.get("/Users?filter=userName eq \"ADA\"").await;
    insta::assert_snapshot!(whole(&scim, &[&user, &group], &list), @"");
    let empty = scim.get("/Users?filter=userName eq \"nobody\"").await;
    insta::assert_snapshot!(whole(&scim, &[], &empty), @"");
}

#[tokio::test]
async fn errors() {
    let scim = Scim::start().await;
    scim.create_user("ada").await;
    let taken = scim.post("/Users", json!({"schemas": [USER], "userName": "Ada"})).await;
    insta::assert_snapshot!(whole(&scim, &[], &taken), @"");
    let nobody = scim.get("/Users/01a20244-0000-7000-8000-00000000dead").await;
    insta::assert_snapshot!(whole(&scim, &[], &nobody), @"");
    let filter = scim.get("/Users?filter=userName like \"a\"").await;
    insta::assert_snapshot!(whole(&scim, &[], &filter), @"");
    let anonymous = scim.get_authorized("/scim/v2/Users", None).await;
    insta::assert_snapshot!(whole(&scim, &[], &anonymous), @"");
    let method = scim.send("PATCH", "/Users", None).await;
    insta::assert_snapshot!(whole(&scim, &[], &method), @"");
}
