//! The elements of a multi-valued attribute.
//!
//! Two elements are the same if their `type` and `value` are, which must be unique together (RFC 7643, section 2.4); without
//! a `value` they are if they are equal. Adding one that is there already merges what else it says into the one that is
//! there. At most one element is primary: whoever becomes it takes the mark from the others, which then say
//! `"primary": false` (RFC 7644, section 3.5.2).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use serde_json::{Map, Value};

use super::apply::merge_subs;
use super::edit::{ElementChange, Selection, Selector, SubValues};
use crate::scim::fold::fold;
use crate::scim::schema::{AttributeDefinition, Resolved};
use crate::scim::{ScimError, ScimType};

/// Adds elements that are not there yet.
pub(super) fn append(target: &Resolved, list: &mut Vec<Value>, elements: &[Value]) -> Result<(), ScimError> {
    let attribute = &target.attribute;
    let mut known: HashMap<String, usize> =
        list.iter().enumerate().rev().map(|(index, element)| (whole_identity(attribute, element), index)).collect();
    let mut changed = Vec::new();
    for element in elements {
        let index = *known.entry(whole_identity(attribute, element)).or_insert(list.len());
        match (list.get_mut(index), element) {
            (None, element) => list.push(element.clone()),
            (Some(Value::Object(present)), Value::Object(subs)) => {
                let more = subs.iter().filter(|(name, _)| !matches!(name.as_str(), "type" | "value"));
                merge_subs(target, present, &more.map(|(name, value)| (name.clone(), value.clone())).collect())?;
            }
            _ => {}
        }
        if is_primary(element) {
            changed.push(index);
        }
    }
    changed.sort_unstable();
    hand_over_primary(list, &changed);
    Ok(())
}

/// Removes the elements that are like one of `patterns`: with a `value`, those with this value (and this type, if the pattern
/// names one); without, those that have all its sub-attributes.
pub(super) fn remove_like(target: &Resolved, list: &mut Vec<Value>, patterns: &[Value]) -> Result<(), ScimError> {
    let attribute = &target.attribute;
    // Patterns that demand the same sub-attributes are looked up together, so that long lists stay cheap.
    let mut demands: HashMap<Vec<&str>, HashSet<String>> = HashMap::new();
    for pattern in patterns {
        let names = demanded(pattern);
        let pattern = identity(attribute, pattern, &names);
        demands.entry(names).or_default().insert(pattern);
    }
    list.retain(|element| {
        !demands.iter().any(|(names, patterns)| patterns.contains(&identity(attribute, element, names)))
    });
    Ok(())
}

/// The sub-attributes by which a pattern is compared with the elements that are there.
fn demanded(pattern: &Value) -> Vec<&str> {
    let Value::Object(subs) = pattern else { return Vec::new() };
    let by_value = subs.contains_key("value");
    let mut names: Vec<&str> = subs.keys().map(String::as_str).collect();
    names.retain(|name| !by_value || matches!(*name, "type" | "value"));
    names.sort_unstable();
    names
}

/// Changes the selected elements. If there is none, one is created where the selection says how; removing and unassigning
/// what is not there changes nothing.
pub(super) fn change(
    target: &Resolved,
    list: &mut Vec<Value>,
    selection: &Selection,
    change: &ElementChange,
) -> Result<(), ScimError> {
    let selected: Vec<usize> = match selection {
        Selection::Each => (0..list.len()).collect(),
        Selection::Matching(selector) => {
            list.iter().enumerate().filter(|(_, element)| selector.matches(element)).map(|(index, _)| index).collect()
        }
    };
    if selected.is_empty() {
        return create(target, list, selection, change);
    }
    match change {
        ElementChange::Remove => {
            let mut selected = selected.into_iter().peekable();
            let mut index = 0;
            list.retain(|_| {
                let leaves = selected.next_if_eq(&index).is_some();
                index += 1;
                !leaves
            });
        }
        ElementChange::Merge(subs) => merge(target, list, &selected, subs)?,
        ElementChange::Replace(value) => {
            for &index in &selected {
                list[index] = replaced(&list[index], selection, value);
            }
            if is_primary(value) {
                hand_over_primary(list, &selected);
            }
        }
    }
    Ok(())
}

