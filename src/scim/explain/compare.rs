//! A value as it was sent against what it was taken for.

use std::collections::HashSet;
use std::fmt::Display;

use serde_json::{Map, Value};

use super::{Notes, Reading, plain};
use crate::scim::dialect::UnknownAttributes;
use crate::scim::resource::{MAX_ELEMENTS, canonical_element, canonical_value, is_unassigned};
use crate::scim::schema::{AttributeDefinition, Mutability};

/// Reads a value of `attribute` as requests are read, and tells what became of it. Answers whether it could be read.
pub(super) fn value(
    attribute: &AttributeDefinition,
    sent: &Value,
    unknown: UnknownAttributes,
    at: &dyn Display,
    notes: &mut Notes,
) -> bool {
    if notes.is_carried_out && plain::value(attribute, sent) {
        return true;
    }
    notes.hiding(!attribute.is_told(), |notes| match canonical_value(attribute, sent.clone(), unknown, at) {
        Err(error) => {
            notes.refused(at, &error);
            false
        }
        Ok(None) if is_unassigned(sent) => true,
        Ok(None) => {
            notes.read(at, Reading::Nothing, &[&notes.shown(sent)]);
            true
        }
        Ok(Some(_)) if attribute.multi_valued => {
            elements(attribute, sent, unknown, at, notes);
            true
        }
        Ok(Some(taken)) => {
            single(attribute, sent, &taken, at, notes);
            true
        }
    })
}

fn elements(
    attribute: &AttributeDefinition,
    sent: &Value,
    unknown: UnknownAttributes,
    at: &dyn Display,
    notes: &mut Notes,
) {
    let Value::Array(elements) = sent else {
        notes.read(at, Reading::OneForList, &[]);
        return element(attribute, sent, unknown, at, notes, &mut HashSet::new());
    };
    // More are refused, or taken as duplicates; nobody should wait for that to be told one by one.
    let looked_at = if notes.is_carried_out { MAX_ELEMENTS } else { usize::MAX };
    let mut seen = HashSet::new();
    for (index, sent) in elements.iter().enumerate().take(looked_at) {
        element(attribute, sent, unknown, &format_args!("{at}[{index}]"), notes, &mut seen);
    }
}

fn element(
    attribute: &AttributeDefinition,
    sent: &Value,
    unknown: UnknownAttributes,
    at: &dyn Display,
    notes: &mut Notes,
    seen: &mut HashSet<String>,
) {
    match canonical_element(attribute, sent.clone(), unknown, at) {
        Err(error) => notes.refused(at, &error),
        Ok(None) => notes.read(at, Reading::EmptyElement, &[]),
        Ok(Some(taken)) if !seen.insert(taken.to_string()) => notes.read(at, Reading::Twice, &[]),
        Ok(Some(taken)) => single(attribute, sent, &taken, at, notes),
    }
}

/// One value against what it was taken for.
fn single(attribute: &AttributeDefinition, sent: &Value, taken: &Value, at: &dyn Display, notes: &mut Notes) {
    match (sent, taken) {
        (sent, taken) if sent == taken => {}
        (Value::Array(only), taken) if only.len() == 1 && !taken.is_array() => {
            notes.read(at, Reading::ListForOne, &[]);
            single(attribute, &only[0], taken, at, notes);
        }
        (Value::Object(sent), Value::Object(taken)) => object(attribute, sent, taken, at, notes),
        (sent, Value::Object(_)) => notes.read(at, Reading::ForObject, &[&notes.shown(sent)]),
        (sent, taken) => notes.read(at, Reading::Value, &[&notes.shown(sent), &notes.shown(taken)]),
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
            notes.read(&at, Reading::NoSubAttribute, &[]);
            continue;
        };
        if sub.name != *name {
            notes.read(&at, Reading::Name, &[&sub.name]);
        }
        match taken.get(&sub.name) {
            Some(taken) if !sub.multi_valued => {
                notes.hiding(!sub.is_told(), |notes| single(sub, value, taken, &at, notes));
            }
            Some(_) => {}
            None if sub.mutability == Mutability::ReadOnly => notes.read(&at, Reading::ReadOnly, &[]),
            None if is_unassigned(value) => {}
            None => notes.read(&at, Reading::Displaced, &[]),
        }
    }
    let unpacked: Vec<&str> = taken
        .keys()
        .filter(|name| !sent.keys().any(|sent| sent.eq_ignore_ascii_case(name)))
        .map(String::as_str)
        .collect();
    if !unpacked.is_empty() {
        notes.read(at, Reading::Json, &[&unpacked.join(", ")]);
    }
}
