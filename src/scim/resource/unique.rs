//! The values of a tenant's own attributes that no other resource may have.

use serde_json::{Map, Value, json};

use crate::scim::date_time::{fixed_width, parse_instant};
use crate::scim::filter::Operand;
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
        let scope = scope(resource_type, target);
        let attribute = path(resource_type, target);
        let keys = values(target, attributes).into_iter().filter_map(|value| key(target.leaf(), value));
        found.extend(keys.map(|key| [scope.clone(), attribute.clone(), key]));
    }
    found.sort_unstable();
    found.dedup();
    Some(json!(found))
}

/// The scope, attribute and key under which the one resource is kept that has this value, if the attribute is unique and
/// the value can be asked for so. Every resource that a filter's `eq` finds is kept so.
pub fn unique_value(resource_type: &ResourceType, target: &Resolved, value: &Operand) -> Option<[String; 3]> {
    let target = resource_type.unique.iter().find(|unique| *unique == target)?;
    let key = match (target.leaf().kind, value) {
        (AttributeType::Boolean, _) => return None,
        (_, Operand::Folded(text) | Operand::Exact(text)) => text.clone(),
        (AttributeType::Integer, Operand::Integer(number)) => number.to_string(),
        // Zero has two spellings.
        (AttributeType::Decimal, Operand::Decimal(number)) if *number != 0.0 => number.to_string(),
        (AttributeType::DateTime, Operand::Instant(instant)) => fixed_width(*instant),
        _ => return None,
    };
    Some([scope(resource_type, target), path(resource_type, target), key])
}

fn scope(resource_type: &ResourceType, target: &Resolved) -> String {
    match target.leaf().uniqueness {
        Uniqueness::Global => String::new(),
        Uniqueness::Server | Uniqueness::None => resource_type.name.clone(),
    }
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
