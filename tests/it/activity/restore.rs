//! `/admin/v1/tenants/{tenant}/resources/{id}`

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use scimgate::model::{AdminRole, Reach, Scopes};
use serde_json::{Value, json};

use super::{actions, entries, with_owner};
use crate::support::admin::Admin;
use crate::support::scim::{Answer, GROUP, Scim, USER};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

async fn restore(admin: &Admin, id: &str, version: i64) -> Answer {
    admin.post(&format!("/tenants/first/resources/{id}/versions/{version}/restore"), json!({})).await
}

/// A resource without what a restoration moves on.
fn content(mut resource: Value) -> Value {
    resource.as_object_mut().unwrap().remove("meta");
    if let Some(members) = resource.get_mut("members").and_then(Value::as_array_mut) {
        members.sort_by_key(|member| member["value"].to_string());
    }
    resource
}

fn version(resource: &Value) -> i64 {
    let tag = resource["meta"]["version"].as_str().unwrap();
    tag.trim_start_matches("W/\"").trim_end_matches('"').parse().unwrap()
}

#[tokio::test]
async fn an_earlier_version_comes_back_as_a_new_one_that_tells_of_it() {
    let (scim, owner) = with_owner().await;
    let body = json!({"schemas": [USER, ENTERPRISE], "userName": "ann", "title": "Engineer", "emails": [{"value": "a@example.com", "type": "work"}], ENTERPRISE: {"department": "R&D"}});
    let ann = scim.create("/Users", body).await;
    let path = format!("/Users/{ann}");
    let first = scim.get(&path).await.expect(200).json();
    scim.put(&path, json!({"schemas": [USER], "userName": "ann.b", "active": false})).await.expect(200);
    scim.advance_seconds(60);

    let preview = owner.get(&format!("/tenants/first/resources/{ann}/versions/1")).await.expect(200).json();
    assert_eq!((&preview["changed"], &preview["version"]), (&json!(true), &json!(2)));
    assert_eq!(version(&scim.get(&path).await.json()), 2, "a look changes nothing");

    let restored = restore(&owner, &ann, 1).await.expect(200).json();
    assert_eq!(
        (&restored["restored"], &restored["version"], &restored["wasRemoved"]),
        (&json!(1), &json!(3), &json!(false))
    );
    assert_eq!(restored["attributes"], preview["attributes"]);
    let now = scim.get(&path).await.expect(200).json();
    assert_eq!(content(now.clone()), content(first.clone()));
    assert_eq!((version(&now), &now["meta"]["created"]), (3, &first["meta"]["created"]));

    let history = owner.get(&format!("/tenants/first/resources/{ann}/history")).await.expect(200).json();
    let history = history["items"].as_array().unwrap();
    assert_eq!(actions(history), ["reactivate", "deactivate", "create"]);
    assert_eq!((&history[0]["restored"], &history[0]["actor"]["name"]), (&json!(1), &json!(owner.email)));
    assert_eq!((&history[0]["actor"]["kind"], &history[0]["version"]), (&json!("admin"), &json!(3)));
    assert!(!history[0]["attributes"].to_string().contains('#'), "{}", history[0]);
    let again = restore(&owner, &ann, 1).await.expect(200).json();
    assert_eq!((&again["changed"], &again["version"]), (&json!(false), &json!(3)), "it is as it was");
}

