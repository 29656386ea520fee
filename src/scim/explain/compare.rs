//! A value as it was sent against what it was taken for.

use std::fmt::Display;

use serde_json::{Map, Value};

use super::{Notes, shown};
use crate::scim::dialect::UnknownAttributes;
use crate::scim::resource::{canonical_element, canonical_value, is_unassigned};
use crate::scim::schema::{AttributeDefinition, Mutability};

/// Reads a value of `attribute` as requests are read, and tells what became of it. Answers whether it could be read.
pub(super) fn value(
    attribute: &AttributeDefinition,
    sent: &Value,
    unknown: UnknownAttributes,
    at: &dyn Display,
    notes: &mut Notes,
) -> bool {
    match canonical_value(attribute, sent.clone(), unknown, at) {
        Err(error) => {
            notes.refused(at, &error);
            return false;
        }
        Ok(None) if is_unassigned(sent) => {}
        Ok(None) => notes.ignored(at, format!("{} holds nothing that can be kept", shown(sent))),
        Ok(Some(_)) if attribute.multi_valued => elements(attribute, sent, unknown, at, notes),
        Ok(Some(taken)) => single(attribute, sent, &taken, at, notes),
    }
    true
}

fn elements(
    attribute: &AttributeDefinition,
    sent: &Value,
    unknown: UnknownAttributes,
    at: &dyn Display,
    notes: &mut Notes,
) {
    let Value::Array(elements) = sent else {
        notes.rewritten(at, "one value was taken for a list of one");
        return element(attribute, sent, unknown, at, notes, &mut Vec::new());
    };
    let mut seen = Vec::new();
    for (index, sent) in elements.iter().enumerate() {
        element(attribute, sent, unknown, &format_args!("{at}[{index}]"), notes, &mut seen);
    }
}

fn element(
    attribute: &AttributeDefinition,
    sent: &Value,
    unknown: UnknownAttributes,
    at: &dyn Display,
    notes: &mut Notes,
    seen: &mut Vec<Value>,
) {
    match canonical_element(attribute, sent.clone(), unknown, at) {
        Err(error) => notes.refused(at, &error),
        Ok(None) => notes.ignored(at, "it is empty"),
        Ok(Some(taken)) if seen.contains(&taken) => notes.ignored(at, "it is the same as one before it"),
        Ok(Some(taken)) => {
            single(attribute, sent, &taken, at, notes);
            seen.push(taken);
        }
    }
}

/// One value against what it was taken for.
fn single(attribute: &AttributeDefinition, sent: &Value, taken: &Value, at: &dyn Display, notes: &mut Notes) {
    match (sent, taken) {
        (sent, taken) if sent == taken => {}
        (Value::Array(only), taken) if only.len() == 1 && !taken.is_array() => {
            notes.rewritten(at, "a list of one was taken for its value");
            single(attribute, &only[0], taken, at, notes);
        }
        (Value::Object(sent), Value::Object(taken)) => object(attribute, sent, taken, at, notes),
        (sent, Value::Object(_)) => {
            notes.rewritten(at, format!("{} was taken for its sub-attribute value", shown(sent)))
        }
        (sent, taken) => notes.rewritten(at, format!("{} was read as {}", shown(sent), shown(taken))),
    }
}

fn object(
    attribute: &AttributeDefinition,
    sent: &Map<String, Value>,
    taken: &Map<String, Value>,
    at: &dyn Display,
    notes: &mut Notes,
) {
    for (name, value) in sent {
        let at = format_args!("{at}.{name}");
        let Some(sub) = attribute.sub_attribute(name) else {
            notes.ignored(&at, "the schema has no such sub-attribute");
            continue;
        };
        if sub.name != *name {
            notes.rewritten(&at, format!("the name was read as {}", sub.name));
        }
        match taken.get(&sub.name) {
            Some(taken) if !sub.multi_valued => single(sub, value, taken, &at, notes),
            Some(_) => {}
            None if sub.mutability == Mutability::ReadOnly => notes.ignored(&at, "it is the server's to set"),
            None if is_unassigned(value) => {}
            None => notes.ignored(&at, "its place was taken by what the text in value says"),
        }
    }
    let unpacked: Vec<&str> = taken
        .keys()
        .filter(|name| !sent.keys().any(|sent| sent.eq_ignore_ascii_case(name)))
        .map(String::as_str)
        .collect();
    if !unpacked.is_empty() {
        notes.rewritten(at, format!("the JSON in the text of value was read, which gave {}", unpacked.join(", ")));
    }
}
