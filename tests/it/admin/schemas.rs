//! `/admin/v1/tenants/{tenant}/schemas` and `/resource-types`

use serde_json::{Value, json};

use crate::support::scim::{Scim, USER};

const BADGE: &str = "urn:ietf:params:scim:schemas:extension:acme:2.0:User";
const DOOR: &str = "urn:ietf:params:scim:schemas:acme:2.0:Door";

fn schema(urn: &str) -> Value {
    json!({"id": urn, "name": "Acme", "attributes": [{"name": "badge", "type": "string", "required": true}]})
}

fn door() -> Value {
    json!({"name": "Door", "endpoint": "/Doors", "schema": DOOR})
}

#[tokio::test]
async fn schemas_and_types_are_registered_shown_used_and_removed() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let built_in = owner.get("/tenants/first/schemas").await.expect(200).json();
    assert!(built_in["items"].as_array().unwrap().iter().any(|schema| schema["id"] == USER), "{built_in}");
    assert_eq!(built_in["version"], 0);

    let put = owner.put(&format!("/tenants/first/schemas/{DOOR}"), schema(DOOR)).await.expect(200).json();
    assert_eq!(put, json!({"version": 1}));
    owner.put("/tenants/first/resource-types/Door", door()).await.expect(200);
    let shown = owner.get(&format!("/tenants/first/schemas/{DOOR}")).await.expect(200).json();
    assert_eq!(shown["attributes"][0]["name"], "badge");
    let kinds = owner.get("/tenants/first/resource-types").await.expect(200).json();
    assert_eq!(kinds["items"].as_array().unwrap().len(), 3);
    assert_eq!(owner.get("/tenants/first/resource-types/door").await.expect(200).json()["endpoint"], "/Doors");

    scim.settle("/Doors", 200).await;
    let id = scim.create("/Doors", json!({"schemas": [DOOR], "badge": "7"})).await;
    let refused = owner.delete("/tenants/first/resource-types/Door").await;
    refused.expect_problem(409, "do not fit");
    assert_eq!(refused.json()["errors"][0]["field"], format!("Door {id}"));
    scim.delete(&format!("/Doors/{id}")).await.expect(204);
    owner.delete("/tenants/first/resource-types/Door").await.expect(200);
    owner.delete(&format!("/tenants/first/schemas/{DOOR}")).await.expect(200);
    owner.get(&format!("/tenants/first/schemas/{DOOR}")).await.expect_problem(404, "no schema");
    owner.delete("/tenants/first/resource-types/User").await.expect_problem(404, "registered no resource type User");

    let told: Vec<Value> = scim.admin_actions().await.into_iter().map(|row| row["action"].clone()).collect();
    let wanted = ["schema.put", "resource_type.put", "resource_type.remove", "schema.remove"];
    assert_eq!(
        told.into_iter().filter(|action| wanted.iter().any(|wanted| action == wanted)).collect::<Vec<_>>(),
        wanted
    );
}

#[tokio::test]
async fn what_cannot_be_is_told() {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    let path = format!("/tenants/first/schemas/{BADGE}");
    owner.put(&path, schema(DOOR)).await.expect_invalid(&["id"]);
    owner.put(&path, json!({"id": BADGE, "attributes": [{"name": "1", "type": "none"}]})).await.expect_invalid(&[""]);
    owner.put(&format!("/tenants/first/schemas/{USER}"), schema(USER)).await.expect(422);
    owner.put("/tenants/first/resource-types/Door", json!({"name": "Other"})).await.expect(422);
    owner.get("/tenants/first/resource-types/Nothing").await.expect_problem(404, "no resource type Nothing");
}
