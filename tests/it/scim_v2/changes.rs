//! The change stream: one row for every mutation, which tells who did what, and no secret.

use scimgate::auth::Token;
use scimgate::model::{Change, Scopes};
use serde_json::{Value, json};

use crate::support::scim::{Answer, GROUP, Scim, USER};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The rows that were written since there were `before` of them.
async fn since(scim: &Scim, before: usize) -> Vec<Change> {
    scim.changes().await.split_off(before)
}

/// Holds that a request wrote one row, which carries its request's id, and answers it.
async fn only_change(scim: &Scim, before: usize, answer: &Answer) -> Change {
    let mut written = since(scim, before).await;
    assert_eq!(written.len(), 1, "{written:?}");
    assert_eq!(answer.header("x-request-id"), written[0].request.to_string());
    written.remove(0)
}

/// What changed, as `[path, old, new]`, in the order of the paths.
fn told(change: &Change) -> Value {
    let mut attributes: Vec<_> = change.attributes.iter().collect();
    attributes.sort_by_key(|attribute| &attribute.path);
    attributes.iter().map(|attribute| json!([attribute.path, attribute.old, attribute.new])).collect()
}

fn patch(operation: Value) -> Value {
    json!({"Operations": [operation]})
}

#[tokio::test]
async fn a_users_life_is_told_row_by_row() {
    let scim = Scim::start().await;
    let body =
        json!({"schemas": [USER, ENTERPRISE], "userName": "ada", "title": "Countess", ENTERPRISE: {"division": "D"}});
    let created = scim.post("/Users", body).await.expect(201);
    let change = only_change(&scim, 0, &created).await;
    let id = created.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(change.action.as_str(), "create");
    assert_eq!(
        (&*change.resource_type, change.resource_id.to_string(), &*change.resource_name),
        ("User", id.clone(), "ada")
    );
    assert_eq!((change.version, &*change.actor, change.address.as_deref()), (1, "write token", Some("127.0.0.1")));
    assert_eq!(change.credential, Token::parse(&scim.token).unwrap().id());
    assert_eq!(
        told(&change),
        json!([
            ["active", null, true],
            ["title", null, "Countess"],
            [format!("{ENTERPRISE}:division"), null, "D"],
            ["userName", null, "ada"]
        ])
    );

    let path = format!("/Users/{id}");
    let division = format!("{ENTERPRISE}:division");
    let same_but = |title: &str| json!({"schemas": [USER, ENTERPRISE], "userName": "ada", "title": title, ENTERPRISE: {"division": "E"}});
    for (number, (body, action, expected)) in [
        (
            patch(json!({"op": "replace", "path": "title", "value": "Lady"})),
            "update",
            json!([["title", "Countess", "Lady"]]),
        ),
        (patch(json!({"op": "remove", "path": "title"})), "update", json!([["title", "Lady", null]])),
        (
            patch(json!({"op": "add", "path": "name.givenName", "value": "Ada"})),
            "update",
            json!([["name", null, {"givenName": "Ada"}]]),
        ),
        (patch(json!({"op": "replace", "path": division, "value": "E"})), "update", json!([[division, "D", "E"]])),
        (
            patch(json!({"op": "Replace", "path": "active", "value": "False"})),
            "deactivate",
            json!([["active", true, false]]),
        ),
        (patch(json!({"op": "replace", "value": {"active": true}})), "reactivate", json!([["active", false, true]])),
        (same_but("Dame"), "update", json!([["name", {"givenName": "Ada"}, null], ["title", null, "Dame"]])),
    ]
    .into_iter()
    .enumerate()
    {
        scim.advance_seconds(1);
        let method = if body.get("Operations").is_some() { "PATCH" } else { "PUT" };
        let answer = scim.send(method, &path, Some(body)).await.expect(200);
        let change = only_change(&scim, number + 1, &answer).await;
        assert_eq!((change.action.as_str(), told(&change)), (action, expected), "{number}");
        assert_eq!(change.version, i64::try_from(number).unwrap() + 2);
        assert_eq!(change.at.to_rfc3339(), format!("2026-11-22T08:00:{:02}+00:00", number + 1));
    }

    let before = scim.get(&path).await.json();
    let deleted = scim.delete(&path).await.expect(204);
    let change = only_change(&scim, 8, &deleted).await;
    assert_eq!((change.action.as_str(), &*change.resource_name), ("delete", "ada"));
    let told = told(&change);
    let lost: Vec<&Value> = told.as_array().unwrap().iter().map(|line| &line[0]).collect();
    assert_eq!(lost, ["active", "title", &division, "userName"]);
    assert_eq!(told[1], json!(["title", before["title"], null]));
}

#[tokio::test]
async fn a_groups_rows_tell_who_came_and_who_left() {
    let scim = Scim::start().await;
    let (a, b) = (scim.create_user("a").await, scim.create_user("b").await);
    let group = json!({"schemas": [GROUP], "displayName": "G", "members": [{"value": a}]});
    let created = scim.post("/Groups", group).await.expect(201);
    let change = only_change(&scim, 2, &created).await;
    assert_eq!(told(&change), json!([["displayName", null, "G"], ["members", null, [{"value": a}]]]));

    let path = format!("/Groups/{}", created.json()["id"].as_str().unwrap());
    let mut count = 3;
    for (operations, expected) in [
        (
            json!([{"op": "add", "path": "members", "value": [{"value": a}, {"value": b}]}]),
            json!([["members", null, [{"value": b}]]]),
        ),
        (
            json!([{"op": "remove", "path": format!("members[value eq \"{a}\"]")}]),
            json!([["members", [{"value": a}], null]]),
        ),
        (
            json!([{"op": "replace", "path": "members", "value": [{"value": a}]}]),
            json!([["members", [{"value": b}], [{"value": a}]]]),
        ),
        (
            json!([{"op": "replace", "path": "displayName", "value": "H"}, {"op": "remove", "path": "members"}]),
            json!([["displayName", "G", "H"], ["members", [{"value": a}], null]]),
        ),
    ] {
        let answer = scim.patch(&path, json!({"Operations": operations})).await.expect(200);
        let change = only_change(&scim, count, &answer).await;
        assert_eq!((change.action.as_str(), told(&change)), ("update", expected), "{operations}");
        count += 1;
    }
    assert_eq!(since(&scim, count - 1).await[0].resource_name, "H");
}

