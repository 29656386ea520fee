//! `/admin/v1/tenants/{tenant}/activity` and `/admin/v1/activity`

use scimgate::model::{AdminRole, Reach};
use serde_json::json;
use tokio_postgres::NoTls;

use super::{actions, entries, failed, with_owner};
use crate::support::scim::{Scim, USER};

#[tokio::test]
async fn every_change_is_told_with_its_request_credential_and_address() {
    let (scim, owner) = with_owner().await;
    let created =
        scim.post("/Users", json!({"schemas": [USER], "userName": "ann", "title": "Engineer"})).await.expect(201);
    let id = created.json()["id"].as_str().unwrap().to_owned();
    scim.advance_seconds(1);
    let operations = json!([{"op": "replace", "path": "title", "value": "Director"}]);
    let changed = scim.patch(&format!("/Users/{id}"), json!({"Operations": operations})).await.expect(200);
    let log = entries(&owner, "kind=change").await;
    assert_eq!(actions(&log), ["update", "create"]);
    let entry = &log[0];
    assert_eq!(entry["request"], changed.header("x-request-id"));
    assert_eq!(entry["attributes"], json!([{"path": "title", "old": "Engineer", "new": "Director"}]));
    assert_eq!(entry["target"], json!({"type": "User", "id": id, "name": "ann"}));
    assert_eq!((&entry["actor"]["kind"], &entry["outcome"]), (&json!("credential"), &json!("success")));
    assert_eq!((&entry["address"], &entry["version"]), (&json!("127.0.0.1"), &json!(2)));
    assert!(entry["actor"]["id"].is_string() && !entry["actor"]["name"].as_str().unwrap().is_empty(), "{entry}");
}

#[tokio::test]
async fn a_password_is_never_told() {
    let (scim, owner) = with_owner().await;
    scim.post("/Users", json!({"schemas": [USER], "userName": "ann", "password": "t0p-s3cret"})).await.expect(201);
    let log = entries(&owner, "").await;
    assert!(!json!(log).to_string().contains("t0p-s3cret"));
    let told = log[0]["attributes"].as_array().unwrap();
    assert!(told.contains(&json!({"path": "password"})), "{told:?}");
}

#[tokio::test]
async fn somebody_is_found_by_every_name_also_by_former_ones_and_after_removal() {
    let (scim, owner) = with_owner().await;
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let body = |name: &str, external: &str, number: &str| {
        json!({
            "schemas": [USER, enterprise], "userName": name, "externalId": external, enterprise: {"employeeNumber": number}
        })
    };
    let ann = scim.create("/Users", body("Ann@Example.com", "E-1", "A17")).await;
    scim.create("/Users", body("bob", "E-2", "A18")).await;
    scim.put(&format!("/Users/{ann}"), body("ann.b@example.com", "E-1b", "A17b")).await.expect(200);
    let names = ["ann@example.com", "E-1", "a17", "ann.b@example.com", "E-1b", "A17b", &ann];
    for name in names {
        assert_eq!(actions(&entries(&owner, &format!("target={name}")).await), ["update", "create"], "{name}");
    }
    scim.delete(&format!("/Users/{ann}")).await.expect(204);
    for name in names {
        assert_eq!(
            actions(&entries(&owner, &format!("target={name}")).await),
            ["delete", "update", "create"],
            "{name}"
        );
    }
    assert_eq!(entries(&owner, "target=nobody").await, [] as [serde_json::Value; 0]);
}

#[tokio::test]
async fn an_act_upon_what_has_no_id_answers_to_its_own_name_alone() {
    let (scim, owner) = with_owner().await;
    owner.patch("/tenants/first", json!({"provisioning": {"enabled": true}})).await.expect(200);
    scim.create_user("ann").await;
    assert_eq!(actions(&entries(&owner, "target=ann").await), ["create"]);
    assert_eq!(actions(&entries(&owner, "target=provisioning").await), ["schema.put"]);
    let found = async |target: &str| {
        let answer = owner.get(&format!("/activity?target={target}")).await.expect(200).json();
        answer["items"].as_array().unwrap().len()
    };
    assert!(found("").await > 0, "there is something to be narrowed down");
    assert_eq!(found("nobody").await, 0);
}