#[tokio::test]
async fn a_removed_user_comes_back_under_its_id_and_into_its_groups() {
    let (scim, owner) = with_owner().await;
    let ann = scim.create("/Users", json!({"schemas": [USER], "userName": "ann", "password": "t0p-s3cret"})).await;
    let bob = scim.create_user("bob").await;
    let staff = scim
        .create(
            "/Groups",
            json!({"schemas": [GROUP], "displayName": "Staff", "members": [{"value": ann}, {"value": bob}]}),
        )
        .await;
    let gone =
        scim.create("/Groups", json!({"schemas": [GROUP], "displayName": "Gone", "members": [{"value": ann}]})).await;
    let before = scim.get(&format!("/Users/{ann}")).await.json();
    scim.advance_seconds(60);
    scim.delete(&format!("/Users/{ann}")).await.expect(204);
    scim.delete(&format!("/Groups/{gone}")).await.expect(204);
    let total = scim.get("/Users?count=0").await.json()["totalResults"].clone();

    let restored = restore(&owner, &ann, 1).await.expect(200).json();
    assert_eq!((&restored["wasRemoved"], &restored["version"]), (&json!(true), &json!(2)));
    assert!(restored["notes"].to_string().contains("password"), "{restored}");
    let now = scim.get(&format!("/Users/{ann}")).await.expect(200).json();
    assert_eq!((&now["userName"], &now["meta"]["created"]), (&json!("ann"), &before["meta"]["created"]));
    let groups: Vec<&Value> = now["groups"].as_array().unwrap().iter().map(|group| &group["value"]).collect();
    assert_eq!(groups, [&json!(staff)]);
    let members = scim.get(&format!("/Groups/{staff}")).await.json()["members"].as_array().unwrap().len();
    assert_eq!(members, 2);
    assert_eq!(scim.get("/Users?count=0").await.json()["totalResults"].as_i64(), total.as_i64().map(|total| total + 1));
    let log = entries(&owner, &format!("target={ann}")).await;
    assert_eq!(actions(&log), ["create", "delete", "create"]);
    let of_group = entries(&owner, &format!("target={staff}")).await;
    assert_eq!(of_group[0]["attributes"], json!([{"path": "members", "new": [{"value": ann}]}]), "{of_group:?}");
    assert_eq!(of_group[0]["request"], log[0]["request"], "one request did both");
    scim.delete(&format!("/Users/{ann}")).await.expect(204);
    restore(&owner, &ann, 1).await.expect(200);
    assert_eq!(version(&scim.get(&format!("/Users/{ann}")).await.json()), 3, "versions never repeat");
}

#[tokio::test]
async fn a_removed_group_comes_back_with_those_of_its_members_who_are_still_there() {
    let (scim, owner) = with_owner().await;
    let [ann, bob] = [scim.create_user("ann").await, scim.create_user("bob").await];
    let inner = scim.create_group("Inner").await;
    let members = json!([{"value": ann}, {"value": bob}, {"value": inner}]);
    let staff = scim.create("/Groups", json!({"schemas": [GROUP], "displayName": "Staff", "members": members})).await;
    scim.delete(&format!("/Groups/{staff}")).await.expect(204);
    scim.delete(&format!("/Users/{bob}")).await.expect(204);
    restore(&owner, &staff, 1).await.expect(200);
    let now = scim.get(&format!("/Groups/{staff}")).await.expect(200).json();
    let mut values: Vec<&str> =
        now["members"].as_array().unwrap().iter().map(|member| member["value"].as_str().unwrap()).collect();
    values.sort_unstable();
    let mut wanted = [ann.as_str(), &inner];
    wanted.sort_unstable();
    assert_eq!(values, wanted);
}

#[tokio::test]
async fn roles_give_memberships_again_and_are_not_doubled() {
    let (scim, owner) = with_owner().await;
    let role = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:role";
    let admins = scim
        .create("/Groups", json!({"schemas": [GROUP, role], "displayName": "Admins", role: {"roleId": "admin"}}))
        .await;
    let ann = scim.create("/Users", json!({"schemas": [USER], "userName": "ann", "roles": [{"value": "admin"}]})).await;
    scim.delete(&format!("/Users/{ann}")).await.expect(204);
    restore(&owner, &ann, 1).await.expect(200);
    let members =
        async || scim.get(&format!("/Groups/{admins}")).await.json()["members"].as_array().map_or(0, Vec::len);
    assert_eq!(members().await, 1);
    scim.patch(&format!("/Users/{ann}"), json!({"Operations": [{"op": "remove", "path": "roles"}]})).await.expect(200);
    assert_eq!(members().await, 0, "the membership came from the role alone");
}

