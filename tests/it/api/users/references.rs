//! What records refer to: roles, organizations, identity providers, managers.

use scimgate::gateway::{ConnectionChange, NewConnection};
use scimgate::model::{ConnectionKind, Origin};
use serde_json::{Value, json};

use super::{ENTERPRISE, OURS, ROLE, counts, person, ready, user};
use crate::support::scim::{GROUP, Scim};

#[tokio::test]
async fn row_1_4_and_3_2_roles_are_named_by_id_or_name_and_unknown_ones_are_refused() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let mut groups = Vec::new();
    for (id, name) in [("1", "Learner"), ("5", "Assessor / Tutor"), ("10", "IV / IQA")] {
        groups.push(
            scim.create("/Groups", json!({"schemas": [GROUP, ROLE], "displayName": name, ROLE: {"roleId": id}})).await,
        );
    }
    let with = |key: &str, roles: Value| {
        let mut record = person(key, &format!("{key}@b.c"));
        record["roles"] = roles;
        record
    };
    let records =
        json!([with("a", json!(["1", "iv / iqa"])), with("b", json!(["9", "Learner", "x"])), with("c", json!([]))]);
    let answer = api.records("POST", records).await;
    assert_eq!(answer["inserted"], 2);
    let failure = &answer["failures"]["b"];
    assert_eq!((&failure["code"], &failure["field"]), (&json!("unknown_role"), &json!("roles")));
    assert!(failure["message"].as_str().unwrap().contains("9, x"), "{failure}");
    let made = user(&scim, "a@b.c").await;
    assert_eq!(made["roles"], json!([{"value": "1", "display": "Learner"}, {"value": "10", "display": "IV / IQA"}]));
    assert_eq!(made["groups"].as_array().unwrap().len(), 2);
    assert_eq!(api.records("PATCH", json!([{"employeeId": "a", "roles": ["10", "5"]}])).await, counts(0, 1, 0));
    let changed = user(&scim, "a@b.c").await;
    let values: Vec<&str> =
        changed["roles"].as_array().unwrap().iter().map(|role| role["value"].as_str().unwrap()).collect();
    assert_eq!(values, ["10", "5"]);
    assert_eq!(api.records("PATCH", json!([{"employeeId": "a", "roles": ["5", "10"]}])).await, counts(0, 0, 1));
    assert_eq!(api.records("PATCH", json!([{"employeeId": "a", "roles": []}])).await, counts(0, 1, 0));
    assert_eq!(user(&scim, "a@b.c").await.get("roles"), None);
}

#[tokio::test]
async fn row_1_8_somebody_belongs_to_several_organizations_by_id_or_name() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let mut ids = Vec::new();
    for name in ["North", "South"] {
        let made = api.send("POST", "/organizations", Some(&json!({"name": name})), &[]).await.expect(201).json();
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let mut record = person("1", "a@b.c");
    record["organizations"] = json!([ids[0], "south"]);
    let mut wrong = person("2", "x@b.c");
    wrong["organizations"] = json!(["North", "West"]);
    let answer = api.records("POST", json!([record, wrong])).await;
    assert_eq!((&answer["inserted"], &answer["failures"]["2"]["code"]), (&json!(1), &json!("unknown_organization")));
    assert!(answer["failures"]["2"]["message"].as_str().unwrap().contains("West"));
    let made = user(&scim, "a@b.c").await;
    let both = json!([{"value": ids[0], "display": "North"}, {"value": ids[1], "display": "South"}]);
    assert_eq!(made[OURS], json!({"organizations": both}));
}

#[tokio::test]
async fn row_1_6_an_identity_provider_composes_the_user_name_and_a_disabled_one_is_refused() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let new = NewConnection {
        name: "Entra".parse().unwrap(),
        prefix: Some("eu".parse().unwrap()),
        kind: ConnectionKind::Entra,
        profile: None,
    };
    let gateway = scim.gateway();
    let made = gateway.create_connection(scim.tenant().id, new, &Origin::command_line()).await.unwrap();
    let with = |key: &str, provider: &str| {
        let mut record = person(key, &format!("{key}@b.c"));
        record["identityProvider"] = json!(provider);
        record
    };
    let records = json!([with("a", "entra"), with("b", "eu"), with("c", &made.id.to_string()), with("d", "other")]);
    let answer = api.records("POST", records).await;
    assert_eq!(
        (&answer["inserted"], &answer["failures"]["d"]["code"]),
        (&json!(3), &json!("unknown_identity_provider"))
    );
    assert_eq!(user(&scim, "eu_a@b.c").await[OURS]["identityProvider"], made.id.to_string());
    let off = ConnectionChange { enabled: Some(false), ..ConnectionChange::default() };
    gateway.change_connection(scim.tenant().id, made.id, off, &Origin::command_line()).await.unwrap();
    let answer = api.records("POST", json!([with("e", "Entra")])).await;
    assert_eq!(answer["failures"]["e"]["code"], "identity_provider_disabled");
    assert_eq!(answer["failures"]["e"]["field"], "identityProvider");
}

#[tokio::test]
async fn managers_are_found_wherever_they_are_in_the_same_request_too() {
    let scim = Scim::start().await;
    let api = ready(&scim).await;
    let with = |key: &str, manager: &str| {
        let mut record = person(key, &format!("{key}@b.c"));
        record["manager"] = json!(manager);
        record
    };
    let records =
        json!([with("worker", "lead@b.c"), with("lead", "boss"), person("boss", "boss@b.c"), with("lost", "nobody")]);
    let answer = api.records("POST", records).await;
    assert_eq!((&answer["inserted"], &answer["failures"]["lost"]["code"]), (&json!(3), &json!("unknown_reference")));
    let [worker, lead, boss] =
        [user(&scim, "worker@b.c").await, user(&scim, "lead@b.c").await, user(&scim, "boss@b.c").await];
    assert_eq!(worker[ENTERPRISE]["manager"]["value"], lead["id"]);
    assert_eq!(lead[ENTERPRISE]["manager"]["value"], boss["id"]);
    let circle =
        api.records("POST", json!([with("x", "y"), with("y", "x"), with("z", "bad"), {"employeeId": "bad"}])).await;
    for key in ["x", "y", "z"] {
        assert_eq!(circle["failures"][key]["code"], "unknown_reference", "{circle}");
    }
    assert_eq!(api.records("PATCH", json!([{"employeeId": "worker", "manager": ""}])).await, counts(0, 1, 0));
    assert_eq!(user(&scim, "worker@b.c").await[ENTERPRISE].get("manager"), None);
}