fn merge(target: &Resolved, list: &mut Vec<Value>, selected: &[usize], subs: &SubValues) -> Result<(), ScimError> {
    for &index in selected {
        if let Value::Object(element) = &mut list[index] {
            merge_subs(target, element, subs)?;
        }
    }
    if subs.get("primary") == Some(&Value::Bool(true)) {
        hand_over_primary(list, selected);
    }
    if subs.values().any(Value::is_null) {
        let mut selected = selected.iter().copied().peekable();
        let mut index = 0;
        list.retain(|element| {
            let is_selected = selected.next_if_eq(&index).is_some();
            index += 1;
            !(is_selected && says_nothing(element))
        });
    }
    Ok(())
}

/// Whether only the marks are left of an element whose content was unassigned.
fn says_nothing(element: &Value) -> bool {
    element.as_object().is_some_and(|subs| subs.keys().all(|name| matches!(name.as_str(), "type" | "primary")))
}

/// A whole new element, in which the sub-attributes stay that the filter selected it by, unless the new one has them.
fn replaced(present: &Value, selection: &Selection, value: &Value) -> Value {
    let (Value::Object(present), Value::Object(subs), Selection::Matching(Selector { pinned, .. })) =
        (present, value, selection)
    else {
        return value.clone();
    };
    let mut element = subs.clone();
    for name in pinned {
        if let (false, Some(value)) = (element.contains_key(name), present.get(name)) {
            element.insert(name.clone(), value.clone());
        }
    }
    Value::Object(element)
}

fn create(
    target: &Resolved,
    list: &mut Vec<Value>,
    selection: &Selection,
    change: &ElementChange,
) -> Result<(), ScimError> {
    let subs = match change {
        ElementChange::Remove => return Ok(()),
        ElementChange::Merge(subs) | ElementChange::Replace(Value::Object(subs)) => subs,
        ElementChange::Replace(_) => return Err(no_target(target)),
    };
    let mut subs: Map<String, Value> =
        subs.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), value.clone())).collect();
    if subs.is_empty() {
        return Ok(());
    }
    if let Selection::Matching(selector) = selection {
        let seed = selector.seed.as_ref().ok_or_else(|| no_target(target))?;
        for (name, value) in seed {
            subs.entry(name.clone()).or_insert_with(|| value.clone());
        }
        // Otherwise the same request would create another one each time it is sent.
        if !selector.matches(&Value::Object(subs.clone())) {
            return Err(no_target(target));
        }
    }
    append(target, list, &[Value::Object(subs)])
}

fn no_target(target: &Resolved) -> ScimError {
    ScimError::bad_request(
        ScimType::NoTarget,
        format!(
            "no value of {target} matches the filter of the path; add the value to {target} first, or filter by a canonical type"
        ),
    )
}

/// Takes `primary` from every element but those at `indexes`, which are in order, if one of them is primary. If several are, the whole is refused
/// by the check of the resource.
fn hand_over_primary(list: &mut [Value], indexes: &[usize]) {
    if !indexes.iter().any(|&index| list.get(index).is_some_and(is_primary)) {
        return;
    }
    let others = list.iter_mut().enumerate().filter(|(index, _)| indexes.binary_search(index).is_err());
    for (_, element) in others {
        if is_primary(element) {
            element["primary"] = Value::Bool(false);
        }
    }
}

fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

/// Text that two elements share if and only if they agree in the sub-attributes `names`.
fn identity(attribute: &AttributeDefinition, element: &Value, names: &[&str]) -> String {
    let Value::Object(subs) = element else { return comparable(attribute, element).into_owned() };
    let mut identity = String::new();
    for name in names {
        if let (Some(sub), Some(value)) = (attribute.sub_attribute(name), subs.get(*name)) {
            let text = comparable(sub, value);
            // The length keeps the end of one value apart from the beginning of the next.
            let _ = write!(identity, "{name}:{}:{text}", text.len());
        }
    }
    identity
}

/// Text that two elements share if and only if they are the same element.
fn whole_identity(attribute: &AttributeDefinition, element: &Value) -> String {
    if element.get("value").is_some() {
        return identity(attribute, element, &["type", "value"]);
    }
    let names: Vec<&str> = attribute.sub_attributes.iter().map(|sub| sub.name.as_str()).collect();
    identity(attribute, element, &names)
}

/// A value as text to be compared by the attribute's case rule.
fn comparable<'a>(attribute: &AttributeDefinition, value: &'a Value) -> Cow<'a, str> {
    match value {
        Value::String(text) if attribute.compares_exactly() => Cow::Borrowed(text),
        Value::String(text) => fold(text),
        other => Cow::Owned(other.to_string()),
    }
}