#[tokio::test]
async fn what_fails_or_changes_nothing_is_not_told() {
    let scim = Scim::start().await;
    let (ada, _) = (scim.create_user("ada").await, scim.create_user("bob").await);
    let group = scim.create_group("G").await;
    let (user, group) = (format!("/Users/{ada}"), format!("/Groups/{group}"));
    let before = scim.dump().await;
    let stale = [("if-match", "W/\"7\"")];
    for answer in [
        scim.post("/Users", json!({"schemas": [USER], "userName": "ADA"})).await.expect(409),
        scim.post("/Users", json!({"schemas": [USER]})).await.expect(400),
        scim.put(&user, json!({"schemas": [USER], "userName": "bob"})).await.expect(409),
        scim.patch(&user, patch(json!({"op": "replace", "path": "userName", "value": "bob"}))).await.expect(409),
        scim.patch(&user, json!({"Operations": [{"op": "replace", "path": "title", "value": "x"}, {"op": "remove", "path": "name["}]})).await.expect(400),
        scim.send_with("PATCH", &user, Some(patch(json!({"op": "replace", "path": "title", "value": "x"}))), &stale).await.expect(412),
        scim.send_with("DELETE", &user, None, &stale).await.expect(412),
        scim.delete("/Users/01a20244-0000-7000-8000-00000000dead").await.expect(404),
        scim.reader().await.delete(&user).await.expect(403),
        scim.patch(&user, patch(json!({"op": "replace", "path": "active", "value": true}))).await.expect(200),
        scim.put(&user, json!({"schemas": [USER], "userName": "ada"})).await.expect(200),
        scim.patch(&group, patch(json!({"op": "remove", "path": "members", "value": [{"value": ada}]}))).await.expect(200),
        scim.patch(&group, patch(json!({"op": "replace", "path": "displayName", "value": "G"}))).await.expect(200),
    ] {
        assert!(!answer.header("x-request-id").is_empty());
    }
    // The reader's credential and what tells of it are all that is new.
    let after = scim.dump().await;
    let new: Vec<&str> = after.lines().filter(|row| !before.contains(row)).collect();
    let tables: Vec<&str> = new.iter().filter_map(|row| row.split(' ').next()).collect();
    assert_eq!(tables, ["admin_actions", "credentials"], "{new:?}");
}

#[tokio::test]
async fn the_row_names_the_credential_and_its_tenant_alone_sees_it() {
    let scim = Scim::start().await;
    let other = scim.other_tenant("other").await;
    let second = scim.with_token(Scopes::WRITE, None).await;
    scim.create_user("ada").await;
    second.create_user("bob").await;
    other.create_user("carl").await;
    let changes = scim.changes().await;
    let names: Vec<_> = changes.iter().map(|change| (&*change.resource_name, change.credential)).collect();
    let credential = |scim: &Scim| Token::parse(&scim.token).unwrap().id();
    assert_eq!(names, [("ada", credential(&scim)), ("bob", credential(&second))]);
    assert_eq!(other.changes().await.len(), 1);
}

#[tokio::test]
async fn a_password_is_told_of_and_never_told() {
    let scim = Scim::start().await;
    let secrets = ["s3cret-Pass-One", "s3cret-Pass-Two", "s3cret-Pass-Three", "s3cret-Pass-Four"];
    let user = |password: &str| json!({"schemas": [USER], "userName": "ada", "password": password});
    let created = scim.post("/Users", user(secrets[0])).await.expect(201);
    let path = format!("/Users/{}", created.json()["id"].as_str().unwrap());
    let answers = [
        scim.put(&path, user(secrets[1])).await.expect(200),
        scim.patch(&path, patch(json!({"op": "replace", "path": "password", "value": secrets[2]}))).await.expect(200),
        scim.patch(&path, patch(json!({"op": "replace", "value": {"password": secrets[3]}}))).await.expect(200),
        scim.get(&format!("{path}?attributes=password")).await.expect(200),
        scim.list("/Users", &[("filter", &format!("password eq \"{}\"", secrets[3]))]).await.expect(400),
        scim.post("/Users", json!({"schemas": [USER], "userName": "b", "password": {"value": secrets[0]}}))
            .await
            .expect(400),
        created,
    ];
    for answer in &answers {
        assert!(!answer.text.contains("s3cret") && !answer.text.contains("argon2"), "{}", answer.text);
    }
    for change in since(&scim, 1).await {
        assert_eq!(told(&change), json!([["password", null, null]]));
    }
    assert_eq!(scim.actions().await, ["create", "update", "update", "update"]);

    let dump = scim.dump().await;
    assert!(dump.contains("$argon2id$"), "the password is kept as a hash");
    let hexadecimal = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    for secret in secrets {
        assert!(!dump.contains(secret) && !dump.contains(&hexadecimal(secret)), "{secret}");
    }
}
