//! `/scim/v2/Groups`: groups and who is in them.

use scimgate::model::Profile;
use serde_json::{Value, json};

use crate::support::scim::{GROUP, Scim};

fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    json!({"schemas": [GROUP], "displayName": name, "members": members})
}

/// The ids of a group's members, sorted.
async fn members(scim: &Scim, id: &str) -> Vec<String> {
    let group = scim.get(&format!("/Groups/{id}")).await.expect(200).json();
    let members = group["members"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<String> = members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

fn sorted(ids: &[&str]) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn members_and_groups_are_two_views_of_one_membership() {
    let scim = Scim::start().await;
    let ada = scim.create_user("ada").await;
    let created = scim.post("/Groups", group("Engineers", &[&ada])).await.expect(201).json();
    let id = created["id"].as_str().unwrap();
    let member = json!([{"value": ada, "$ref": format!("{}/Users/{ada}", scim.base), "type": "User"}]);
    assert_eq!(created["members"], member);
    assert_eq!(scim.get(&format!("/Groups/{id}")).await.json(), created);

    let asked = scim.get(&format!("/Groups/{id}?attributes=members.value,members.display")).await.json();
    assert_eq!(asked["members"], json!([{"value": ada, "display": "ada"}]));

    let user = scim.get(&format!("/Users/{ada}")).await.json();
    let reference = format!("{}/Groups/{id}", scim.base);
    assert_eq!(user["groups"], json!([{"value": id, "$ref": reference, "display": "Engineers", "type": "direct"}]));
    let listed = scim.get("/Users?filter=userName eq \"ada\"").await.json();
    assert_eq!(listed["Resources"][0]["groups"], user["groups"]);
}

#[tokio::test]
async fn members_come_and_go_in_every_shape_that_clients_send() {
    let scim = Scim::start().await;
    let (a, b, c) = (scim.create_user("a").await, scim.create_user("b").await, scim.create_user("c").await);
    let id = scim.create_group("G").await;
    let path = format!("/Groups/{id}");
    let steps: [(Value, Vec<&str>); 10] = [
        (json!({"op": "Add", "path": "members", "value": [{"$ref": null, "value": a}, {"value": b}]}), vec![&a, &b]),
        (json!({"op": "add", "path": "members", "value": {"value": c}}), vec![&a, &b, &c]),
        (json!({"op": "Remove", "path": "members", "value": [{"value": b}]}), vec![&a, &c]),
        (json!({"op": "remove", "path": format!("members[value eq \"{a}\"]")}), vec![&c]),
        (json!({"op": "remove", "path": "members", "value": [{"value": a}]}), vec![&c]),
        (json!({"op": "replace", "path": "members", "value": [{"value": a}, {"value": b}]}), vec![&a, &b]),
        (json!({"op": "replace", "value": {"members": [{"value": c}]}}), vec![&c]),
        (json!({"op": "add", "value": {"members": [{"value": a}]}}), vec![&a, &c]),
        (json!({"op": "remove", "path": "members[type eq \"Group\"]"}), vec![&a, &c]),
        (json!({"op": "remove", "path": "members"}), vec![]),
    ];
    for (operation, expected) in steps {
        let request = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]});
        scim.patch(&path, request.clone()).await.expect(200);
        assert_eq!(members(&scim, &id).await, sorted(&expected), "after {request}");
    }
}

#[tokio::test]
async fn a_broken_removal_never_empties_a_group() {
    let scim = Scim::start().await;
    let a = scim.create_user("a").await;
    let group = scim.post("/Groups", group("G", &[&a])).await.expect(201).json();
    let path = format!("/Groups/{}", group["id"].as_str().unwrap());
    for operation in [
        json!({"op": "remove", "path": "members[value eq]"}),
        json!({"op": "remove", "path": "members["}),
        json!({"op": "remove", "path": "members[value eq 123]"}),
        json!({"op": "remove"}),
        json!({"op": "remove", "path": ""}),
        json!({"op": "remove", "path": "member"}),
        json!({"op": "remove", "path": "members[value eq \"nobody\"]"}),
        json!({"op": "remove", "path": "members", "value": []}),
        json!({"op": "remove", "path": "members", "value": [{}]}),
    ] {
        let answer = scim.patch(&path, json!({"Operations": [operation]})).await;
        assert!(answer.status < 500, "{operation}: {}", answer.status);
        let left = members(&scim, group["id"].as_str().unwrap()).await;
        assert_eq!(left, sorted(&[&a]), "after {operation}, which got {}", answer.status);
    }
}

#[tokio::test]
async fn only_existing_resources_can_be_members_and_nothing_is_half_written() {
    let scim = Scim::with(Profile::Okta, &[]).await;
    let a = scim.create_user("a").await;
    let nobody = "0190c0de-0000-7000-8000-000000000000";
    for unknown in [nobody, "not-an-id"] {
        scim.post("/Groups", group("G", &[&a, unknown])).await.expect_error(400, "invalidValue", unknown);
    }
    assert_eq!(scim.get("/Groups").await.json()["totalResults"], 0);

    let id = scim.create_group("G").await;
    let path = format!("/Groups/{id}");
    let both = json!({"Operations": [
        {"op": "replace", "path": "displayName", "value": "H"},
        {"op": "add", "path": "members", "value": [{"value": a}, {"value": nobody}]},
    ]});
    scim.patch(&path, both).await.expect_error(400, "invalidValue", nobody);
    let only = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": a}, {"value": nobody}]}]});
    scim.patch(&path, only).await.expect_error(400, "invalidValue", nobody);
    let after = scim.get(&path).await.json();
    assert_eq!((&after["displayName"], after.get("members")), (&json!("G"), None));
    assert_eq!(after["meta"]["version"], "W/\"1\"");
}

