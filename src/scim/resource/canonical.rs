//! The canonical order of a resource, its `schemas`, and the rules that hold for a resource as a whole.

use std::fmt::Display;

use serde_json::{Map, Value};

use super::Resource;
use super::index::INDEXED;
use super::value::is_unassigned;
use crate::scim::fold::fold;
use crate::scim::schema::{AttributeDefinition, Mutability, ResourceType, Schema};
use crate::scim::{ScimError, ScimType};

/// The longest indexed string in characters: userName, externalId, displayName, employeeNumber and e-mail addresses.
pub const MAX_KEY_CHARS: usize = 1_024;
/// The longest indexed string in bytes after folding: a key of the database's indexes cannot hold more.
pub const MAX_KEY_BYTES: usize = 2_400;

/// How many values an attribute may have. Members of groups are counted elsewhere: a group may have any number.
pub const MAX_ELEMENTS: usize = 1_000;

/// Whether values of `attribute` stand in a [`Resource`]. What the server sets, passwords, and memberships live elsewhere.
pub(super) fn is_stored(resource_type: &ResourceType, attribute: &AttributeDefinition) -> bool {
    let is_own = attribute.mutability != Mutability::ReadOnly || attribute.name == "id";
    is_own
        && !is_password(resource_type, attribute)
        && attribute.name != "schemas"
        && !is_members(resource_type, attribute)
}

/// Whether `attribute` is the member list of a group.
pub(in crate::scim) fn is_members(resource_type: &ResourceType, attribute: &AttributeDefinition) -> bool {
    resource_type.name == "Group" && attribute.name == "members"
}

/// Whether `attribute` is a user's password. Schemas that tenants register have no attribute of that name.
pub(in crate::scim) fn is_password(resource_type: &ResourceType, attribute: &AttributeDefinition) -> bool {
    resource_type.name == "User" && attribute.name == "password"
}

/// The top-level names that a change may have touched: attributes, and extensions by their URN.
pub(in crate::scim) type Touched<'a> = &'a dyn Fn(&str) -> bool;

/// Brings attributes whose names are spelled as the schemas spell them into canonical order, without what is unassigned or
/// does not stand in a resource, and sets `schemas` to the base schema and the extensions that carry data.
pub(super) fn normalize(resource_type: &ResourceType, attributes: Map<String, Value>) -> Resource {
    arrange(resource_type, attributes, &|_| true)
}

/// As [`normalize`], for a canonical resource of which only `touched` names were changed.
pub(in crate::scim) fn normalize_touched(
    resource_type: &ResourceType,
    attributes: Map<String, Value>,
    touched: Touched<'_>,
) -> Resource {
    arrange(resource_type, attributes, touched)
}

/// As [`normalize`], for values that are canonical already: only the attributes themselves are put in order.
pub(super) fn assemble(resource_type: &ResourceType, attributes: Map<String, Value>) -> Resource {
    arrange(resource_type, attributes, &|_| false)
}

fn arrange(resource_type: &ResourceType, mut attributes: Map<String, Value>, touched: Touched<'_>) -> Resource {
    let mut ordered = Map::with_capacity(attributes.len() + 2);
    ordered.insert("schemas".to_owned(), Value::Null);
    let take = |attribute: &AttributeDefinition, is_touched, from: &mut Map<_, _>, to: &mut Map<_, _>| {
        let Some((name, value)) = from.swap_remove_entry(&attribute.name) else { return };
        let value = if is_touched { in_order(attribute, value) } else { value };
        if !is_unassigned(&value) {
            to.insert(name, value);
        }
    };
    let own = resource_type.common.attributes.iter().chain(&resource_type.schema.attributes);
    for attribute in own.filter(|attribute| is_stored(resource_type, attribute)) {
        take(attribute, touched(&attribute.name), &mut attributes, &mut ordered);
    }
    let mut schemas = vec![Value::from(resource_type.schema.uri.as_str())];
    for extension in &resource_type.extensions {
        let uri = extension.schema.uri.as_str();
        let Some(Value::Object(mut values)) = attributes.swap_remove(uri) else { continue };
        let is_touched = touched(uri);
        let mut inner = Map::with_capacity(values.len());
        for attribute in extension.schema.attributes.iter().filter(|attribute| is_stored(resource_type, attribute)) {
            take(attribute, is_touched, &mut values, &mut inner);
        }
        if !inner.is_empty() {
            schemas.push(uri.into());
            ordered.insert(uri.to_owned(), Value::Object(inner));
        }
    }
    ordered["schemas"] = Value::Array(schemas);
    Resource(ordered)
}

