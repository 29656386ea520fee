//! The body of a POST or PUT.

use serde_json::{Map, Value};

use super::{Notes, Reading, begin, compare};
use crate::scim::dialect::{Dialect, UnknownAttributes};
use crate::scim::resource::{Draft, is_members, is_unassigned, unknown_attribute};
use crate::scim::schema::{AttributeDefinition, Mutability, ResourceType, Schema};

/// Tells what becomes of a body that creates a resource, or replaces one.
pub fn explain_body(body: &Value, kind: &ResourceType, dialect: &Dialect, replaces: bool, notes: &mut Notes) {
    parts(body, kind, dialect, notes);
    let parse = if replaces { Draft::parse_replacement } else { Draft::parse };
    if let Err(error) = parse(body.clone(), kind, dialect) {
        notes.refused(&"", &error);
    }
}

/// What becomes of its parts.
pub(super) fn parts(body: &Value, kind: &ResourceType, dialect: &Dialect, notes: &mut Notes) {
    let unknown = dialect.unknown_attributes;
    for (name, value) in body.as_object().into_iter().flatten() {
        match kind.extension(name) {
            Some(schema) => extension(schema, (name, value), unknown, notes),
            None => attribute(kind, (name, value), unknown, notes),
        }
    }
}

fn attribute(kind: &ResourceType, (name, value): (&str, &Value), unknown: UnknownAttributes, notes: &mut Notes) {
    let found = kind.common.attribute(name).or_else(|| kind.schema.attribute(name));
    let Some(attribute) = found else { return unknown_name(kind, name, unknown, notes) };
    spelled(name, attribute, notes);
    match attribute.name.as_str() {
        "schemas" => schemas(kind, value, notes),
        "id" => notes.read(&name, Reading::Id, &[]),
        "password" => {}
        _ if is_members(kind, attribute) => {}
        _ if attribute.mutability == Mutability::ReadOnly => notes.read(&name, Reading::ReadOnly, &[]),
        own => {
            // RFC 7643, section 2.5 says so of null and of an empty list.
            if matches!(value, Value::String(_) | Value::Object(_)) && is_unassigned(value) {
                notes.read(&own, Reading::Empty, &[]);
            }
            compare::value(attribute, value, unknown, &own, notes);
        }
    }
}

fn extension(schema: &Schema, (name, value): (&str, &Value), unknown: UnknownAttributes, notes: &mut Notes) {
    let uri = schema.uri.as_str();
    if name != uri {
        notes.read(&name, Reading::Name, &[&uri]);
    }
    let empty = Map::new();
    for (name, value) in value.as_object().unwrap_or(&empty) {
        let at = format_args!("{uri}:{name}");
        match schema.attribute(name) {
            None if unknown == UnknownAttributes::Refuse => notes.refused(&at, &unknown_attribute(&at)),
            None => notes.read(&at, Reading::NotInExtension, &[]),
            Some(attribute) if attribute.mutability == Mutability::ReadOnly => {
                notes.read(&at, Reading::ReadOnly, &[]);
            }
            Some(attribute) => {
                spelled(name, attribute, notes);
                compare::value(attribute, value, unknown, &at, notes);
            }
        }
    }
}

fn spelled(name: &str, attribute: &AttributeDefinition, notes: &mut Notes) {
    if attribute.name != name {
        notes.read(&name, Reading::Name, &[&attribute.name]);
    }
}

/// A name that no schema has at this place; often an extension has it.
fn unknown_name(kind: &ResourceType, name: &str, unknown: UnknownAttributes, notes: &mut Notes) {
    if unknown == UnknownAttributes::Refuse {
        return notes.refused(&name, &unknown_attribute(&name));
    }
    let in_extension = kind.extensions.iter().find(|extension| extension.schema.attribute(name).is_some());
    match in_extension {
        Some(extension) => notes.read(&name, Reading::Unknown, &[&extension.schema.uri]),
        None => notes.read(&name, Reading::Unknown, &[]),
    }
}

fn schemas(kind: &ResourceType, value: &Value, notes: &mut Notes) {
    let listed = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    for uri in listed.iter().filter_map(Value::as_str) {
        if !kind.schema_uris().any(|known| known.matches(uri)) {
            notes.read(&"schemas", Reading::Schema, &[&format_args!("{:?}", begin(uri, 100))]);
        }
    }
}
