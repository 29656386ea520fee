//! What differs between two states of a resource.

use serde_json::{Map, Value};

use super::Touched;
use crate::scim::resource::Resource;
use crate::scim::schema::{ResourceType, Schema};

/// The attributes in which `after` differs from `before`, in the order of the schemas. `schemas` follows from the others and
/// is not listed.
pub fn touched(resource_type: &ResourceType, before: &Resource, after: &Resource) -> Vec<Touched> {
    let mut touched = Vec::new();
    for schema in [&resource_type.common, &resource_type.schema] {
        compare(schema, "", Some(before.as_map()), Some(after.as_map()), &mut touched);
    }
    for extension in &resource_type.extensions {
        let uri = extension.schema.uri.as_str();
        let values = |resource: &'_ Resource| resource.as_map().get(uri).and_then(Value::as_object).cloned();
        let (old, new) = (values(before), values(after));
        compare(&extension.schema, &format!("{uri}:"), old.as_ref(), new.as_ref(), &mut touched);
    }
    touched
}

fn compare(
    schema: &Schema,
    prefix: &str,
    before: Option<&Map<String, Value>>,
    after: Option<&Map<String, Value>>,
    touched: &mut Vec<Touched>,
) {
    for attribute in schema.attributes.iter().filter(|attribute| attribute.name != "schemas") {
        let old = before.and_then(|values| values.get(&attribute.name));
        let new = after.and_then(|values| values.get(&attribute.name));
        if old != new {
            let path = format!("{prefix}{}", attribute.name);
            touched.push(Touched { path, old: old.cloned(), new: new.cloned() });
        }
    }
}