/// A value with its sub-attributes in order and without what is unassigned.
fn in_order(attribute: &AttributeDefinition, value: Value) -> Value {
    match value {
        Value::Object(mut sub_values) => {
            let mut ordered = Map::with_capacity(sub_values.len());
            for sub in attribute.sub_attributes.iter().filter(|sub| sub.mutability != Mutability::ReadOnly) {
                let Some((name, value)) = sub_values.swap_remove_entry(&sub.name) else { continue };
                let value = in_order(sub, value);
                if !is_unassigned(&value) {
                    ordered.insert(name, value);
                }
            }
            Value::Object(ordered)
        }
        Value::Array(elements) => {
            let elements = elements.into_iter().map(|element| in_order(attribute, element));
            Value::Array(elements.filter(|element| !is_unassigned(element)).collect())
        }
        simple => simple,
    }
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
        Value::Array(elements) if elements.len() > MAX_ELEMENTS => Err(ScimError::bad_request(
            ScimType::InvalidValue,
            format!("{at} has {} values; at most {MAX_ELEMENTS} are allowed", elements.len()),
        )),
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::scim::schema::builtin;
    use crate::scim::urn::{ENTERPRISE_USER, USER};

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("an object") };
        map
    }

    #[test]
    fn after_a_change_order_and_schemas_are_set_right_again() {
        let user = builtin().named("User").unwrap();
        let changed = json!({
            ENTERPRISE_USER: {"department": null}, "emails": [{"type": "work", "value": "a"}, {}, null], "name": {"givenName": ""},
            "title": "t", "password": "p", "meta": {}, "groups": [{"value": "g"}], "unknown": 1, "id": "i", "userName": "u",
            "schemas": [USER, ENTERPRISE_USER]
        });
        let resource = normalize(user, map(changed));
        assert_eq!(
            Value::Object(resource.clone().into_map()).to_string(),
            format!(
                r#"{{"schemas":["{USER}"],"id":"i","userName":"u","title":"t","emails":[{{"value":"a","type":"work"}}]}}"#
            )
        );
        assert_eq!(check(user, &resource), Ok(()));
        assert_eq!(normalize(user, resource.clone().into_map()), resource);
    }

    #[test]
    fn what_a_schema_requires_is_held_at_every_level() {
        let mut resource_type = builtin().named("User").unwrap().as_ref().clone();
        resource_type.extensions[0].required = true;
        let schema = Arc::make_mut(&mut resource_type.schema);
        let emails = schema.attributes.iter_mut().find(|attribute| attribute.name == "emails").unwrap();
        Arc::make_mut(&mut Arc::make_mut(emails).sub_attributes[0]).required = true;
        let told =
            |attributes: Value| check(&resource_type, &normalize(&resource_type, map(attributes))).unwrap_err().detail;
        let extension = json!({"division": "d"});
        assert_eq!(told(json!({ENTERPRISE_USER: extension})), "userName is required; send a value that is not empty");
        assert_eq!(
            told(json!({"userName": "u"})),
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User is required; send a value that is not empty"
        );
        assert_eq!(
            told(json!({"userName": "u", ENTERPRISE_USER: extension, "emails": [{"type": "work"}]})),
            "emails.value is required; send a value that is not empty"
        );
    }
}