#[tokio::test]
async fn what_is_not_allowed_now_is_refused_with_the_reason() {
    let (scim, owner) = with_owner().await;
    let ann = scim.create_user("ann").await;
    scim.delete(&format!("/Users/{ann}")).await.expect(204);
    scim.create_user("ANN").await;
    restore(&owner, &ann, 1).await.expect_problem(409, "userName");
    scim.get(&format!("/Users/{ann}")).await.expect_error(404, "", "");
    let bob = scim.create_user("bob").await;
    for (id, version, status, told) in [
        (bob.as_str(), 7, 409, "its newest is 1"),
        (bob.as_str(), 0, 404, "there is no version 0"),
        ("01900000-0000-7000-8000-000000000001", 1, 404, "there is no resource"),
        ("nonsense", 1, 404, "there is no resource"),
    ] {
        restore(&owner, id, version).await.expect_problem(status, told);
    }
    let second = scim.other_tenant("second").await;
    let foreign = second.create_user("cid").await;
    restore(&owner, &foreign, 1).await.expect_problem(404, "there is no resource");
    owner.get(&format!("/tenants/first/resources/{foreign}/history")).await.expect_problem(404, "there is no resource");
}

#[tokio::test]
async fn an_auditor_looks_and_restores_nothing() {
    let scim = Scim::start().await;
    let ann = scim.create_user("ann").await;
    let auditor = scim.admin(AdminRole::Auditor, Reach::Tenant(scim.tenant().id)).await;
    auditor.get(&format!("/tenants/first/resources/{ann}/versions/1")).await.expect(200);
    restore(&auditor, &ann, 1).await.expect_problem(403, "auditor");
}

#[tokio::test]
async fn changes_that_are_not_kept_cannot_be_undone() {
    let scim = Scim::start().await;
    let ann = scim.create_user("ann").await;
    for title in ["a", "b", "c"] {
        scim.advance_seconds(3_600);
        scim.patch(
            &format!("/Users/{ann}"),
            json!({"Operations": [{"op": "replace", "path": "title", "value": title}]}),
        )
        .await
        .expect(200);
    }
    let (owner, store) = (scim.owner().await, scim.store().tenant(scim.tenant().id));
    while store.forget_activity("2026-11-22T09:30:00Z".parse().unwrap(), 1).await.unwrap() {}
    restore(&owner, &ann, 2).await.expect_problem(409, "the oldest version that can be restored is 3");
    restore(&owner, &ann, 3).await.expect(200);
    assert_eq!(scim.get(&format!("/Users/{ann}")).await.json()["title"], "b");
}

/// One edit of a user, a group or its members.
#[derive(Debug, Clone)]
enum Edit {
    Patch(Value),
    Put(Value),
    Remove,
}

fn user_edits() -> impl Strategy<Value = Vec<Edit>> {
    let word = "[a-d]";
    let attribute = prop_oneof![
        Just("title".to_owned()),
        Just("nickName".to_owned()),
        Just("name.familyName".to_owned()),
        Just(format!("{ENTERPRISE}:department"))
    ];
    let set = (attribute.clone(), word)
        .prop_map(|(path, value)| Edit::Patch(json!({"op": "replace", "path": path, "value": value})));
    let remove = attribute.prop_map(|path| Edit::Patch(json!({"op": "remove", "path": path})));
    let emails = proptest::collection::vec(word, 0..3)
        .prop_map(|all| Edit::Patch(json!({"op": "replace", "path": "emails", "value": all.iter().map(|value| json!({"value": value})).collect::<Value>()})));
    let active =
        any::<bool>().prop_map(|active| Edit::Patch(json!({"op": "replace", "path": "active", "value": active})));
    let put =
        (word, word).prop_map(|(name, title)| Edit::Put(json!({"schemas": [USER], "userName": name, "title": title})));
    let edit = prop_oneof![3 => set, 2 => remove, 2 => emails, 1 => active, 1 => put, 1 => Just(Edit::Remove)];
    proptest::collection::vec(edit, 1..12)
}

