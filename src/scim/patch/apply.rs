//! Applying a [`Patch`] to a resource: all edits, one after the other, or none.

use serde_json::{Map, Value};

use super::check::{at_place, read_only};
use super::edit::{Change, Edit, SubValues};
use super::elements;
use super::{Outcome, Patch};
use crate::scim::dialect::UnknownAttributes;
use crate::scim::resource::{Resource, canonical_value, check, differences, normalize_touched, remove_duplicates};
use crate::scim::schema::{AttributeDefinition, Mutability, Resolved};
use crate::scim::{ScimError, ScimType};

impl Patch {
    /// What the patch makes of `before`, a canonical resource of the patch's type. Nothing is changed in place, so an error
    /// leaves nothing half done (RFC 7644, section 3.5.2: a request is atomic).
    ///
    /// # Errors
    /// 400 `noTarget` if a filter selects nothing that is there, `mutability` if a value must not change, `invalidValue` if
    /// the whole would break a rule of its schemas.
    pub fn apply(&self, before: &Resource) -> Result<Outcome, ScimError> {
        let mut attributes = before.as_map().clone();
        for (place, edit) in &self.edits {
            apply(edit, &mut attributes).map_err(|error| at_place(error, *place))?;
        }
        let touched = |name: &str| self.edits.iter().any(|(_, edit)| edit.touches() == name);
        merge_equal_elements(&mut attributes, &touched);
        let after = normalize_touched(&self.resource_type, attributes, &touched);
        let touched = differences(&self.resource_type, before, &after);
        let after = if touched.is_empty() {
            before.clone()
        } else {
            check(&self.resource_type, &after)?;
            after
        };
        Ok(Outcome { after, touched, members: self.members.clone(), password: self.password.clone() })
    }
}

/// Elements that became equal become one. Once for all edits, as it costs as much as the lists are long.
fn merge_equal_elements(values: &mut Map<String, Value>, touched: &dyn Fn(&str) -> bool) {
    for (_, value) in values.iter_mut().filter(|(name, _)| touched(name)) {
        match value {
            Value::Array(elements) => remove_duplicates(elements),
            Value::Object(inner) => merge_equal_elements(inner, &|_| true),
            _ => {}
        }
    }
}

fn apply(edit: &Edit, attributes: &mut Map<String, Value>) -> Result<(), ScimError> {
    match edit {
        Edit::Attribute { target, change } => {
            let Some(extension) = &target.extension else { return apply_change(target, change, attributes) };
            let mut values = match attributes.get_mut(extension.as_str()).map(Value::take) {
                Some(Value::Object(values)) => values,
                _ => Map::new(),
            };
            apply_change(target, change, &mut values)?;
            attributes.insert(extension.as_str().to_owned(), Value::Object(values));
        }
        Edit::RemoveExtension(extension) => {
            let values = attributes.get(extension.uri.as_str()).and_then(Value::as_object);
            for attribute in &extension.attributes {
                let extension = Some(extension.uri.clone());
                let target = Resolved { extension, attribute: attribute.clone(), sub: None };
                may_become(&target, attribute, values.and_then(|values| values.get(&attribute.name)), None)?;
            }
            attributes.shift_remove(extension.uri.as_str());
        }
    }
    Ok(())
}

/// `values` are the attributes of the schema that `target` belongs to.
fn apply_change(target: &Resolved, change: &Change, values: &mut Map<String, Value>) -> Result<(), ScimError> {
    let name = &target.attribute.name;
    match change {
        Change::Set(value) => {
            may_become(target, &target.attribute, values.get(name), Some(value))?;
            values.insert(name.clone(), value.clone());
            Ok(())
        }
        Change::Unassign => {
            may_become(target, &target.attribute, values.get(name), None)?;
            values.shift_remove(name);
            Ok(())
        }
        Change::Merge(subs) => merge(target, subs, values),
        Change::Append(elements) => edit_list(target, values, |list| elements::append(target, list, elements)),
        Change::RemoveLike(patterns) => edit_list(target, values, |list| elements::remove_like(target, list, patterns)),
        Change::Elements { selection, change } => {
            edit_list(target, values, |list| elements::change(target, list, selection, change))
        }
        Change::Confirm(value) => confirm(target, value, values),
    }
}