#[tokio::test]
async fn filters_narrow_it_down() {
    let (scim, owner) = with_owner().await;
    let second = scim.with_token(scimgate::model::Scopes::WRITE, None).await;
    let ann = scim.create_user("ann").await;
    scim.advance_seconds(10);
    let from = scim.now();
    second.create_group("Staff").await;
    scim.patch(&format!("/Users/{ann}"), json!({"Operations": [{"op": "replace", "path": "active", "value": false}]}))
        .await;
    scim.post("/Users", json!({"schemas": [USER], "userName": "ann"})).await.expect_error(409, "uniqueness", "");
    failed(&owner, 1).await;
    let told = async |query: &str| {
        let found = entries(&owner, query).await;
        actions(&found).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(told("kind=change").await, ["deactivate", "create", "create"]);
    assert_eq!(told("action=deactivate").await, ["deactivate"]);
    assert_eq!(told("action=create&outcome=failure").await, ["create"]);
    assert_eq!(told("outcome=failure&resourceType=User").await, ["create"]);
    assert_eq!(told("resourceType=Group").await, ["create"]);
    assert_eq!(told(&format!("kind=change&from={from}")).await, ["deactivate", "create"]);
    assert_eq!(told(&format!("kind=change&to={from}")).await, ["create"]);
    assert_eq!(told("action=token.*").await, ["token.create", "token.create"]);
    assert_eq!(told("kind=change&action=create&target=ann").await, ["create"]);
    assert_eq!(told("target=ann&kind=request").await, ["create"]);
    let by = entries(&owner, "resourceType=Group").await[0]["actor"]["id"].as_str().unwrap().to_owned();
    assert_eq!(told(&format!("actor={by}&kind=change")).await, ["create"]);
    assert_eq!(told("actor=nobody").await, [] as [String; 0]);
}

#[tokio::test]
async fn a_connection_s_changes_are_those_of_its_credentials() {
    let (scim, owner) = with_owner().await;
    scim.create_user("ann").await;
    let other = scim.with_token(scimgate::model::Scopes::WRITE, None).await;
    other.create_user("bob").await;
    let (client, connection) = tokio_postgres::connect(&scim.database_url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let credential = entries(&owner, "target=bob").await[0]["actor"]["id"].as_str().unwrap().to_owned();
    let statement = format!(
        "INSERT INTO connections (tenant_id, id, name, name_key, kind, created_at, modified_at) SELECT tenant_id, id, 'Entra ID', \
            'entra id', 'entra', now(), now() FROM credentials WHERE id = '{credential}'; \
        UPDATE credentials SET connection_id = id WHERE id = '{credential}'"
    );
    client.batch_execute(&statement).await.unwrap();
    for name in ["Entra%20ID", "entra%20id", &credential] {
        let found = entries(&owner, &format!("connection={name}")).await;
        assert_eq!((found.len(), &found[0]["target"]["name"]), (1, &json!("bob")), "{name}");
        assert_eq!(found[0]["connection"], json!({"id": credential, "name": "Entra ID"}));
    }
    assert_eq!(entries(&owner, "connection=Okta").await.len(), 0);
}

#[tokio::test]
async fn pages_lead_through_all_sources_without_a_gap_or_a_repetition() {
    let (scim, owner) = with_owner().await;
    for number in 0..12 {
        if number % 3 == 0 {
            scim.advance_seconds(1);
        }
        scim.create_user(&format!("user {number}")).await;
        scim.post("/Users", json!({"schemas": [USER], "userName": format!("user {number}")})).await.expect_error(
            409,
            "uniqueness",
            "",
        );
    }
    for _ in 0..3 {
        scim.admin(AdminRole::Admin, Reach::Tenant(scim.tenant().id)).await;
    }
    failed(&owner, 12).await;
    let all = entries(&owner, "").await;
    let count = |kind: &str| all.iter().filter(|entry| entry["kind"] == kind).count();
    assert_eq!((count("change"), count("request")), (12, 12));
    assert!(count("administration") >= 3, "{all:#?}");
    for limit in [1, 2, 5, 24] {
        let mut path = format!("/tenants/first/activity?limit={limit}");
        let mut walked = Vec::new();
        loop {
            let page = owner.get(&path).await.expect(200).json();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= limit, "{page}");
            walked.extend(items.iter().cloned());
            let Some(cursor) = page["nextCursor"].as_str() else { break };
            path = format!("/tenants/first/activity?limit={limit}&cursor={cursor}");
        }
        assert_eq!(walked, all, "pages of {limit}");
    }
    let instants: Vec<&str> = all.iter().map(|entry| entry["at"].as_str().unwrap()).collect();
    assert!(instants.is_sorted_by(|one, other| one >= other), "{instants:?}");
}

#[tokio::test]
async fn a_rare_thing_among_many_is_found_in_bounded_steps() {
    let (scim, owner) = with_owner().await;
    let ann = scim.create_user("ann").await;
    scim.delete(&format!("/Users/{ann}")).await.expect(204);
    let (client, connection) = tokio_postgres::connect(&scim.database_url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let many = "INSERT INTO changes (tenant_id, at, id, resource_id, version, credential_id, request_id, action, resource_type, \
        resource_name, actor, attributes) SELECT tenant_id, at + n * interval '1 ms', gen_random_uuid(), gen_random_uuid(), 1, \
        credential_id, request_id, 'create', 'User', 'u' || n, actor, '[]' FROM changes, generate_series(1, 40000) AS n \
        WHERE action = 'create'";
    client.batch_execute(many).await.unwrap();
    let found = entries(&owner, "action=delete").await;
    assert_eq!((found.len(), &found[0]["target"]["name"]), (1, &json!("ann")));
    let first = owner.get("/tenants/first/activity?limit=50").await.expect(200).json();
    assert_eq!(first["items"].as_array().unwrap().len(), 50);
}

#[tokio::test]
async fn tenants_and_the_instance_are_told_apart() {
    let (scim, owner) = with_owner().await;
    let second = scim.other_tenant("second").await;
    second.create_user("ann").await;
    let admin = scim.admin(AdminRole::Auditor, Reach::Tenant(scim.tenant().id)).await;
    let log = entries(&admin, "").await;
    assert_eq!(actions(&log)[0], "admin.create", "{log:?}");
    assert!(log.iter().all(|entry| entry["kind"] == "administration"), "{log:?}");
    admin.get("/tenants/second/activity").await.expect_problem(404, "second");
    admin.get("/activity").await.expect_problem(403, "whole instance");
    admin.get("/activity/export").await.expect_problem(403, "whole instance");
    let instance = owner.get("/activity").await.expect(200).json();
    let instance = instance["items"].as_array().unwrap();
    assert!(instance.iter().all(|entry| entry["kind"] == "administration"), "{instance:?}");
    assert!(instance.iter().any(|entry| entry["target"]["name"] == owner.email.as_str()), "{instance:?}");
    assert!(!instance.iter().any(|entry| entry["target"]["name"] == admin.email.as_str()), "{instance:?}");
}

#[tokio::test]
async fn a_wrong_parameter_is_told_by_its_name() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    for (query, field) in [
        ("kind=changes", "kind"),
        ("action=Update!", "action"),
        ("outcome=maybe", "outcome"),
        ("from=yesterday", "from"),
        ("to=2026-13-01", "to"),
        ("cursor=bm9uc2Vuc2U", "cursor"),
        ("limit=0", "limit"),
        (&format!("target={}", "x".repeat(1_025)), "target"),
    ] {
        owner.get(&format!("/tenants/first/activity?{query}")).await.expect_invalid(&[field]);
    }
    owner.get("/tenants/first/activity?kind=&target=").await.expect(200);
    owner.delete("/tenants/first/activity").await.expect_problem(405, "DELETE");
}