/// After any edits, every version that there was comes back as it was.
#[tokio::test]
async fn any_version_comes_back_after_any_edits() {
    let (scim, owner) = with_owner().await;
    let mut runner = TestRunner::deterministic();
    for round in 0..12 {
        let edits = user_edits().new_tree(&mut runner).unwrap().current();
        let id = scim.create("/Users", json!({"schemas": [USER], "userName": format!("user {round}")})).await;
        let path = format!("/Users/{id}");
        let mut versions: std::collections::BTreeMap<i64, Value> =
            [(1, scim.get(&path).await.expect(200).json())].into();
        let mut newest = 1;
        for edit in &edits {
            match edit {
                Edit::Patch(operation) => {
                    scim.patch(&path, json!({"Operations": [operation]})).await.expect(200);
                }
                Edit::Put(body) => {
                    let mut body = body.clone();
                    body["userName"] = format!("{} {round}", body["userName"].as_str().unwrap()).into();
                    scim.put(&path, body).await.expect(200);
                }
                Edit::Remove => {
                    scim.delete(&path).await.expect(204);
                    restore(&owner, &id, newest).await.expect(200);
                }
            }
            let now = scim.get(&path).await.expect(200).json();
            newest = version(&now);
            versions.insert(newest, now);
        }
        for (number, wanted) in &versions {
            restore(&owner, &id, *number).await.expect(200);
            let now = scim.get(&path).await.expect(200).json();
            assert_eq!(content(now), content(wanted.clone()), "version {number} after {edits:#?}");
        }
        scim.delete(&path).await.expect(204);
        let (number, wanted) = versions.iter().next_back().unwrap();
        restore(&owner, &id, *number).await.expect(200);
        assert_eq!(content(scim.get(&path).await.expect(200).json()), content(wanted.clone()));
    }
}

/// The same of a group's name and members.
#[tokio::test]
async fn any_version_of_a_group_comes_back_with_its_members() {
    let (scim, owner) = with_owner().await;
    let mut runner = TestRunner::deterministic();
    let mut people = Vec::new();
    for number in 0..5 {
        people.push(scim.create_user(&format!("user {number}")).await);
    }
    let steps = proptest::collection::vec((0_usize..4, proptest::collection::vec(0_usize..5, 0..4)), 1..10);
    for round in 0..8 {
        let steps = steps.new_tree(&mut runner).unwrap().current();
        let id = scim.create_group(&format!("group {round}")).await;
        let path = format!("/Groups/{id}");
        let mut versions: std::collections::BTreeMap<i64, Value> = [(1, scim.get(&path).await.json())].into();
        for (step, (action, who)) in steps.iter().enumerate() {
            let members: Value = who.iter().map(|index| json!({"value": people[*index]})).collect();
            let operation = match action {
                0 => json!({"op": "add", "path": "members", "value": members}),
                1 => json!({"op": "remove", "path": "members", "value": members}),
                2 => json!({"op": "replace", "path": "members", "value": members}),
                _ => json!({"op": "replace", "path": "displayName", "value": format!("group {round} {step}")}),
            };
            scim.patch(&path, json!({"Operations": [operation]})).await.expect(200);
            let now = scim.get(&path).await.expect(200).json();
            versions.insert(version(&now), now);
        }
        for (number, wanted) in &versions {
            restore(&owner, &id, *number).await.expect(200);
            let now = scim.get(&path).await.expect(200).json();
            assert_eq!(content(now), content(wanted.clone()), "version {number} after {steps:?}");
        }
    }
}

#[tokio::test]
async fn a_token_with_an_admin_scope_restores_too() {
    let (scim, owner) = with_owner().await;
    let ann = scim.create_user("ann").await;
    scim.delete(&format!("/Users/{ann}")).await.expect(204);
    let token = scim.with_token(Scopes::ADMIN, None).await;
    let path = format!("/admin/v1/tenants/first/resources/{ann}/versions/1/restore");
    let answer = token.post_raw(&path).await.expect(200);
    assert_eq!(answer.json()["wasRemoved"], true);
    let log = entries(&owner, &format!("target={ann}")).await;
    assert_eq!((&log[0]["actor"]["kind"], &log[0]["restored"]), (&json!("credential"), &json!(1)));
}
