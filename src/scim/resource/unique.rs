//! The values of a tenant's own attributes that no other resource may have.

use serde_json::{Map, Value, json};

use crate::scim::date_time::{fixed_width, parse_instant};
use crate::scim::fold::fold;
use crate::scim::schema::{AttributeDefinition, AttributeType, Resolved, ResourceType, Uniqueness};

/// The name under which they stand in the search document. No attribute can have it.
pub(super) const UNIQUE: &str = "#unique";

/// The unique values of a resource, each as scope, attribute and key, in order; `None` if its type has no such attributes.
/// The scope of `server` is the resource type, that of `global` all types of the tenant: further it cannot reach, since one
/// tenant must not learn what another one has. Two values are the same if they are equal as a filter's `eq` compares them.
pub(super) fn unique_values(resource_type: &ResourceType, attributes: &Map<String, Value>) -> Option<Value> {
    if resource_type.unique.is_empty() {
        return None;
    }
    let mut found: Vec<[String; 3]> = Vec::new();
    for target in &resource_type.unique {
        let scope = match target.leaf().uniqueness {
            Uniqueness::Global => String::new(),
            Uniqueness::Server | Uniqueness::None => resource_type.name.clone(),
        };
        let attribute = path(resource_type, target);
        let keys = values(target, attributes).into_iter().filter_map(|value| key(target.leaf(), value));
        found.extend(keys.map(|key| [scope.clone(), attribute.clone(), key]));
    }
    found.sort_unstable();
    found.dedup();
    Some(json!(found))
}

/// The attribute with its schema's URN, also for the base schema: several types may be built on one.
fn path(resource_type: &ResourceType, target: &Resolved) -> String {
    match &target.extension {
        Some(_) => target.to_string(),
        None => format!("{}:{target}", resource_type.schema.uri),
    }
}

fn values<'a>(target: &Resolved, attributes: &'a Map<String, Value>) -> Vec<&'a Value> {
    let schema = match &target.extension {
        None => Some(attributes),
        Some(uri) => attributes.get(uri.as_str()).and_then(Value::as_object),
    };
    let whole = schema.and_then(|values| values.get(&target.attribute.name));
    let elements = whole.into_iter().flat_map(elements);
    match &target.sub {
        None => elements.collect(),
        Some(sub) => elements.filter_map(|element| element.get(&sub.name)).flat_map(self::elements).collect(),
    }
}

fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(elements) => elements,
        single => std::slice::from_ref(single),
    }
}

fn key(attribute: &AttributeDefinition, value: &Value) -> Option<String> {
    match (attribute.kind, value) {
        (AttributeType::DateTime, Value::String(text)) => parse_instant(text).map(fixed_width),
        (AttributeType::Decimal, Value::Number(number)) => number.as_f64().map(|number| number.to_string()),
        (_, Value::Number(number)) => Some(number.to_string()),
        (_, Value::String(text)) if attribute.compares_exactly() => Some(text.clone()),
        (_, Value::String(text)) => Some(fold(text).into_owned()),
        _ => None,
    }
}
