//! What an operation on one attribute means, by the attribute's shape: a single value, a list, or some elements of a list.
//!
//! `null`, `""` and `[]` unassign under `add` and `replace` (RFC 7643, section 2.5), except that adding nothing to a list
//! changes nothing.

use serde_json::{Map, Value};

use super::OpKind;
use super::edit::{Change, ElementChange, Selection, Selector, SubValues};
use crate::scim::dialect::UnknownAttributes;
use crate::scim::resource::{canonical_element, canonical_value, is_unassigned, unknown_attribute};
use crate::scim::schema::{AttributeDefinition, Mutability, Resolved};
use crate::scim::{ScimError, ScimType};

/// An operation on a single-valued attribute or on a sub-attribute of one.
pub(super) fn single_change(
    op: OpKind,
    target: &Resolved,
    value: Option<Value>,
    unknown: UnknownAttributes,
) -> Result<Option<Change>, ScimError> {
    let value = only(sent(op, value));
    let attribute = &target.attribute;
    let subs = match (&target.sub, value) {
        (None, value) if is_empty(&value) => return unassign(op, target).map(Some),
        (None, Value::Object(members)) if attribute.is_complex() => sub_values(attribute, members, unknown, target)?,
        (None, value) => {
            return match canonical_value(attribute, value, unknown, target)? {
                Some(Value::Object(subs)) => Ok(Some(Change::Merge(subs))),
                Some(value) => Ok(Some(Change::Set(value))),
                None => unassign(op, target).map(Some),
            };
        }
        (Some(sub), value) => {
            let value = canonical_value(sub, value, unknown, target)?;
            Map::from_iter([(sub.name.clone(), value.unwrap_or_default())])
        }
    };
    // Entra removes a manager with `{"value": ""}`: without its value a reference is nothing.
    let is_mutable = |name| attribute.sub_attribute(name).is_some_and(|sub| sub.mutability != Mutability::Immutable);
    if subs.get("value").is_some_and(Value::is_null) && is_mutable("value") {
        return unassign(op, target).map(Some);
    }
    Ok((!subs.is_empty()).then_some(Change::Merge(subs)))
}

/// An operation on a whole multi-valued attribute.
pub(super) fn list_change(
    op: OpKind,
    target: &Resolved,
    value: Option<Value>,
    unknown: UnknownAttributes,
) -> Result<Option<Change>, ScimError> {
    match (op, value) {
        (OpKind::Remove, None | Some(Value::Null)) => unassign(op, target).map(Some),
        (OpKind::Remove, Some(Value::String(text))) if text.is_empty() => unassign(op, target).map(Some),
        (_, value) => {
            let value = canonical_value(&target.attribute, value.unwrap_or_default(), unknown, target)?;
            match (op, value) {
                (OpKind::Replace, Some(value)) => Ok(Some(Change::Set(value))),
                (OpKind::Replace, None) => unassign(op, target).map(Some),
                (OpKind::Add, Some(Value::Array(elements))) => Ok(Some(Change::Append(elements))),
                (OpKind::Remove, Some(Value::Array(patterns))) => Ok(Some(Change::RemoveLike(patterns))),
                _ => Ok(None),
            }
        }
    }
}

/// An operation on the elements that a filter selects, or on a sub-attribute of all elements.
pub(super) fn selected_change(
    op: OpKind,
    target: &Resolved,
    filter: Option<Selector>,
    value: Option<Value>,
    unknown: UnknownAttributes,
) -> Result<Option<Change>, ScimError> {
    let value = sent(op, value);
    if !target.attribute.multi_valued {
        let name = &target.attribute.name;
        return Err(ScimError::bad_request(
            ScimType::InvalidPath,
            format!("{name} has one value only, so its path takes no filter; name {name} or one of its sub-attributes"),
        ));
    }
    let change = match &target.sub {
        Some(sub) => ElementChange::Merge(one_sub_value(target, sub, value, unknown)?),
        None => match element_change(op, target, value, unknown)? {
            Some(change) => change,
            None => return Ok(None),
        },
    };
    let selection = filter.map_or(Selection::Each, Selection::Matching);
    Ok(Some(Change::Elements { selection, change }))
}

