//! One value, checked against its attribute's definition and brought into canonical form.
//!
//! This is the place where the shapes that real clients send are understood: booleans as text, one object where an array is
//! due, a bare string where a complex value is due, JSON inside a string. What cannot be understood is refused with the path
//! of the value.

use std::collections::HashSet;
use std::fmt::Display;

use serde_json::{Map, Value};

use super::simple::simple_value;
use crate::scim::dialect::UnknownAttributes;
use crate::scim::fold::fold;
use crate::scim::schema::{AttributeDefinition, AttributeType, Mutability};
use crate::scim::{ScimError, ScimType, json};

/// The canonical form of everything that `attribute` holds: an array for a multi-valued attribute, one value otherwise.
/// `None` means unassigned, which `null`, `""`, `[]` and `{}` all mean (RFC 7643, section 2.5, and what clients send). `at`
/// is the path that errors name; it is only printed when there is one.
pub(in crate::scim) fn canonical_value(
    attribute: &AttributeDefinition,
    value: Value,
    unknown: UnknownAttributes,
    at: &dyn Display,
) -> Result<Option<Value>, ScimError> {
    if !attribute.multi_valued {
        return canonical_element(attribute, only_element(value, at)?, unknown, at);
    }
    let elements = match value {
        Value::Array(elements) => elements,
        single => vec![single],
    };
    let mut kept = Vec::with_capacity(elements.len());
    for (index, element) in elements.into_iter().enumerate() {
        kept.extend(canonical_element(attribute, element, unknown, &format_args!("{at}[{index}]"))?);
    }
    remove_duplicates(&mut kept);
    Ok((!kept.is_empty()).then_some(Value::Array(kept)))
}

/// The canonical form of one value: of a single-valued attribute, or of one element of a multi-valued one.
pub(in crate::scim) fn canonical_element(
    attribute: &AttributeDefinition,
    value: Value,
    unknown: UnknownAttributes,
    at: &dyn Display,
) -> Result<Option<Value>, ScimError> {
    if is_unassigned(&value) {
        return Ok(None);
    }
    if !attribute.is_complex() {
        let value = simple_value(attribute.kind, value, at)?;
        return if attribute.restricted { chosen(attribute, value, at) } else { Ok(value) }.map(Some);
    }
    let sub_values = complex_value(attribute, value, unknown, at)?;
    Ok((!sub_values.is_empty()).then_some(Value::Object(sub_values)))
}

/// The canonical value that `value` is, in the schema's spelling. Without canonical values every value is one.
fn chosen(attribute: &AttributeDefinition, value: Value, at: &dyn Display) -> Result<Value, ScimError> {
    let (Some(text), known) = (value.as_str(), &attribute.canonical_values) else { return Ok(value) };
    if known.is_empty() {
        return Ok(value);
    }
    let is_same = |known: &&String| {
        if attribute.compares_exactly() { *known == text } else { fold(known) == fold(text) }
    };
    match known.iter().find(is_same) {
        Some(known) => Ok(known.as_str().into()),
        None => {
            /// Enough to see what kind of values is meant.
            const SHOWN: usize = 20;
            let more = if known.len() > SHOWN { ", ..." } else { "" };
            let known: Vec<&str> = known.iter().take(SHOWN).map(String::as_str).collect();
            let detail = format!("{at} must be one of {}{more}", known.join(", "));
            Err(ScimError::bad_request(ScimType::InvalidValue, detail))
        }
    }
}

/// Whether a value as a client sends it means "no value".
pub(in crate::scim) fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Takes equal elements away, the first of them stays.
pub(in crate::scim) fn remove_duplicates(elements: &mut Vec<Value>) {
    /// Up to here comparing each with each is cheaper than printing them.
    const FEW: usize = 16;
    if elements.len() > FEW {
        let mut seen = HashSet::with_capacity(elements.len());
        elements.retain(|element| seen.insert(element.to_string()));
        return;
    }
    let mut index = 1;
    while index < elements.len() {
        if elements[..index].contains(&elements[index]) {
            elements.remove(index);
        } else {
            index += 1;
        }
    }
}

/// Some clients wrap the value of a single-valued attribute into an array of one.
fn only_element(value: Value, at: &dyn Display) -> Result<Value, ScimError> {
    match value {
        Value::Array(mut elements) if elements.len() < 2 => Ok(elements.pop().unwrap_or(Value::Null)),
        Value::Array(elements) => Err(ScimError::bad_request(
            ScimType::InvalidValue,
            format!("{at} takes one value, and {} were sent; send one", elements.len()),
        )),
        other => Ok(other),
    }
}

