//! The fence between connections.

use scimgate::gateway::NewConnection;
use scimgate::model::{ConnectionKind, Origin, Profile};
use serde_json::{Value, json};

use crate::support::scim::{Answer, GROUP, Scim, USER};

struct Fenced {
    scim: Scim,
    entra: Scim,
    okta: Scim,
}

async fn client(scim: &Scim, name: &str) -> Scim {
    let kind = ConnectionKind::Other;
    let new = NewConnection { name: name.parse().unwrap(), prefix: None, kind, profile: None };
    let created = scim.gateway().create_connection(scim.tenant().id, new, &Origin::command_line()).await;
    scim.with_token_of(&created.unwrap()).await
}

async fn set_fence(scim: &Scim, stands: bool) {
    scim.behaving(|dialect| dialect.fence_connections = stands).await;
}

/// A tenant with a fence, and two connections.
async fn fenced() -> Fenced {
    let scim = Scim::with(Profile::Okta, &[]).await;
    set_fence(&scim, true).await;
    let (entra, okta) = (client(&scim, "Entra \"EU\"").await, client(&scim, "Okta").await);
    // With a token that no worker knows yet, so that all see the fence.
    let scim = scim.with_token("write".parse().unwrap(), None).await;
    Fenced { scim, entra, okta }
}

fn user(name: &str) -> Value {
    json!({"schemas": [USER], "userName": name})
}

fn title() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "title", "value": "x"}],
    })
}

fn add(member: &str) -> Value {
    json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": member}]}]})
}

#[track_caller]
fn expect_fenced(answer: &Answer) {
    answer.expect_error(403, "", "belongs to the connection \"Entra \"EU\"\", and connections are fenced");
}

async fn owners(scim: &Scim) -> usize {
    scim.dump().await.lines().filter(|line| line.starts_with("resource_owners ")).count()
}

#[tokio::test]
async fn what_one_connection_made_no_other_changes_or_removes() {
    let Fenced { scim, entra, okta } = fenced().await;
    let ada = entra.create_user("ada").await;
    let team =
        entra.create("/Groups", json!({"schemas": [GROUP], "displayName": "Team", "members": [{"value": ada}]})).await;
    let bob = okta.create_user("bob").await;
    let (user_url, group_url) = (format!("/Users/{ada}"), format!("/Groups/{team}"));
    let before = scim.dump().await;
    expect_fenced(&okta.patch(&user_url, title()).await);
    expect_fenced(&okta.put(&user_url, user("ada2")).await);
    expect_fenced(&okta.delete(&user_url).await);
    expect_fenced(&okta.patch(&group_url, add(&bob)).await);
    expect_fenced(&okta.put(&group_url, json!({"schemas": [GROUP], "displayName": "Mine"})).await);
    expect_fenced(&okta.delete(&group_url).await);
    assert_eq!(scim.dump().await, before);
    // Everybody reads, and a name is taken whoever has it.
    okta.get(&user_url).await.expect(200);
    okta.post("/Users", user("ADA")).await.expect_error(409, "uniqueness", "userName");
    // Those of others may be members of one's own.
    let mine = okta.create_group("Mine").await;
    okta.patch(&format!("/Groups/{mine}"), add(&ada)).await.expect(200);

    entra.patch(&user_url, title()).await.expect(200);
    entra.patch(&group_url, add(&bob)).await.expect(200);
    entra.delete(&user_url).await.expect(204);
    entra.delete(&group_url).await.expect(204);
    okta.delete(&format!("/Users/{bob}")).await.expect(204);
    okta.delete(&format!("/Groups/{mine}")).await.expect(204);
    assert_eq!(owners(&scim).await, 0, "nothing is left of what is gone");
}

#[tokio::test]
async fn credentials_without_a_connection_pass_the_fence_and_what_they_make_is_nobodys() {
    let Fenced { scim, entra, okta } = fenced().await;
    let ada = format!("/Users/{}", entra.create_user("ada").await);
    scim.patch(&ada, title()).await.expect(200);
    let bob = format!("/Users/{}", scim.create_user("bob").await);
    okta.patch(&bob, title()).await.expect(200);
    entra.delete(&bob).await.expect(204);
    scim.delete(&ada).await.expect(204);
}

#[tokio::test]
async fn each_operation_of_a_bulk_request_meets_the_fence() {
    let Fenced { scim, entra, okta } = fenced().await;
    let ada = entra.create_user("ada").await;
    let operations = json!([
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": user("bob")},
        {"method": "POST", "path": "/Users", "bulkId": "c", "data": user("carol")},
        {"method": "POST", "path": "/Users", "bulkId": "d", "data": user("ada")},
        {"method": "PATCH", "path": format!("/Users/{ada}"), "data": title()},
        {"method": "PUT", "path": format!("/Users/{ada}"), "data": user("ada")},
        {"method": "DELETE", "path": format!("/Users/{ada}")},
        {"method": "POST", "path": "/Groups", "bulkId": "g",
            "data": {"schemas": [GROUP], "displayName": "G", "members": [{"value": "bulkId:b"}]}},
    ]);
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations});
    let answer = okta.post("/Bulk", body).await.expect(200).json();
    let answers = answer["Operations"].as_array().unwrap();
    let statuses: Vec<&str> = answers.iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["201", "201", "409", "403", "403", "403", "201"], "{answer}");
    assert!(answers[3]["response"]["detail"].as_str().unwrap().contains("fenced"), "{answer}");
    // What was made in bulk belongs to its connection too, and what failed has left nothing.
    assert_eq!(owners(&scim).await, 4);
    for place in [0, 1, 6] {
        let path = answers[place]["location"].as_str().unwrap().strip_prefix(&scim.base).unwrap();
        entra.delete(path).await.expect_error(403, "", "belongs to the connection \"Okta\"");
        okta.delete(path).await.expect(204);
    }
}

#[tokio::test]
async fn a_fence_holds_while_it_stands_and_for_what_was_made_then() {
    let scim = Scim::start().await;
    let (entra, okta) = (client(&scim, "Entra \"EU\"").await, client(&scim, "Okta").await);
    let early = format!("/Users/{}", entra.create_user("early").await);
    assert_eq!(owners(&scim).await, 0, "without a fence nothing is kept");
    okta.patch(&early, title()).await.expect(200);

    set_fence(&scim, true).await;
    let (entra, okta) = (entra.again().await, okta.again().await);
    let fenced = format!("/Users/{}", entra.create_user("fenced").await);
    okta.patch(&early, title()).await.expect(200);
    expect_fenced(&okta.patch(&fenced, title()).await);

    set_fence(&scim, false).await;
    okta.again().await.patch(&fenced, title()).await.expect(200);
}
