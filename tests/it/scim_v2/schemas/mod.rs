//! Schemas and resource types of a tenant's own, by the example in `conformance/schemas`.

mod changes;
mod characteristics;
mod discovery;
mod filters;
mod types;
mod uniqueness;

use std::sync::Arc;

use scimgate::gateway::{Gateway, SchemasAct, SchemasError};
use scimgate::model::{CatalogVersion, Origin, SystemClock};
use scimgate::scim::schema::builtin;
use scimgate::scim::schema::own::{Registry, ResourceTypeDefinition, read_schema};
use serde_json::{Value, json};

use crate::support::scim::{Answer, Scim};

pub const EQUIPMENT: &str = "urn:ietf:params:scim:schemas:extension:example:2.0:Equipment";
pub const DEVICE: &str = "urn:ietf:params:scim:schemas:example:2.0:Device";

fn example(file: &str) -> Value {
    let path = format!("{}/conformance/schemas/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The schema of every type and characteristic.
pub fn equipment() -> Value {
    example("equipment.json")
}

/// The definition of an attribute in a schema.
pub fn attribute<'a>(schema: &'a mut Value, name: &str) -> &'a mut Value {
    let attributes = schema["attributes"].as_array_mut().unwrap();
    attributes.iter_mut().find(|attribute| attribute["name"] == name).unwrap()
}

/// Changes what the client's tenant has registered.
pub async fn change(
    scim: &Scim,
    change: impl FnOnce(&mut Registry) -> Result<(), SchemasError>,
) -> Result<CatalogVersion, SchemasError> {
    let origin = Origin::command_line();
    let act = SchemasAct { action: "schema.put", kind: "schema", name: "", origin: &origin };
    Gateway::new(scim.store(), Arc::new(SystemClock)).change_schemas(scim.tenant().id, &act, change).await
}

/// Registers a schema as an extension of these types.
pub async fn add(scim: &Scim, schema: &Value, extends: &[&str]) -> Result<CatalogVersion, SchemasError> {
    let schema = Arc::new(read_schema(schema)?);
    change(scim, |registry| {
        registry.put_schema(schema.clone());
        for kind in extends {
            assert!(registry.extend(kind, &schema.uri, false, builtin()));
        }
        Ok(())
    })
    .await
}

/// Registers a resource type.
pub async fn add_type(scim: &Scim, kind: &Value) -> Result<CatalogVersion, SchemasError> {
    let kind = ResourceTypeDefinition::read(kind)?;
    change(scim, |registry| {
        registry.put_resource_type(kind);
        Ok(())
    })
    .await
}

/// A server whose tenant has the whole example: users with equipment, and devices with equipment.
pub async fn start() -> Scim {
    let scim = Scim::start().await;
    register(&scim).await;
    scim
}

pub async fn register(scim: &Scim) {
    add(scim, &example("device.json"), &[]).await.unwrap();
    add(scim, &equipment(), &["User"]).await.unwrap();
    add_type(scim, &example("device-type.json")).await.unwrap();
}

/// A device with this equipment; the tag that is required is added, and its name.
pub fn device(name: &str, equipment: Value) -> Value {
    let mut body = json!({ "schemas": [DEVICE, EQUIPMENT], "displayName": name, EQUIPMENT: { "assetTag": name } });
    body[EQUIPMENT].as_object_mut().unwrap().extend(equipment.as_object().unwrap().clone());
    body
}

/// Creates a device and answers its path.
pub async fn create(scim: &Scim, name: &str, equipment: Value) -> String {
    format!("/Devices/{}", scim.create("/Devices", device(name, equipment)).await)
}

/// The equipment of an answer.
#[track_caller]
pub fn worn(answer: Answer, status: u16) -> Value {
    answer.expect(status).json()[EQUIPMENT].clone()
}

/// A PATCH of one operation on an attribute of the equipment.
pub async fn patch(scim: &Scim, path: &str, op: &str, attribute: &str, value: Value) -> Answer {
    let mut operation = json!({ "op": op, "path": format!("{EQUIPMENT}:{attribute}") });
    if !value.is_null() {
        operation["value"] = value;
    }
    scim.patch(path, json!({ "Operations": [operation] })).await
}