/// The change of a whole element; `None` if the value names no sub-attribute.
fn element_change(
    op: OpKind,
    target: &Resolved,
    value: Value,
    unknown: UnknownAttributes,
) -> Result<Option<ElementChange>, ScimError> {
    let attribute = &target.attribute;
    match (op, only(value)) {
        (OpKind::Remove, _) => Ok(Some(ElementChange::Remove)),
        (_, value) if is_empty(&value) => Ok(Some(ElementChange::Remove)),
        (_, Value::Object(members)) if members.is_empty() => Ok(None),
        (OpKind::Add, Value::Object(members)) if attribute.is_complex() => {
            let subs = sub_values(attribute, members, unknown, target)?;
            Ok((!subs.is_empty()).then_some(ElementChange::Merge(subs)))
        }
        (_, value) => {
            let element = canonical_element(attribute, value, unknown, target)?;
            Ok(Some(element.map_or(ElementChange::Remove, ElementChange::Replace)))
        }
    }
}

/// The value of one sub-attribute. Entra may send a whole element as JSON in the text of its `value`; the canonical form of
/// an element understands that, so `value` takes that way.
fn one_sub_value(
    target: &Resolved,
    sub: &AttributeDefinition,
    value: Value,
    unknown: UnknownAttributes,
) -> Result<SubValues, ScimError> {
    let value = only(value);
    if sub.name == "value" && value.is_string() {
        let element = Map::from_iter([(sub.name.clone(), value)]);
        let attribute = &target.attribute;
        if let Some(Value::Object(subs)) =
            canonical_element(attribute, Value::Object(element), unknown, &attribute.name)?
        {
            return Ok(subs);
        }
        return Ok(Map::from_iter([(sub.name.clone(), Value::Null)]));
    }
    let value = canonical_value(sub, value, unknown, target)?;
    Ok(Map::from_iter([(sub.name.clone(), value.unwrap_or_default())]))
}

/// The sub-attributes that `members` sets, and as null those that it unassigns. Read-only ones are left out.
fn sub_values(
    attribute: &AttributeDefinition,
    members: Map<String, Value>,
    unknown: UnknownAttributes,
    at: &Resolved,
) -> Result<SubValues, ScimError> {
    let mut cleared = Vec::new();
    for (name, value) in &members {
        match attribute.sub_attribute(name) {
            Some(sub) if is_unassigned(value) && sub.mutability != Mutability::ReadOnly => {
                cleared.push(sub.name.clone())
            }
            Some(_) => {}
            None if unknown == UnknownAttributes::Refuse => {
                return Err(unknown_attribute(&format_args!("{at}.{name}")));
            }
            None => {}
        }
    }
    let mut subs = match canonical_element(attribute, Value::Object(members), unknown, at)? {
        Some(Value::Object(subs)) => subs,
        _ => Map::new(),
    };
    for name in cleared {
        subs.entry(name).or_insert(Value::Null);
    }
    Ok(subs)
}

/// The refusal to unassign a required attribute (RFC 7644, section 3.5.2.2), or the change that does it.
fn unassign(op: OpKind, target: &Resolved) -> Result<Change, ScimError> {
    if !target.attribute.required {
        return Ok(Change::Unassign);
    }
    let scim_type = if op == OpKind::Remove { ScimType::Mutability } else { ScimType::InvalidValue };
    Err(ScimError::bad_request(scim_type, format!("{target} is required and cannot be removed; replace its value")))
}

/// `remove` has no use for a value here: Entra repeats the present one.
fn sent(op: OpKind, value: Option<Value>) -> Value {
    value.filter(|_| op != OpKind::Remove).unwrap_or_default()
}

/// Whether the value unassigns; an empty object names nothing to unassign.
fn is_empty(value: &Value) -> bool {
    is_unassigned(value) && !value.is_object()
}

/// One value may come in an array.
fn only(value: Value) -> Value {
    match value {
        Value::Array(mut elements) if elements.len() == 1 => elements.pop().unwrap_or_default(),
        other => other,
    }
}
