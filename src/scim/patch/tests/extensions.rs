//! Shapes that the schemas of RFC 7643 do not have but an extension may: immutable attributes, lists of simple values,
//! required lists.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{keyword, named, request, user};
use crate::scim::ScimType;
use crate::scim::dialect::Dialect;
use crate::scim::patch::{Patch, PatchRequest};
use crate::scim::resource::Resource;
use crate::scim::schema::{Extension, ResourceType, Schema};
use crate::scim::urn::SchemaUri;

const BADGE: &str = "urn:example:params:scim:schemas:Badge";

fn with_badge() -> Arc<ResourceType> {
    let attributes = json!([
        { "name": "serial", "mutability": "immutable" },
        { "name": "door", "type": "complex", "subAttributes": [{ "name": "value", "mutability": "immutable" }, { "name": "display" }] },
        { "name": "tags", "multiValued": true },
        { "name": "keys", "multiValued": true, "required": true },
    ]);
    let schema = Schema {
        uri: SchemaUri::new(BADGE),
        name: "Badge".into(),
        description: String::new(),
        attributes: serde_json::from_value(attributes).unwrap(),
    };
    let mut resource_type = ResourceType::clone(named("User"));
    resource_type.extensions.push(Extension { schema: Arc::new(schema), required: false });
    Arc::new(resource_type)
}

fn patched(before: Resource, operations: Value) -> Result<Resource, ScimType> {
    let request = PatchRequest::parse(request(operations), &Dialect::default()).unwrap();
    let patch = Patch::check(request, &with_badge(), &Dialect::default());
    patch.and_then(|patch| patch.apply(&before)).map(|outcome| outcome.after).map_err(|error| keyword(error).0)
}

/// The badge after operations on paths within it.
fn badge(operations: &[(&str, &str, Value)]) -> Result<Value, ScimType> {
    let first = json!([{ "op": "add", "path": BADGE, "value": {
        "serial": "1", "door": { "value": "d", "display": "D" }, "tags": ["a", "b"], "keys": ["k"],
    } }]);
    let before = patched(user(json!({})), first).unwrap();
    let operations: Vec<_> = operations
        .iter()
        .map(|(op, path, value)| json!({ "op": op, "path": format!("{BADGE}:{path}"), "value": value }))
        .collect();
    patched(before, operations.into()).map(|after| after.into_map()[BADGE].clone())
}

#[test]
fn an_immutable_attribute_is_set_once_and_to_what_it_is() {
    assert_eq!(badge(&[("replace", "serial", json!("1"))]).unwrap()["serial"], "1");
    for operation in [
        ("replace", "serial", json!("2")),
        ("add", "serial", json!("2")),
        ("remove", "serial", Value::Null),
        ("replace", "door", json!({ "value": "e" })),
        ("remove", "door.value", Value::Null),
    ] {
        assert_eq!(badge(std::slice::from_ref(&operation)), Err(ScimType::Mutability), "{operation:?}");
    }
    let door = badge(&[("replace", "door", json!({ "value": "d", "display": "E" }))]).unwrap();
    assert_eq!(door["door"], json!({ "value": "d", "display": "E" }));
}

#[test]
fn simple_values_are_added_once_and_removed_by_value() {
    assert_eq!(badge(&[("add", "tags", json!(["B", "c"]))]).unwrap()["tags"], json!(["a", "b", "c"]));
    assert_eq!(badge(&[("remove", "tags", json!(["A"]))]).unwrap()["tags"], json!(["b"]));
    assert_eq!(badge(&[("remove", "tags[value eq \"a\"]", Value::Null)]).unwrap()["tags"], json!(["b"]));
    assert_eq!(badge(&[("replace", "tags[value eq \"a\"]", json!("z"))]).unwrap()["tags"], json!(["z", "b"]));
    assert_eq!(badge(&[("replace", "tags[value eq \"x\"]", json!("z"))]), Err(ScimType::NoTarget));
}

#[test]
fn a_required_list_keeps_a_value() {
    assert_eq!(badge(&[("remove", "keys", json!(["k"]))]), Err(ScimType::Mutability));
    assert_eq!(badge(&[("remove", "keys[value eq \"k\"]", Value::Null)]), Err(ScimType::Mutability));
    assert_eq!(badge(&[("remove", "keys", Value::Null)]), Err(ScimType::Mutability));
    assert_eq!(badge(&[("add", "keys", json!("l")), ("remove", "keys", json!("k"))]).unwrap()["keys"], json!(["l"]));
}
