//! Skedulo's rule of the resource role.

use serde_json::{Value, json};

use super::{load, patch};
use crate::support::scim::{Scim, USER};

const URN: &str = "urn:ietf:params:scim:schemas:extension:skedulo:2.0:User";
const ROLE: &str = "Users with an assigned resource must have Resource role and vice versa";

fn user(name: &str, roles: &[&str], own: Value) -> Value {
    let roles: Vec<Value> = roles.iter().map(|role| json!({"value": role})).collect();
    json!({"schemas": [USER, URN], "userName": name, "roles": roles, URN: own})
}

async fn start() -> (Scim, String, String) {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let scim = load(&scim, &owner, "skedulo", &["resource", "region"]).await;
    let of = |kind: &str| json!({"schemas": [format!("urn:ietf:params:scim:schemas:skedulo:2.0:{kind}")], "displayName": "X"});
    let resource = scim.create("/Resources", of("Resource")).await;
    let region = scim.create("/Regions", of("Region")).await;
    (scim, resource, region)
}

#[tokio::test]
async fn row_2_9_the_resource_and_the_role_come_together_in_both_directions() {
    let (scim, resource, region) = start().await;
    let whole = json!({"resource": resource, "regionId": region, "isActive": true});
    scim.create("/Users", user("scheduler", &["Scheduler"], json!({}))).await;
    let ada = scim.create("/Users", user("ada", &["Resource"], whole.clone())).await;

    let without_role = scim.post("/Users", user("bob", &["Scheduler"], whole.clone())).await;
    without_role.expect_error(400, "invalidValue", ROLE);
    without_role.expect_error(400, "invalidValue", "must meet roles.value eq \"Resource\"");
    let without_resource = json!({"regionId": region, "isActive": true});
    let refused = scim.post("/Users", user("bob", &["Resource"], without_resource)).await;
    refused.expect_error(400, "invalidValue", ROLE);
    refused.expect_error(400, "invalidValue", "must have resource");
    // Everything that is wrong is told at once, by all rules.
    let refused = scim.post("/Users", user("bob", &["Resource"], json!({}))).await;
    for told in ["must have resource", "must have regionId", "must meet isActive eq true", "valid RegionId"] {
        refused.expect_error(400, "invalidValue", told);
    }
    let inactive = json!({"resource": resource, "regionId": region, "isActive": false});
    let refused = scim.post("/Users", user("bob", &["Resource"], inactive)).await;
    refused.expect_error(400, "invalidValue", "must meet isActive eq true");
    // A region that is there, and a resource that is one.
    let crossed = json!({"resource": region, "regionId": resource, "isActive": true});
    let refused = scim.post("/Users", user("bob", &["Resource"], crossed)).await;
    refused.expect_error(400, "invalidValue", "must have in regionId the id of a Region that is there");
    refused.expect_error(400, "invalidValue", "must have in resource the id of a Resource that is there");
    assert_eq!(scim.get("/Users").await.json()["totalResults"], 2);

    let path = format!("/Users/{ada}");
    let refused = scim.patch(&path, patch("remove", "roles", Value::Null)).await;
    refused.expect_error(400, "invalidValue", "must meet roles.value eq \"Resource\"");
    let refused = scim.patch(&path, patch("remove", &format!("{URN}:resource"), Value::Null)).await;
    refused.expect_error(400, "invalidValue", "must have resource");
    let both =
        json!({"Operations": [{"op": "remove", "path": "roles"}, {"op": "remove", "path": format!("{URN}:resource")}]});
    scim.patch(&path, both).await.expect(200);
}

#[tokio::test]
async fn row_2_9_every_offender_of_a_bulk_request_is_named() {
    let (scim, resource, region) = start().await;
    let whole = json!({"resource": resource, "regionId": region, "isActive": true});
    let post = |user: Value| json!({"method": "POST", "path": "/Users", "bulkId": user["userName"], "data": user});
    let request = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        post(user("ada@example.com", &["Resource"], json!({}))),
        post(user("bob@example.com", &["Resource"], whole.clone())),
        post(user("eve@example.com", &[], whole)),
    ]});
    let answer = scim.post("/Bulk", request).await.expect(200).json();
    let offenders: Vec<&str> = answer["Operations"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|operation| operation["response"]["detail"].as_str().is_some_and(|detail| detail.contains(ROLE)))
        .map(|operation| operation["bulkId"].as_str().unwrap())
        .collect();
    assert_eq!(offenders, ["ada@example.com", "eve@example.com"], "{answer}");
}
