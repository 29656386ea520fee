#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::scim::discovery::{resource_type_definition, schema_definition};
use crate::scim::schema::{Catalog, builtin};
use crate::scim::urn;

const BADGE: &str = "urn:ietf:params:scim:schemas:extension:acme:2.0:User";
const DEVICE: &str = "urn:acme:Device";

fn schema(id: &str, attributes: Value) -> Value {
    json!({ "id": id, "name": "S", "attributes": attributes })
}

fn problems(value: &Value) -> Vec<String> {
    read_schema(value).unwrap_err().0
}

/// The one problem of an attribute.
fn problem(attribute: Value) -> String {
    let found = problems(&schema(BADGE, json!([attribute])));
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

fn registered(schemas: &[&str]) -> Registry {
    let mut registry = Registry::default();
    for id in schemas {
        registry.put_schema(Arc::new(read_schema(&schema(id, json!([{"name": "a"}]))).unwrap()));
    }
    registry
}

fn device() -> ResourceTypeDefinition {
    ResourceTypeDefinition::read(&json!({ "name": "Device", "endpoint": "/Devices", "schema": DEVICE })).unwrap()
}

fn refusal(registry: &Registry) -> String {
    registry.catalog(builtin()).unwrap_err().0.join("; ")
}

#[test]
fn what_is_left_out_has_the_default_of_the_rfc() {
    let read = read_schema(&schema(BADGE, json!([{"name": "badge"}]))).unwrap();
    assert_eq!(
        schema_definition(&read)["attributes"][0],
        json!({
            "name": "badge", "type": "string", "multiValued": false, "description": "", "required": false,
            "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none"
        })
    );
}

#[test]
fn a_schema_that_was_kept_reads_back_the_same() {
    for file in [
        include_str!("../../../../conformance/schemas/equipment.json"),
        include_str!("../../../../conformance/schemas/device.json"),
    ] {
        let read = read_schema(&serde_json::from_str(file).unwrap()).unwrap();
        let mut kept = kept_schema(schema_definition(&read)).unwrap();
        // A reference or binary is exact whatever is said, and says so when it is written.
        for (kept, read) in kept.attributes.iter_mut().zip(&read.attributes) {
            assert_eq!(kept.compares_exactly(), read.compares_exactly());
        }
        assert_eq!(kept, read);
        assert_eq!(read_schema(&schema_definition(&read)).unwrap(), read);
    }
}

#[test]
fn every_mistake_of_an_attribute_is_told_with_its_place() {
    let name = "attributes[0].name: must be a letter followed by letters, digits, '-' and '_', 64 in all at most";
    for wrong in ["", "1a", "a b", "a.b", "$ref", "é", &"a".repeat(65)] {
        assert_eq!(problem(json!({ "name": wrong })), name, "{wrong}");
    }
    for reserved in ["schemas", "ID", "externalId", "meta", "members", "Groups", "password"] {
        assert!(problem(json!({ "name": reserved })).ends_with("choose another name"), "{reserved}");
    }
    for (attribute, told) in [
        (json!({"name": "a", "type": "text"}), ".type: must be one of string, boolean, decimal"),
        (json!({"name": "a", "mutability": "readwrite"}), ".mutability: must be one of readOnly, readWrite"),
        (json!({"name": "a", "returned": true}), ".returned: must be one of always, never"),
        (json!({"name": "a", "uniqueness": "tenant"}), ".uniqueness: must be one of none, server, global"),
        (json!({"name": "a", "multivalued": true}), ": \"multivalued\" is not known here; known are name, type"),
        (json!({"name": "a", "multiValued": "true"}), ".multiValued: must be true or false"),
        (json!({"name": "a", "type": "complex"}), ".subAttributes: must have at least one element"),
        (json!({"name": "a", "subAttributes": [{"name": "b"}]}), ".subAttributes: only a complex attribute"),
        (
            json!({"name": "a", "type": "complex", "subAttributes": [{"name": "b", "type": "complex"}]}),
            ".subAttributes[0].type: a sub-attribute cannot be complex",
        ),
        (
            json!({"name": "a", "type": "complex", "subAttributes": [{"name": "b"}, {"name": "B"}]}),
            ".subAttributes[1]: B stands more than once",
        ),
        (
            json!({"name": "a", "type": "complex", "subAttributes": [{"name": "primary"}]}),
            ".subAttributes[0].type: primary marks one value",
        ),
        (json!({"name": "a", "type": "integer", "canonicalValues": ["1"]}), ".canonicalValues: only strings"),
        (json!({"name": "a", "canonicalValues": ["x", "X"]}), ".canonicalValues: must not hold the same value"),
        (json!({"name": "a", "canonicalValues": [""]}), ".canonicalValues: must hold strings of 1 to"),
        (json!({"name": "a", "type": "reference"}), ".referenceTypes: a reference needs them"),
        (json!({"name": "a", "referenceTypes": ["uri"]}), ".referenceTypes: only references"),
        (json!({"name": "a", "mutability": "writeOnly"}), ".returned: must be never"),
        (json!({"name": "a", "mutability": "readOnly", "required": true}), ".required: must be false"),
        (json!({"name": "a", "type": "boolean", "uniqueness": "server"}), ".uniqueness: must be none"),
        (json!("a"), ": must be an object"),
    ] {
        let found = problem(attribute);
        assert!(found.starts_with(&format!("attributes[0]{told}")), "{found} does not tell {told}");
    }
}

#[test]
fn every_mistake_of_a_schema_is_told_at_once() {
    assert_eq!(problems(&json!([])), ["must be an object"]);
    let all = problems(&json!({ "id": "x", "attributes": [], "extra": 1 }));
    let told =
        ["\"extra\" is not known", "id: must be the schema's URN", "name: must be there", "attributes: must have"];
    assert_eq!(all.len(), told.len(), "{all:?}");
    for (found, told) in all.iter().zip(told) {
        assert!(found.starts_with(told), "{found} does not tell {told}");
    }
    for reserved in [
        urn::USER,
        urn::ENTERPRISE_USER,
        "URN:ietf:params:scim:API:x",
        "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Role",
    ] {
        let found = problems(&schema(reserved, json!([{"name": "a"}])));
        assert!(found[0].contains("is reserved"), "{found:?}");
    }
    let many: Vec<Value> = (0..=MAX_ATTRIBUTES).map(|n| json!({ "name": format!("a{n}") })).collect();
    assert!(problems(&schema(BADGE, many.into()))[0].contains("at most 200 elements"));
    let wrong: Vec<Value> = (0..100).map(|_| json!({ "name": "" })).collect();
    assert_eq!(problems(&schema(BADGE, wrong.into())).len(), 20);
}

#[test]
fn every_mistake_of_a_resource_type_is_told() {
    let told = ResourceTypeDefinition::read(
        &json!({ "name": "a b", "endpoint": "Devices", "schemaExtensions": [{}], "x": 1 }),
    );
    let told = told.unwrap_err().0;
    for (found, told) in
        told.iter().zip(["\"x\" is not known", "name: ", "endpoint: ", "schema: ", "schemaExtensions[0].schema: "])
    {
        assert!(found.starts_with(told), "{found} does not tell {told}");
    }
    assert_eq!(told.len(), 5);
}

#[test]
fn an_extension_is_added_to_a_built_in_type_of_that_tenant_alone() {
    let mut registry = registered(&[BADGE]);
    let uri = registry.schemas[0].uri.clone();
    assert!(registry.extend("user", &uri, true, builtin()));
    assert!(!registry.extend("Device", &uri, true, builtin()));
    let catalog = registry.catalog(builtin()).unwrap();
    let extensions: Vec<_> =
        catalog.named("User").unwrap().extensions.iter().map(|e| (e.schema.uri.as_str(), e.required)).collect();
    assert_eq!(extensions, [(urn::ENTERPRISE_USER, false), (BADGE, true)]);
    assert_eq!(builtin().named("User").unwrap().extensions.len(), 1);
    assert!(registry.extend("User", &uri, false, builtin()));
    assert!(!registry.catalog(builtin()).unwrap().named("User").unwrap().extensions[1].required);
    registry.remove_schema(&BADGE.to_uppercase());
    assert_eq!(registry.catalog(builtin()).unwrap().named("User").unwrap().extensions.len(), 1);
}

#[test]
fn an_own_type_is_served_after_the_built_in_ones() {
    let mut registry = registered(&[DEVICE, BADGE]);
    registry.put_resource_type(ResourceTypeDefinition {
        schema_extensions: serde_json::from_value(
            json!([{"schema": BADGE, "required": true}, {"schema": urn::ENTERPRISE_USER}]),
        )
        .unwrap(),
        ..device()
    });
    let catalog: Catalog = registry.catalog(builtin()).unwrap();
    let names: Vec<&str> = catalog.resource_types().iter().map(|kind| kind.name.as_str()).collect();
    assert_eq!(names, ["User", "Group", "Device"]);
    let kind = catalog.at_endpoint("/Devices").unwrap();
    assert_eq!(
        resource_type_definition(kind)["schemaExtensions"],
        json!([{"schema": BADGE, "required": true}, {"schema": urn::ENTERPRISE_USER, "required": false}])
    );
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let with = |change: &dyn Fn(&mut ResourceTypeDefinition)| {
        let mut registry = registered(&[DEVICE]);
        let mut kind = device();
        change(&mut kind);
        registry.put_resource_type(kind);
        refusal(&registry)
    };
    assert!(with(&|kind| kind.schema = "urn:x:y".into()).contains("there is no schema urn:x:y; register it first"));
    assert!(with(&|kind| kind.schema = urn::USER.into()).contains("there is no schema"));
    assert!(with(&|kind| kind.name = "user".into()).contains("there is a resource type User already"));
    assert!(with(&|kind| kind.endpoint = "/users".into()).contains("the endpoint /users belongs to User already"));
    assert!(with(&|kind| kind.name = "Bulk".into()).contains("Bulk has a meaning of its own"));
    assert!(with(&|kind| kind.endpoint = "/me".into()).contains("me has a meaning of its own"));
    assert!(with(&|kind| kind.name = "User".into()).contains("is built in: its endpoint is /Users"));
    let twice = json!([{"schema": urn::ENTERPRISE_USER}, {"schema": urn::ENTERPRISE_USER.to_uppercase()}]);
    assert!(with(&|kind| kind.schema_extensions = serde_json::from_value(twice.clone()).unwrap()).contains("twice"));
    let itself = json!([{"schema": DEVICE}]);
    assert!(with(&|kind| kind.schema_extensions = serde_json::from_value(itself.clone()).unwrap()).contains("twice"));
    let longer = format!("{DEVICE}:x");
    assert!(refusal(&registered(&[DEVICE, &longer])).contains("ambiguous"));
    let many: Vec<String> = (0..=MAX_SCHEMAS).map(|n| format!("urn:x:{n:03}")).collect();
    assert!(refusal(&registered(&many.iter().map(String::as_str).collect::<Vec<_>>())).contains("50 schemas at most"));
}
