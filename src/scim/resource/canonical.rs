//! The canonical order of a resource, its `schemas`, and the rules that hold for a resource as a whole.

use std::fmt::Display;

use serde_json::{Map, Value};

use super::Resource;
use super::index::INDEXED;
use super::value::is_unassigned;
use crate::scim::fold::fold;
use crate::scim::schema::{AttributeDefinition, Mutability, ResourceType, Returned, Schema};
use crate::scim::{ScimError, ScimType};

/// The longest indexed string in characters: userName, externalId, displayName, employeeNumber and e-mail addresses.
pub const MAX_KEY_CHARS: usize = 1_024;
/// The longest indexed string in bytes after folding: a key of the database's indexes cannot hold more.
pub const MAX_KEY_BYTES: usize = 2_400;

/// Whether values of `attribute`, an attribute of `schema`, stand in a [`Resource`]. What the server sets, what is never
/// returned, and memberships live elsewhere.
pub(in crate::scim) fn is_stored(resource_type: &ResourceType, attribute: &AttributeDefinition) -> bool {
    let is_own = attribute.mutability != Mutability::ReadOnly || attribute.name == "id";
    is_own
        && attribute.returned != Returned::Never
        && attribute.name != "schemas"
        && !is_members(resource_type, attribute)
}

/// Whether `attribute` is the member list of a group.
pub(in crate::scim) fn is_members(resource_type: &ResourceType, attribute: &AttributeDefinition) -> bool {
    resource_type.name == "Group" && attribute.name == "members"
}

/// Brings attributes whose names are spelled as the schemas spell them into canonical order, without what is unassigned or
/// does not stand in a resource, and sets `schemas` to the base schema and the extensions that carry data.
pub(in crate::scim) fn normalize(resource_type: &ResourceType, mut attributes: Map<String, Value>) -> Resource {
    let mut ordered = Map::with_capacity(attributes.len() + 1);
    ordered.insert("schemas".to_owned(), Value::Null);
    let own = resource_type.common.attributes.iter().chain(&resource_type.schema.attributes);
    for attribute in own.filter(|attribute| is_stored(resource_type, attribute)) {
        take(attribute, &mut attributes, &mut ordered);
    }
    let mut schemas = vec![Value::from(resource_type.schema.uri.as_str())];
    for extension in &resource_type.extensions {
        let uri = extension.schema.uri.as_str();
        let Some(Value::Object(mut values)) = attributes.swap_remove(uri) else { continue };
        let mut inner = Map::with_capacity(values.len());
        for attribute in extension.schema.attributes.iter().filter(|attribute| is_stored(resource_type, attribute)) {
            take(attribute, &mut values, &mut inner);
        }
        if !inner.is_empty() {
            schemas.push(uri.into());
            ordered.insert(uri.to_owned(), Value::Object(inner));
        }
    }
    ordered["schemas"] = Value::Array(schemas);
    Resource(ordered)
}

/// Moves one attribute over, its sub-attributes in order.
fn take(attribute: &AttributeDefinition, from: &mut Map<String, Value>, to: &mut Map<String, Value>) {
    let Some(value) = from.swap_remove(&attribute.name) else { return };
    let value = match value {
        Value::Object(sub_values) => in_order(attribute, sub_values),
        Value::Array(elements) => {
            let elements = elements.into_iter().map(|element| match element {
                Value::Object(sub_values) => in_order(attribute, sub_values),
                simple => simple,
            });
            Value::Array(elements.filter(|element| !is_unassigned(element)).collect())
        }
        simple => simple,
    };
    if !is_unassigned(&value) {
        to.insert(attribute.name.clone(), value);
    }
}

fn in_order(attribute: &AttributeDefinition, mut sub_values: Map<String, Value>) -> Value {
    let mut ordered = Map::with_capacity(sub_values.len());
    for sub in attribute.sub_attributes.iter().filter(|sub| sub.mutability != Mutability::ReadOnly) {
        take(sub, &mut sub_values, &mut ordered);
    }
    Value::Object(ordered)
}

/// Holds the rules of a whole resource, after it was read from a body or changed: required attributes have a value, one
/// element of an attribute at most is primary, and what is indexed is short enough.
pub(in crate::scim) fn check(resource_type: &ResourceType, resource: &Resource) -> Result<(), ScimError> {
    let attributes = resource.as_map();
    check_schema(resource_type, &resource_type.common, attributes, &"")?;
    check_schema(resource_type, &resource_type.schema, attributes, &"")?;
    for extension in &resource_type.extensions {
        let uri = &extension.schema.uri;
        match attributes.get(uri.as_str()) {
            Some(Value::Object(values)) => {
                check_schema(resource_type, &extension.schema, values, &format_args!("{uri}:"))?;
            }
            _ if extension.required => return Err(missing(uri)),
            _ => {}
        }
    }
    INDEXED.iter().try_for_each(|path| path.strings(attributes).try_for_each(|text| check_key(path, text)))
}

fn check_schema(
    resource_type: &ResourceType,
    schema: &Schema,
    values: &Map<String, Value>,
    prefix: &dyn Display,
) -> Result<(), ScimError> {
    for attribute in schema.attributes.iter().filter(|attribute| is_stored(resource_type, attribute)) {
        let at = format_args!("{prefix}{}", attribute.name);
        match values.get(&attribute.name) {
            None if attribute.required && attribute.mutability != Mutability::ReadOnly => return Err(missing(&at)),
            None => {}
            Some(value) => check_attribute(attribute, value, &at)?,
        }
    }
    Ok(())
}

fn check_attribute(attribute: &AttributeDefinition, value: &Value, at: &dyn Display) -> Result<(), ScimError> {
    match value {
        Value::String(text) if attribute.required && text.trim().is_empty() => Err(missing(at)),
        Value::Object(sub_values) => check_required_sub_attributes(attribute, sub_values, at),
        Value::Array(elements) => {
            let is_primary = |element: &&Value| element.get("primary") == Some(&Value::Bool(true));
            if elements.iter().filter(is_primary).nth(1).is_some() {
                return Err(ScimError::bad_request(
                    ScimType::InvalidValue,
                    format!("{at} has more than one value with primary true; set primary on one of them"),
                ));
            }
            let mut complex = elements.iter().filter_map(Value::as_object);
            complex.try_for_each(|sub_values| check_required_sub_attributes(attribute, sub_values, at))
        }
        _ => Ok(()),
    }
}

fn check_required_sub_attributes(
    attribute: &AttributeDefinition,
    sub_values: &Map<String, Value>,
    at: &dyn Display,
) -> Result<(), ScimError> {
    let mut required =
        attribute.sub_attributes.iter().filter(|sub| sub.required && sub.mutability != Mutability::ReadOnly);
    match required.find(|sub| !sub_values.contains_key(&sub.name)) {
        Some(sub) => Err(missing(&format_args!("{at}.{}", sub.name))),
        None => Ok(()),
    }
}

fn check_key(path: &dyn Display, text: &str) -> Result<(), ScimError> {
    let is_short = text.len() <= MAX_KEY_CHARS && text.is_ascii();
    if is_short || (text.chars().count() <= MAX_KEY_CHARS && fold(text).len() <= MAX_KEY_BYTES) {
        return Ok(());
    }
    Err(ScimError::bad_request(
        ScimType::InvalidValue,
        format!("{path} is too long: {MAX_KEY_CHARS} characters and {MAX_KEY_BYTES} bytes in UTF-8 are allowed"),
    ))
}

fn missing(at: &dyn Display) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, format!("{at} is required; send a value that is not empty"))
}
