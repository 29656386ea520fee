//! The body of a PATCH.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::plain::{self, Exact};
use super::{Notes, Reading, compare};
use crate::scim::dialect::{Dialect, UnknownAttributes};
use crate::scim::patch::{MAX_OPERATIONS, Meaning, Patch, PatchRequest, meaning};
use crate::scim::resource::is_members;
use crate::scim::schema::{AttributeDefinition, Mutability, ResourceType, Schema};
use crate::scim::urn;

/// Tells what becomes of a PATCH, operation by operation.
pub fn explain_patch(body: &Value, kind: &Arc<ResourceType>, dialect: &Dialect, notes: &mut Notes) {
    if let Value::Object(members) = body {
        parts(members, notes);
        operations(members, notes, |one, notes| {
            let alone = json!({"schemas": [urn::PATCH_OP], "Operations": [one]});
            let read = PatchRequest::parse(alone, dialect).and_then(|request| Patch::check(request, kind, dialect));
            if let Err(error) = read {
                notes.refused(&"", &error);
            }
            operation(one, kind, dialect, notes);
        });
    }
    whole(body, kind, dialect, notes);
}

/// What the request as a whole is refused for, unless one of its operations was told of.
fn whole(body: &Value, kind: &Arc<ResourceType>, dialect: &Dialect, notes: &mut Notes) {
    if notes.has_refused() {
        return;
    }
    let read = PatchRequest::parse(body.clone(), dialect).and_then(|request| Patch::check(request, kind, dialect));
    if let Err(error) = read {
        notes.refused(&"", &error);
    }
}

/// What becomes of the members beside the operations.
pub(super) fn parts(body: &Map<String, Value>, notes: &mut Notes) {
    for name in body.keys() {
        match known(name, &["schemas", "Operations"]) {
            Some(known) if known == name => {}
            Some(known) => notes.read(name, Reading::Name, &[&known]),
            None => notes.read(name, Reading::RequestMember, &[]),
        }
    }
}

/// Tells of one operation after the other, as far as a request may hold them.
pub(super) fn operations(body: &Map<String, Value>, notes: &mut Notes, mut tell: impl FnMut(&Value, &mut Notes)) {
    let operations = member(body, "operations").and_then(Value::as_array);
    let several = operations.is_some_and(|operations| operations.len() > 1);
    for (operation, place) in operations.into_iter().flatten().take(MAX_OPERATIONS).zip(1..) {
        notes.operation.1 = if several { place } else { 0 };
        tell(operation, notes);
    }
    notes.operation.1 = 0;
}

/// What becomes of one operation, which may be wrong.
pub(super) fn operation(operation: &Value, kind: &Arc<ResourceType>, dialect: &Dialect, notes: &mut Notes) {
    let Some(members) = operation.as_object() else { return };
    for name in members.keys() {
        match known(name, &["op", "path", "value"]) {
            Some(known) if known == name => {}
            Some(known) => notes.read(name, Reading::Name, &[&known]),
            None => notes.read(name, Reading::OperationMember, &[]),
        }
    }
    let op = member(members, "op").and_then(Value::as_str).unwrap_or_default();
    if op.bytes().any(|byte| byte.is_ascii_uppercase()) {
        let told: [&dyn std::fmt::Display; 2] =
            [&format_args!("{op:?}"), &format_args!("{:?}", op.to_ascii_lowercase())];
        notes.read(&"op", Reading::Value, &told);
    }
    let value = member(members, "value").filter(|_| !op.eq_ignore_ascii_case("remove"));
    match member(members, "path") {
        Some(Value::String(path)) if !path.is_empty() => by_path(path, value, kind, dialect, notes),
        Some(path) => {
            notes.read(&"path", Reading::Whole, &[&notes.shown(path)]);
            without_path(value, kind, dialect, notes);
        }
        None => without_path(value, kind, dialect, notes),
    }
}

/// What becomes of a value that is set by a path.
pub(super) fn by_path(
    path: &str,
    value: Option<&Value>,
    kind: &Arc<ResourceType>,
    dialect: &Dialect,
    notes: &mut Notes,
) {
    let unknown = dialect.unknown_attributes;
    if notes.is_carried_out
        && let Some(Exact { attribute, sub, selects }) = Exact::of_path(kind, path)
    {
        return set(kind, (attribute, sub, selects), value, unknown, path, notes);
    }
    match meaning(kind, path, unknown) {
        // Told already, by reading the operation.
        Err(_) => {}
        Ok(Meaning::Unknown) if unknown == UnknownAttributes::Refuse => {}
        Ok(Meaning::Unknown) => notes.read(&without_filter(path, true), Reading::UnknownPath, &[]),
        Ok(Meaning::Schema(uri)) => {
            if uri != path {
                notes.read(&path, Reading::Path, &[&uri]);
            }
            if let (Some(schema), Some(value)) = (kind.extension(&uri), value) {
                in_extension(schema, value, kind, dialect, notes);
            }
        }
        Ok(Meaning::Attribute { target, selects }) => {
            let written = path.split('[').next().unwrap_or(path);
            let read = target.to_string();
            if !selects && written != read {
                notes.read(&path, Reading::Path, &[&read]);
            }
            set(kind, (&target.attribute, target.sub.as_ref(), selects), value, unknown, path, notes);
        }
    }
}

type Named<'a> = (&'a Arc<AttributeDefinition>, Option<&'a Arc<AttributeDefinition>>, bool);

