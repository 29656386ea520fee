//! Operations on the members of a group, in the order in which they were sent.
//!
//! A mistaken path or value is refused, and never read as "all members": only `remove` of the bare path without a value, and
//! `replace`, empty a group. A member itself cannot change: `display`, `type` and `$ref` are the server's, so setting them
//! changes nothing, and another `value` would be another member.

use serde_json::Value;

use super::edit::Selector;
use super::{MembersChange, OpKind};
use crate::scim::resource::{MAX_MEMBERS, is_unassigned};
use crate::scim::schema::AttributeDefinition;
use crate::scim::{ScimError, ScimType};

/// The members change of a request while its operations are read.
#[derive(Debug, Default)]
pub(super) struct MemberEdits {
    change: MembersChange,
    named: usize,
}

impl MemberEdits {
    /// The change that all operations make together.
    pub(super) fn into_change(self) -> MembersChange {
        self.change
    }

    /// Adds an operation whose path is `members`, `members[filter]`, `members.sub` or `members[filter].sub`.
    pub(super) fn operation(
        &mut self,
        op: OpKind,
        sub: Option<&AttributeDefinition>,
        filter: Option<Selector>,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        match (filter, sub) {
            (None, None) => self.list(op, value),
            (Some(filter), None) => self.selected(op, filter, value),
            (filter, Some(sub)) if sub.name == "value" => same_value(op, filter, value.as_ref()),
            (_, Some(_)) => Ok(()),
        }
    }

    fn list(&mut self, op: OpKind, value: Option<Value>) -> Result<(), ScimError> {
        match (op, value) {
            (OpKind::Remove, None) => self.change.reset(),
            (OpKind::Remove, Some(value)) if is_unassigned(&value) && !value.is_array() => {
                return Err(ScimError::bad_request(
                    ScimType::InvalidValue,
                    "the \"value\" names no member to remove; leave \"value\" out to remove all members",
                ));
            }
            (OpKind::Replace, value) => {
                let ids = self.ids(value.unwrap_or_default())?;
                self.change.reset();
                ids.into_iter().for_each(|id| self.change.add(id));
            }
            (OpKind::Add, value) => {
                self.ids(value.unwrap_or_default())?.into_iter().for_each(|id| self.change.add(id));
            }
            (OpKind::Remove, Some(value)) => {
                self.ids(value)?.into_iter().for_each(|id| self.change.remove(id));
            }
        }
        Ok(())
    }

    fn selected(&mut self, op: OpKind, filter: Selector, value: Option<Value>) -> Result<(), ScimError> {
        let removes = op == OpKind::Remove || (op == OpKind::Replace && value.as_ref().is_some_and(is_unassigned));
        let ids = filter.member_ids();
        match (ids, value) {
            (Some(ids), _) if removes => {
                self.count(ids.len())?;
                ids.into_iter().for_each(|id| self.change.remove(id));
                Ok(())
            }
            (None, _) if removes => self.change.remove_where(filter.filter),
            (ids, Some(value)) if names_a_member(&value) => {
                let [id] = self.ids(value)?.try_into().map_err(|_| immutable())?;
                match ids.as_deref() {
                    Some([same]) if *same == id => {
                        if op == OpKind::Add {
                            self.change.add(id);
                        }
                        Ok(())
                    }
                    _ => Err(immutable()),
                }
            }
            _ => Ok(()),
        }
    }

    /// The ids that a value names: one or an array of `{"value": id}`, or of bare ids.
    fn ids(&mut self, value: Value) -> Result<Vec<String>, ScimError> {
        let elements = match value {
            Value::Array(elements) => elements,
            value if is_unassigned(&value) && !value.is_object() => Vec::new(),
            single => vec![single],
        };
        self.count(elements.len())?;
        elements.into_iter().map(|element| id_of(element).ok_or_else(nameless)).collect()
    }

    fn count(&mut self, more: usize) -> Result<(), ScimError> {
        self.named += more;
        if self.named <= MAX_MEMBERS {
            return Ok(());
        }
        Err(ScimError::bad_request(
            ScimType::InvalidValue,
            format!("a request may name at most {MAX_MEMBERS} members; send the others in another request"),
        ))
    }
}

/// Whether the value of an operation on a selected member holds an id: what else it holds is the server's to tell.
fn names_a_member(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.keys().any(|name| name.eq_ignore_ascii_case("value")),
        Value::Array(elements) => elements.iter().any(names_a_member),
        other => !is_unassigned(other),
    }
}

fn id_of(element: Value) -> Option<String> {
    let id = match element {
        Value::Object(members) => members.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("value"))?.1,
        id => id,
    };
    match id {
        Value::String(id) if !id.is_empty() => Some(id),
        _ => None,
    }
}

/// `members[value eq "id"].value` may be set to what it is.
fn same_value(op: OpKind, filter: Option<Selector>, value: Option<&Value>) -> Result<(), ScimError> {
    let id = value.filter(|_| op != OpKind::Remove).and_then(Value::as_str);
    match (filter.and_then(|filter| filter.member_ids()).as_deref(), id) {
        (Some([same]), Some(id)) if same == id => Ok(()),
        _ => Err(immutable()),
    }
}

fn nameless() -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, "each member must be an object whose \"value\" is the member's id")
}

fn immutable() -> ScimError {
    ScimError::bad_request(
        ScimType::Mutability,
        "a member cannot become another one; remove members[value eq \"id\"] and add the other to members",
    )
}
