//! What the discovery endpoints tell of own schemas, and to whom.

use serde_json::{Value, json};

use super::{DEVICE, EQUIPMENT, add, equipment, register, start};
use crate::support::scim::{Scim, USER};

fn ids(list: &Value) -> Vec<&str> {
    list["Resources"].as_array().unwrap().iter().map(|resource| resource["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn own_schemas_and_types_are_shown_to_their_tenant_alone() {
    let scim = start().await;
    let schemas = scim.get("/Schemas").await.expect(200).json();
    assert!(ids(&schemas).contains(&EQUIPMENT) && ids(&schemas).contains(&DEVICE), "{:?}", ids(&schemas));
    let types = scim.get("/ResourceTypes").await.expect(200).json();
    assert_eq!(ids(&types), ["User", "Group", "Device"]);
    let device = scim.get("/ResourceTypes/Device").await.expect(200).json();
    assert_eq!((&device["endpoint"], &device["schema"]), (&json!("/Devices"), &json!(DEVICE)));
    assert_eq!(device["schemaExtensions"], json!([{ "schema": EQUIPMENT, "required": false }]));
    let user = scim.get("/ResourceTypes/User").await.expect(200).json();
    assert_eq!(user["schemaExtensions"][1], json!({ "schema": EQUIPMENT, "required": false }));

    let other = scim.other_tenant("other").await;
    assert_eq!(ids(&other.get("/ResourceTypes").await.expect(200).json()), ["User", "Group"]);
    assert!(!ids(&other.get("/Schemas").await.expect(200).json()).contains(&EQUIPMENT));
    other.get(&format!("/Schemas/{EQUIPMENT}")).await.expect(404);
    other.get("/Devices").await.expect(404);
    other.post("/Devices", json!({ "displayName": "x" })).await.expect(404);
    // What another tenant calls so is an attribute that nobody knows here.
    let body = json!({ "schemas": [USER], "userName": "u", EQUIPMENT: { "label": "x" } });
    assert_eq!(other.post("/Users", body).await.expect(201).json().get(EQUIPMENT), None);
}

#[tokio::test]
async fn what_was_registered_is_what_is_shown() {
    let scim = start().await;
    let shown = scim.get(&format!("/Schemas/{}", EQUIPMENT.to_uppercase())).await.expect(200).json();
    for (shown, registered) in
        shown["attributes"].as_array().unwrap().iter().zip(equipment()["attributes"].as_array().unwrap())
    {
        for (characteristic, value) in registered.as_object().unwrap() {
            if characteristic != "subAttributes" {
                assert_eq!(&shown[characteristic], value, "{characteristic} of {}", registered["name"]);
            }
        }
    }
}

#[tokio::test]
async fn a_running_server_takes_up_a_change_within_seconds() {
    let scim = Scim::start().await;
    scim.get("/Devices").await.expect(404);
    register(&scim).await;
    let begun = std::time::Instant::now();
    while scim.get("/Devices").await.status != 200 {
        assert!(begun.elapsed().as_secs() < 5);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut schema = equipment();
    schema["description"] = json!("Changed");
    add(&scim, &schema, &[]).await.unwrap();
    let path = format!("/Schemas/{EQUIPMENT}");
    while scim.get(&path).await.expect(200).json()["description"] != "Changed" {
        assert!(begun.elapsed().as_secs() < 10);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