fn complex_value(
    attribute: &AttributeDefinition,
    value: Value,
    unknown: UnknownAttributes,
    at: &dyn Display,
) -> Result<Map<String, Value>, ScimError> {
    let members = match value {
        Value::Object(members) => members,
        Value::Array(_) => return Err(not_an_object(attribute, at)),
        bare if attribute.sub_attribute("value").is_some() => Map::from_iter([("value".to_owned(), bare)]),
        _ => return Err(not_an_object(attribute, at)),
    };
    let sub_values = if is_in_order(attribute, &members) {
        canonical_in_place(attribute, members, unknown, at)?
    } else {
        canonical_in_order(attribute, members, unknown, at)?
    };
    Ok(unpack_json_text(attribute, sub_values))
}

/// Whether the names are the schema's, in its spelling and its order, and none of them is the server's to set.
fn is_in_order(attribute: &AttributeDefinition, members: &Map<String, Value>) -> bool {
    let mut definitions = attribute.sub_attributes.iter();
    members
        .keys()
        .all(|name| definitions.find(|sub| sub.name == *name).is_some_and(|sub| sub.mutability != Mutability::ReadOnly))
}

/// Spares building the object anew, as most sent objects need no more than a look at each value.
fn canonical_in_place(
    attribute: &AttributeDefinition,
    mut members: Map<String, Value>,
    unknown: UnknownAttributes,
    at: &dyn Display,
) -> Result<Map<String, Value>, ScimError> {
    for (name, value) in &mut members {
        let Some(sub) = attribute.sub_attribute(name) else { continue };
        let canonical = canonical_value(sub, value.take(), unknown, &format_args!("{at}.{name}"))?;
        *value = canonical.unwrap_or_default();
    }
    members.retain(|_, value| !value.is_null());
    Ok(members)
}

fn canonical_in_order(
    attribute: &AttributeDefinition,
    members: Map<String, Value>,
    unknown: UnknownAttributes,
    at: &dyn Display,
) -> Result<Map<String, Value>, ScimError> {
    let mut slots: Vec<Option<Value>> = vec![None; attribute.sub_attributes.len()];
    for (name, value) in members {
        match attribute.sub_attributes.iter().position(|sub| sub.is_named(&name)) {
            Some(slot) => {
                let sub = &attribute.sub_attributes[slot];
                if sub.mutability != Mutability::ReadOnly {
                    slots[slot] = canonical_value(sub, value, unknown, &format_args!("{at}.{}", sub.name))?;
                }
            }
            None if unknown == UnknownAttributes::Refuse => {
                return Err(unknown_attribute(&format_args!("{at}.{name}")));
            }
            None => {}
        }
    }
    let mut sub_values = Map::with_capacity(slots.iter().flatten().count());
    for (sub, value) in attribute.sub_attributes.iter().zip(slots) {
        if let Some(value) = value {
            sub_values.insert(sub.name.clone(), value);
        }
    }
    Ok(sub_values)
}

/// Entra can send a role as JSON inside the string `value`: `"{\"id\":…,\"value\":\"Admin\",\"displayName\":…}"`. The text's
/// own `value` is what is meant; sub-attributes that stand beside the text win over those inside it.
fn unpack_json_text(attribute: &AttributeDefinition, mut outer: Map<String, Value>) -> Map<String, Value> {
    let Some(Value::String(text)) = outer.get("value") else { return outer };
    let is_text = attribute.sub_attribute("value").is_some_and(|sub| sub.kind == AttributeType::String);
    if !(attribute.multi_valued && is_text && text.starts_with('{')) {
        return outer;
    }
    let Ok(Value::Object(mut inner)) = json::parse(text.as_bytes()) else { return outer };
    if !inner.contains_key("display")
        && let Some(display) = inner.remove("displayName")
    {
        inner.insert("display".to_owned(), display);
    }
    let inner = complex_value(attribute, Value::Object(inner), UnknownAttributes::Ignore, &attribute.name);
    let Ok(mut inner) = inner else { return outer };
    if !inner.contains_key("value") {
        return outer;
    }
    outer.remove("value");
    let names = attribute.sub_attributes.iter().map(|sub| &sub.name);
    names
        .filter_map(|name| outer.remove(name).or_else(|| inner.remove(name)).map(|value| (name.clone(), value)))
        .collect()
}

/// The refusal of a name that no schema defines.
pub(in crate::scim) fn unknown_attribute(path: &dyn Display) -> ScimError {
    /// Enough to recognize a name by; a client's text is not repeated at length.
    const SHOWN: usize = 100;
    let path: String = path.to_string().chars().take(SHOWN).collect();
    ScimError::bad_request(
        ScimType::InvalidSyntax,
        format!("{path:?} is not an attribute that this endpoint's schemas define; leave it out or correct its name"),
    )
}

fn not_an_object(attribute: &AttributeDefinition, at: &dyn Display) -> ScimError {
    let names: Vec<&str> = attribute.sub_attributes.iter().map(|sub| sub.name.as_str()).collect();
    ScimError::bad_request(ScimType::InvalidValue, format!("{at} must be an object with any of {}", names.join(", ")))
}