/// Runs an edit of a list and looks whether an immutable attribute allowed it.
fn edit_list(
    target: &Resolved,
    values: &mut Map<String, Value>,
    edit: impl FnOnce(&mut Vec<Value>) -> Result<(), ScimError>,
) -> Result<(), ScimError> {
    let name = &target.attribute.name;
    let before = values.get(name).filter(|_| target.attribute.mutability == Mutability::Immutable).cloned();
    let mut list = match values.get_mut(name).map(Value::take) {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    edit(&mut list)?;
    if list.is_empty() {
        if target.attribute.required {
            return Err(ScimError::bad_request(
                ScimType::Mutability,
                format!("{target} is required and must keep a value; replace it instead"),
            ));
        }
        values.shift_remove(name);
        return may_become(target, &target.attribute, before.as_ref(), None);
    }
    let list = Value::Array(list);
    may_become(target, &target.attribute, before.as_ref(), Some(&list))?;
    values.insert(name.clone(), list);
    Ok(())
}

fn merge(target: &Resolved, subs: &SubValues, values: &mut Map<String, Value>) -> Result<(), ScimError> {
    let attribute = &target.attribute;
    let mut merged = values.get(&attribute.name).and_then(Value::as_object).cloned().unwrap_or_default();
    let old = (!merged.is_empty()).then(|| Value::Object(merged.clone()));
    merge_subs(target, &mut merged, subs)?;
    // A reference that was stored with another value would point to the wrong resource.
    let moved = subs.contains_key("value") && old.as_ref().is_some_and(|old| old.get("value") != merged.get("value"));
    if moved && !subs.contains_key("$ref") {
        merged.shift_remove("$ref");
    }
    let new = (!merged.is_empty()).then_some(Value::Object(merged));
    may_become(target, attribute, old.as_ref(), new.as_ref())?;
    match new {
        Some(new) => {
            values.insert(attribute.name.clone(), new);
        }
        None if attribute.required => {
            return Err(ScimError::bad_request(
                ScimType::Mutability,
                format!("{target} is required and must keep a sub-attribute; replace it instead"),
            ));
        }
        None => {
            values.shift_remove(&attribute.name);
        }
    }
    Ok(())
}

/// Sets and unassigns sub-attributes of one complex value.
pub(super) fn merge_subs(target: &Resolved, into: &mut Map<String, Value>, subs: &SubValues) -> Result<(), ScimError> {
    for (name, value) in subs {
        let new = Some(value).filter(|value| !value.is_null());
        if let Some(sub) = target.attribute.sub_attribute(name) {
            let at = Resolved { sub: Some(sub.clone()), ..target.clone() };
            may_become(&at, sub, into.get(name), new)?;
        }
        match new {
            Some(new) => into.insert(name.clone(), new.clone()),
            None => into.shift_remove(name),
        };
    }
    Ok(())
}

/// An immutable attribute may be set once, and to what it is (RFC 7644, section 3.5.2).
fn may_become(
    target: &Resolved,
    attribute: &AttributeDefinition,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Result<(), ScimError> {
    if attribute.mutability != Mutability::Immutable || old.is_none() || old == new {
        return Ok(());
    }
    Err(ScimError::bad_request(
        ScimType::Mutability,
        format!("{target} is immutable and has a value already; leave it out of the request"),
    ))
}

fn confirm(target: &Resolved, value: &Value, values: &Map<String, Value>) -> Result<(), ScimError> {
    let value = canonical_value(&target.attribute, value.clone(), UnknownAttributes::Ignore, target)?;
    if value.is_some() && value.as_ref() == values.get(&target.attribute.name) {
        Ok(())
    } else {
        Err(read_only(target))
    }
}