#[tokio::test]
async fn a_tenant_may_have_unknown_members_left_out() {
    let scim = Scim::start().await;
    let a = scim.create_user("a").await;
    let nobody = "0190c0de-0000-7000-8000-000000000000";
    let group = scim.post("/Groups", group("G", &[nobody, &a, "not-an-id"])).await.expect(201).json();
    let id = group["id"].as_str().unwrap();
    assert_eq!(members(&scim, id).await, sorted(&[&a]));
    let add = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": nobody}, {"value": "x"}]}]});
    assert_eq!(scim.patch(&format!("/Groups/{id}"), add).await.expect(200).header("etag"), "W/\"1\"");
}

#[tokio::test]
async fn excluded_members_are_not_read_and_the_version_tells_of_them_all_the_same() {
    let scim = Scim::start().await;
    let a = scim.create_user("a").await;
    let id = scim.create_group("G").await;
    let path = format!("/Groups/{id}?excludedAttributes=members");
    scim.advance_seconds(5);
    let add = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": a}]}]});
    let answer = scim.patch(&path, add.clone()).await.expect(200);
    assert!(answer.json().get("members").is_none());
    assert_eq!(answer.header("etag"), "W/\"2\"");
    assert_eq!(answer.json()["meta"]["lastModified"], scim.now());

    let again = scim.patch(&path, add).await.expect(200);
    assert_eq!(again.header("etag"), "W/\"2\"", "adding a member twice changes nothing");
    let listed = scim.get("/Groups?filter=displayName eq \"g\"&excludedAttributes=members").await.json();
    assert!(listed["Resources"][0].get("members").is_none());
    let whole = scim.get("/Groups?filter=displayName eq \"g\"").await.json();
    assert_eq!(whole["Resources"][0]["members"][0]["value"], a);
}

#[tokio::test]
async fn a_deleted_user_leaves_its_groups_in_the_same_step() {
    let scim = Scim::start().await;
    let (a, b) = (scim.create_user("a").await, scim.create_user("b").await);
    let group = scim.post("/Groups", group("G", &[&a, &b])).await.expect(201).json();
    let id = group["id"].as_str().unwrap();
    scim.advance_seconds(1);
    scim.delete(&format!("/Users/{a}")).await.expect(204);
    let after = scim.get(&format!("/Groups/{id}")).await.expect(200);
    assert_eq!(members(&scim, id).await, sorted(&[&b]));
    assert_eq!(after.header("etag"), "W/\"2\"");
    assert_eq!(after.json()["meta"]["lastModified"], scim.now());
}

#[tokio::test]
async fn members_and_groups_can_be_filtered() {
    let scim = Scim::start().await;
    let (a, b) = (scim.create_user("Ada").await, scim.create_user("b").await);
    let first = scim.post("/Groups", group("First", &[&a, &b])).await.expect(201).json();
    scim.post("/Groups", group("Second", &[&b])).await.expect(201);
    let id = first["id"].as_str().unwrap();
    for (path, expected) in [
        (format!("/Groups?filter=members.value eq \"{a}\""), 1),
        (format!("/Groups?filter=members[value eq \"{b}\"]"), 2),
        (format!("/Groups?filter=id eq \"{id}\" and members eq \"{b}\""), 1),
        ("/Groups?filter=members pr".to_owned(), 2),
        ("/Groups?filter=members.display eq \"ADA\"".to_owned(), 1),
        ("/Groups?filter=not (members.type eq \"User\")".to_owned(), 0),
        (format!("/Users?filter=groups.value eq \"{id}\""), 2),
        ("/Users?filter=groups.display sw \"fir\"".to_owned(), 2),
        ("/Users?filter=groups[display eq \"second\"]".to_owned(), 1),
    ] {
        assert_eq!(scim.get(&path).await.expect(200).json()["totalResults"], expected, "{path}");
    }
}

#[tokio::test]
async fn a_group_may_be_a_member_of_a_group() {
    let scim = Scim::start().await;
    let inner = scim.create_group("Inner").await;
    let outer = scim.post("/Groups", group("Outer", &[&inner])).await.expect(201).json();
    assert_eq!(outer["members"][0]["type"], "Group");
    assert_eq!(outer["members"][0]["$ref"], format!("{}/Groups/{inner}", scim.base));
}

#[tokio::test]
async fn two_groups_may_not_share_a_name_unless_the_tenant_lets_them() {
    let scim = Scim::start().await;
    scim.create_group("Team").await;
    scim.post("/Groups", group("TEAM", &[])).await.expect_error(409, "uniqueness", "displayName");
}
