//! `/admin/v1/tenants/{tenant}/applications`

use scimgate::model::{AdminRole, Reach};
use serde_json::json;

use crate::support::scim::Scim;

const PATH: &str = "/tenants/first/applications";

#[tokio::test]
async fn row_4_5_an_application_is_set_up_changed_and_removed_and_each_act_is_told() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let body = json!({"id": "crm", "name": "The CRM", "licenses": {"Pro": 25}});
    let created = owner.post(PATH, body.clone()).await.expect(201);
    assert_eq!(created.header("location"), format!("/admin/v1{PATH}/crm"));
    let app = created.json();
    assert_eq!((&app["licenses"], &app["removalBrake"]), (&json!({"Pro": 25}), &json!(50)));
    owner.post(PATH, body).await.expect_problem(409, "there is an application crm already");
    let made_up = owner.post(PATH, json!({"name": "Wiki"})).await.expect(201).json();
    assert_eq!(made_up["id"].as_str().unwrap().len(), 36);

    scim.advance_seconds(1);
    let path = format!("{PATH}/crm");
    let patch = json!({"licenses": {"Pro": 30, "Guest": 0}, "removalBrake": 100});
    let changed = owner.patch(&path, patch.clone()).await.expect(200).json();
    assert_eq!((&changed["licenses"], &changed["name"]), (&patch["licenses"], &json!("The CRM")));
    owner.patch(&path, patch).await.expect(200);
    assert_eq!(owner.get(&path).await.expect(200).json()["removalBrake"], 100);
    assert_eq!(owner.get(PATH).await.expect(200).json()["items"].as_array().unwrap().len(), 2);
    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect_problem(404, "there is no application crm");
    owner.delete(&path).await.expect_problem(404, "crm");
    let told = scim.admin_actions().await;
    let told: Vec<&str> = told.iter().map(|one| one["action"].as_str().unwrap()).collect();
    let expected = ["application.create", "application.create", "application.change", "application.delete"];
    assert!(told.ends_with(&expected), "{told:?}");
}

#[tokio::test]
async fn what_cannot_be_is_told_by_its_field_and_others_do_not_reach_it() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    for (body, field) in [
        (json!({"id": "a/b", "name": "x"}), "id"),
        (json!({"name": " "}), "name"),
        (json!({"name": "x", "licenses": {" ": 1}}), "licenses"),
        (json!({"name": "x", "removalBrake": 101}), "removalBrake"),
    ] {
        owner.post(PATH, body).await.expect_invalid(&[field]);
    }
    owner.post(PATH, json!({"name": "x", "licenses": {"Pro": -1}})).await.expect_problem(422, "");
    owner.post(PATH, json!({"id": "crm", "name": "x"})).await.expect(201);
    let second = scim.other_tenant("second").await;
    let foreign = scim.admin(AdminRole::Owner, Reach::Tenant(second.tenant().id)).await;
    foreign.get(&format!("{PATH}/crm")).await.expect_problem(404, "there is no tenant first");
    foreign.get("/tenants/second/applications/crm").await.expect_problem(404, "there is no application crm");
    let auditor = scim.admin(AdminRole::Auditor, Reach::Instance).await;
    auditor.get(&format!("{PATH}/crm")).await.expect(200);
    auditor.delete(&format!("{PATH}/crm")).await.expect_problem(403, "");
}