/// What becomes of the value of an attribute, or of a sub-attribute, or of those that a filter selects.
fn set(
    kind: &ResourceType,
    (attribute, sub, selects): Named<'_>,
    value: Option<&Value>,
    unknown: UnknownAttributes,
    path: &str,
    notes: &mut Notes,
) {
    let is_element = selects && sub.is_none();
    if let Some(value) = value.filter(|_| !is_element && !is_members(kind, attribute)) {
        told_value(attribute, sub, value, unknown, path, notes);
    }
}

/// Each name in the value of an operation without a path is a path of its own.
fn without_path(value: Option<&Value>, kind: &Arc<ResourceType>, dialect: &Dialect, notes: &mut Notes) {
    let objects = value.map_or(&[][..], |value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice));
    if value.is_some_and(Value::is_array) {
        notes.read(&"value", Reading::Objects, &[]);
    }
    for (name, value) in objects.iter().filter_map(Value::as_object).flatten() {
        by_name(name, value, kind, dialect, notes);
    }
}

fn by_name(name: &str, value: &Value, kind: &Arc<ResourceType>, dialect: &Dialect, notes: &mut Notes) {
    let unknown = dialect.unknown_attributes;
    if let Some(attribute) = Exact::of_name(kind, name) {
        return set_by_name(kind, (attribute, None, false), value, unknown, name, notes);
    }
    if let Some(schema) = kind.extension(name).filter(|schema| schema.uri.as_str() == name) {
        return in_extension(schema, value, kind, dialect, notes);
    }
    match meaning(kind, name, unknown) {
        Ok(Meaning::Schema(uri)) => {
            if uri != *name {
                notes.read(&name, Reading::Name, &[&uri]);
            }
            if let Some(schema) = kind.extension(&uri) {
                in_extension(schema, value, kind, dialect, notes);
            }
        }
        Ok(Meaning::Attribute { target, selects }) => {
            let read = target.to_string();
            let is_path = selects || name.contains('.') || read != *name;
            if is_path {
                let at = without_filter(name, is_secret(&target.attribute));
                match read == *name {
                    true => notes.read(&at, Reading::NameAsPath, &[]),
                    false => notes.read(&at, Reading::NameAsPath, &[&read]),
                }
            }
            if !selects {
                set_by_name(kind, (&target.attribute, target.sub.as_ref(), selects), value, unknown, name, notes);
            }
        }
        Ok(Meaning::Unknown) | Err(_) if unknown == UnknownAttributes::Ignore && !name.contains('[') => {
            notes.read(&name, Reading::UnknownPath, &[]);
        }
        Ok(Meaning::Unknown) | Err(_) => {}
    }
}

/// As [`set`]; what only the server sets may be sent along here.
fn set_by_name(
    kind: &ResourceType,
    named: Named<'_>,
    value: &Value,
    unknown: UnknownAttributes,
    name: &str,
    notes: &mut Notes,
) {
    let is_read_only = |attribute: &AttributeDefinition| attribute.mutability == Mutability::ReadOnly;
    if is_read_only(named.0) || named.1.is_some_and(|sub| is_read_only(sub)) {
        return notes.read(&name, Reading::ReadOnly, &[]);
    }
    set(kind, named, Some(value), unknown, name, notes);
}

/// The attributes of an extension, under its URN.
fn in_extension(schema: &Schema, value: &Value, kind: &Arc<ResourceType>, dialect: &Dialect, notes: &mut Notes) {
    let unknown = dialect.unknown_attributes;
    for (name, value) in value.as_object().into_iter().flatten() {
        match plain::exactly(schema, name) {
            Some(attribute)
                if notes.is_carried_out
                    && attribute.mutability != Mutability::ReadOnly
                    && plain::value(attribute, value) => {}
            _ => {
                let path = format!("{}:{name}", schema.uri);
                match meaning(kind, &path, unknown) {
                    Ok(Meaning::Attribute { target, selects }) if target.to_string() == path => {
                        let named = (&target.attribute, target.sub.as_ref(), selects);
                        set_by_name(kind, named, value, unknown, &path, notes);
                    }
                    _ => by_path(&path, Some(value), kind, dialect, notes),
                }
            }
        }
    }
}

/// What became of the value; what is wrong with it was told by reading the operation.
fn told_value(
    attribute: &AttributeDefinition,
    sub: Option<&Arc<AttributeDefinition>>,
    value: &Value,
    unknown: UnknownAttributes,
    path: &str,
    notes: &mut Notes,
) {
    let leaf = sub.map_or(attribute, AsRef::as_ref);
    if notes.is_carried_out && plain::value(leaf, value) {
        return;
    }
    let at = without_filter(path, is_secret(attribute));
    let before = notes.made.len();
    let is_read = notes.hiding(!attribute.is_told(), |notes| compare::value(leaf, value, unknown, &at, notes));
    if !is_read {
        notes.made.truncate(before);
    }
}

/// Whether a filter on its values may tell what nobody is told.
fn is_secret(attribute: &AttributeDefinition) -> bool {
    !attribute.is_told() || attribute.sub_attributes.iter().any(|sub| !sub.is_told())
}

/// A path as it may be told.
fn without_filter(path: &str, hides: bool) -> Cow<'_, str> {
    match (path.find('['), path.rfind(']')) {
        (Some(open), Some(close)) if hides && open < close => {
            format!("{}[…]{}", &path[..open], &path[close + 1..]).into()
        }
        (Some(open), _) if hides => format!("{}[…", &path[..open]).into(),
        _ => path.into(),
    }
}

fn known(name: &str, all: &[&'static str]) -> Option<&'static str> {
    all.iter().copied().find(|known| known.eq_ignore_ascii_case(name))
}

fn member<'a>(members: &'a Map<String, Value>, wanted: &str) -> Option<&'a Value> {
    members.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
}
