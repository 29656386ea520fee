//! The body of a PATCH.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{Notes, compare, shown};
use crate::scim::dialect::{Dialect, UnknownAttributes};
use crate::scim::patch::{Meaning, Patch, PatchRequest, meaning};
use crate::scim::resource::is_members;
use crate::scim::schema::ResourceType;
use crate::scim::urn;

/// Tells what becomes of a PATCH, operation by operation.
pub fn explain_patch(body: &Value, kind: &Arc<ResourceType>, dialect: &Dialect, notes: &mut Notes) {
    let Some(body_members) = body.as_object() else { return whole(body, kind, dialect, notes) };
    for name in body_members.keys() {
        let known = ["schemas", "Operations"].into_iter().find(|known| known.eq_ignore_ascii_case(name));
        match known {
            Some(known) if known == name => {}
            Some(known) => notes.rewritten(name, format!("the name was read as {known}")),
            None => notes.ignored(name, "a PATCH request has no such member"),
        }
    }
    let operations = member(body_members, "operations").and_then(Value::as_array);
    let several = operations.is_some_and(|operations| operations.len() > 1);
    for (operation, place) in operations.into_iter().flatten().zip(1..) {
        let prefix = if several { format!("operation {place}") } else { String::new() };
        let prefix = [notes.prefix.clone(), prefix].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        notes.inside(prefix.join(": "), |notes| one(operation, kind, dialect, notes));
    }
    whole(body, kind, dialect, notes);
}

/// What the request as a whole is refused for, unless one of its operations was told of.
fn whole(body: &Value, kind: &Arc<ResourceType>, dialect: &Dialect, notes: &mut Notes) {
    let has_told = notes.notes.iter().any(|note| note.kind == super::NoteKind::Refused);
    if has_told {
        return;
    }
    let read = PatchRequest::parse(body.clone(), dialect).and_then(|request| Patch::check(request, kind, dialect));
    if let Err(error) = read {
        notes.refused(&"", &error);
    }
}

fn one(operation: &Value, kind: &Arc<ResourceType>, dialect: &Dialect, notes: &mut Notes) {
    let alone = json!({"schemas": [urn::PATCH_OP], "Operations": [operation]});
    let read = PatchRequest::parse(alone, dialect).and_then(|request| Patch::check(request, kind, dialect));
    if let Err(error) = read {
        notes.refused(&"", &error);
    }
    let Some(members) = operation.as_object() else { return };
    for name in members.keys() {
        let known = ["op", "path", "value"].into_iter().find(|known| known.eq_ignore_ascii_case(name));
        match known {
            Some(known) if known == name => {}
            Some(known) => notes.rewritten(name, format!("the name was read as {known}")),
            None => notes.ignored(name, "an operation has no such member"),
        }
    }
    let op = member(members, "op").and_then(Value::as_str).unwrap_or_default();
    if op.bytes().any(|byte| byte.is_ascii_uppercase()) {
        notes.rewritten(&"op", format!("{op:?} was read as {:?}", op.to_ascii_lowercase()));
    }
    let value = member(members, "value").filter(|_| !op.eq_ignore_ascii_case("remove"));
    match member(members, "path") {
        Some(Value::String(path)) if !path.is_empty() => by_path(path, value, kind, dialect, notes),
        Some(path) => {
            notes.rewritten(&"path", format!("{} means the resource itself", shown(path)));
            without_path(value, kind, dialect, notes);
        }
        None => without_path(value, kind, dialect, notes),
    }
}

fn by_path(path: &str, value: Option<&Value>, kind: &Arc<ResourceType>, dialect: &Dialect, notes: &mut Notes) {
    let unknown = dialect.unknown_attributes;
    match meaning(kind, path, unknown) {
        // Told already, by reading the operation.
        Err(_) => {}
        Ok(Meaning::Unknown) if unknown == UnknownAttributes::Refuse => {}
        Ok(Meaning::Unknown) => notes.ignored(&path, "no schema of this endpoint has such an attribute"),
        Ok(Meaning::Schema(uri)) if uri != path => notes.rewritten(&path, format!("the path was read as {uri}")),
        Ok(Meaning::Schema(_)) => {}
        Ok(Meaning::Attribute { target, selects }) => {
            let written = path.split('[').next().unwrap_or(path);
            let read = target.to_string();
            if !selects && written != read {
                notes.rewritten(&path, format!("the path was read as {read}"));
            }
            if let Some(value) =
                value.filter(|_| !is_members(kind, &target.attribute) && (!selects || target.sub.is_some()))
            {
                told_value(&target, value, unknown, path, notes);
            }
        }
    }
}

/// Each name in the value of an operation without a path is a path of its own.
fn without_path(value: Option<&Value>, kind: &Arc<ResourceType>, dialect: &Dialect, notes: &mut Notes) {
    let objects = value.map_or(&[][..], |value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice));
    if value.is_some_and(Value::is_array) {
        notes.rewritten(&"value", "a list of objects was taken for one after the other");
    }
    for (name, value) in objects.iter().filter_map(Value::as_object).flatten() {
        let unknown = dialect.unknown_attributes;
        match meaning(kind, name, unknown) {
            Ok(Meaning::Schema(uri)) => {
                if uri != *name {
                    notes.rewritten(name, format!("the name was read as {uri}"));
                }
                for (inner, value) in value.as_object().into_iter().flatten() {
                    let path = format!("{uri}:{inner}");
                    by_path(&path, Some(value), kind, dialect, notes);
                }
            }
            Ok(Meaning::Attribute { target, selects }) => {
                let read = target.to_string();
                let is_path = selects || name.contains('.') || read != *name;
                if is_path {
                    notes.rewritten(name, format!("a name in a value without a path was taken for the path {read}"));
                }
                if !is_members(kind, &target.attribute) && !selects {
                    told_value(&target, value, unknown, name, notes);
                }
            }
            Ok(Meaning::Unknown) | Err(_) if unknown == UnknownAttributes::Ignore && !name.contains('[') => {
                notes.ignored(name, "no schema of this endpoint has such an attribute");
            }
            Ok(Meaning::Unknown) | Err(_) => {}
        }
    }
}

/// What became of the value; what is wrong with it was told by reading the operation.
fn told_value(
    target: &crate::scim::schema::Resolved,
    value: &Value,
    unknown: UnknownAttributes,
    path: &str,
    notes: &mut Notes,
) {
    let mut found = Notes { prefix: notes.prefix.clone(), ..Notes::default() };
    if compare::value(target.leaf(), value, unknown, &path, &mut found) {
        notes.notes.append(&mut found.notes);
    }
}

fn member<'a>(members: &'a Map<String, Value>, wanted: &str) -> Option<&'a Value> {
    members.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
}
