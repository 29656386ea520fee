//! From a request to a [`Patch`]: every path resolved, every value of its attribute's type, once for all attempts to apply
//! it.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::edit::{Change, Edit};
use super::member_edits::MemberEdits;
use super::target::{Target, find, find_key};
use super::value::{list_change, selected_change, single_change};
use super::{MembersChange, OpKind, Operation, PasswordChange, PatchRequest};
use crate::scim::dialect::{Dialect, UnknownAttributes};
use crate::scim::resource::{canonical_value, is_members, is_unassigned, unknown_attribute};
use crate::scim::schema::{Mutability, Resolved, ResourceType, Schema};
use crate::scim::{ScimError, ScimType};

/// A patch that fits a resource type. It may be applied to any resource of that type, and more than once.
#[derive(Debug, Clone)]
pub struct Patch {
    pub(super) resource_type: Arc<ResourceType>,
    /// With the place of the operation, counted from 1, where there are several.
    pub(super) edits: Vec<(Option<usize>, Edit)>,
    pub(super) members: MembersChange,
    pub(super) password: PasswordChange,
}

impl Patch {
    /// Resolves and checks the operations of a request.
    ///
    /// # Errors
    /// 400 with `invalidPath`, `invalidFilter`, `noTarget`, `mutability`, `invalidValue` or `invalidSyntax`, as RFC 7644,
    /// section 3.12, table 9 assigns them, for the first operation that is wrong.
    pub fn check(
        request: PatchRequest,
        resource_type: &Arc<ResourceType>,
        dialect: &Dialect,
    ) -> Result<Self, ScimError> {
        let operations = request.into_operations();
        let several = operations.len() > 1;
        let mut check = Check {
            resource_type,
            unknown: dialect.unknown_attributes,
            place: None,
            edits: Vec::with_capacity(operations.len()),
            members: MemberEdits::default(),
            password: PasswordChange::Keep,
        };
        for (operation, place) in operations.into_iter().zip(1..) {
            check.place = several.then_some(place);
            check.operation(operation).map_err(|error| at_place(error, check.place))?;
        }
        let Check { edits, members, password, .. } = check;
        Ok(Self { resource_type: resource_type.clone(), edits, members: members.into_change(), password })
    }

    /// What happens to the group's members, whatever the group.
    pub fn members(&self) -> &MembersChange {
        &self.members
    }

    /// Whether members change and nothing else is spoken of, so that the resource itself need not be read to know what it
    /// becomes. False for a patch that asks for nothing, which may be one of a user.
    pub fn is_about_members_only(&self) -> bool {
        !self.members.is_empty() && self.edits.is_empty() && matches!(self.password, PasswordChange::Keep)
    }
}

/// Says which of several operations an error is about.
pub(super) fn at_place(mut error: ScimError, place: Option<usize>) -> ScimError {
    if let Some(place) = place {
        error.detail = format!("operation {place}: {}", error.detail);
    }
    error
}

/// Whether an attribute was named by `path`, or stood inside the value of an operation without one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    ByPath,
    InValue,
}

struct Check<'a> {
    resource_type: &'a ResourceType,
    unknown: UnknownAttributes,
    place: Option<usize>,
    edits: Vec<(Option<usize>, Edit)>,
    members: MemberEdits,
    password: PasswordChange,
}

impl Check<'_> {
    fn operation(&mut self, operation: Operation) -> Result<(), ScimError> {
        let Operation { op, path, value } = operation;
        match (path, value) {
            (None, _) if op == OpKind::Remove => {
                Err(ScimError::bad_request(ScimType::NoTarget, "\"remove\" needs a \"path\" that names what to remove"))
            }
            (None, value) => self.attributes(op, value.unwrap_or(Value::Null), None),
            (Some(path), value) => {
                let target = find(self.resource_type, &path, self.unknown)?;
                self.target(op, (target, &path), value, Named::ByPath)
            }
        }
    }

    fn target(
        &mut self,
        op: OpKind,
        (target, path): (Target, &str),
        value: Option<Value>,
        named: Named,
    ) -> Result<(), ScimError> {
        match target {
            Target::Unknown => self.unknown(path, named),
            Target::Schema(schema) => self.schema(op, &schema, value),
            Target::Attribute { target, filter } if is_members(self.resource_type, &target.attribute) => {
                self.members.operation(op, target.sub.as_deref(), filter, value)
            }
            Target::Attribute { target, .. } if is_read_only(&target) => self.read_only(op, target, value, named),
            Target::Attribute { target, .. } if target.attribute.name == "schemas" => schemas(op, named),
            Target::Attribute { target, .. } if is_password(&target) => self.set_password(op, &target, value),
            Target::Attribute { target, filter } => {
                let change = match filter {
                    Some(filter) => selected_change(op, &target, Some(filter), value, self.unknown)?,
                    None if !target.attribute.multi_valued => single_change(op, &target, value, self.unknown)?,
                    None if target.sub.is_some() => selected_change(op, &target, None, value, self.unknown)?,
                    None => list_change(op, &target, value, self.unknown)?,
                };
                if let Some(change) = change {
                    self.edit(Edit::Attribute { target: Resolved { sub: None, ..target }, change: Box::new(change) });
                }
                Ok(())
            }
        }
    }

    fn edit(&mut self, edit: Edit) {
        self.edits.push((self.place, edit));
    }

    fn unknown(&self, path: &str, named: Named) -> Result<(), ScimError> {
        match (self.unknown, named) {
            (UnknownAttributes::Ignore, _) => Ok(()),
            (UnknownAttributes::Refuse, Named::InValue) => Err(unknown_attribute(&path)),
            (UnknownAttributes::Refuse, Named::ByPath) => {
                Err(ScimError { scim_type: Some(ScimType::InvalidPath), ..unknown_attribute(&path) })
            }
        }
    }

    /// The target is a whole schema: the resource without its extensions, or one extension.
    fn schema(&mut self, op: OpKind, schema: &Arc<Schema>, value: Option<Value>) -> Result<(), ScimError> {
        let extension = (schema.uri != self.resource_type.schema.uri).then_some(schema);
        match (extension, value) {
            (None, _) if op == OpKind::Remove => Err(ScimError::bad_request(
                ScimType::Mutability,
                "the base schema cannot be removed from a resource; name an attribute or an extension",
            )),
            (Some(extension), value) if op == OpKind::Remove || value.as_ref().is_none_or(is_unassigned_extension) => {
                self.edit(Edit::RemoveExtension(extension.clone()));
                Ok(())
            }
            (extension, value) => self.attributes(op, value.unwrap_or(Value::Null), extension),
        }
    }

    /// A value whose members are attributes: their names may be paths, and those of an extension stand under its URN.
    fn attributes(&mut self, op: OpKind, value: Value, schema: Option<&Arc<Schema>>) -> Result<(), ScimError> {
        let objects = match value {
            Value::Array(elements) => elements,
            single => vec![single],
        };
        for object in objects {
            let Value::Object(members) = object else {
                return Err(ScimError::bad_request(
                    ScimType::InvalidValue,
                    "the \"value\" of an operation without a \"path\" to one attribute must be an object of attributes",
                ));
            };
            self.object(op, members, schema)?;
        }
        Ok(())
    }

    fn object(
        &mut self,
        op: OpKind,
        members: Map<String, Value>,
        schema: Option<&Arc<Schema>>,
    ) -> Result<(), ScimError> {
        for (name, value) in members {
            let path = match schema {
                Some(schema) => format!("{}:{name}", schema.uri),
                None => name,
            };
            let target = find_key(self.resource_type, &path, self.unknown)?;
            self.target(op, (target, &path), Some(value), Named::InValue)?;
        }
        Ok(())
    }

    /// Clients send whole resources back, with what only the server sets; by a path it is a mistake that must be told.
    fn read_only(&mut self, op: OpKind, target: Resolved, value: Option<Value>, named: Named) -> Result<(), ScimError> {
        match (named, value) {
            (Named::InValue, _) => Ok(()),
            (Named::ByPath, Some(value)) if op != OpKind::Remove && target.attribute.name == "id" => {
                self.edit(Edit::Attribute { target, change: Box::new(Change::Confirm(value)) });
                Ok(())
            }
            (Named::ByPath, _) => Err(read_only(&target)),
        }
    }

    fn set_password(&mut self, op: OpKind, target: &Resolved, value: Option<Value>) -> Result<(), ScimError> {
        let value = value.filter(|_| op != OpKind::Remove).unwrap_or(Value::Null);
        self.password = match canonical_value(&target.attribute, value, self.unknown, target)? {
            Some(Value::String(password)) => PasswordChange::Set(password.into()),
            _ => PasswordChange::Clear,
        };
        Ok(())
    }
}

/// `schemas` follows from the attributes, so what a client wants it to be needs no doing; only taking it away is wrong.
fn schemas(op: OpKind, named: Named) -> Result<(), ScimError> {
    if op == OpKind::Remove && named == Named::ByPath {
        return Err(ScimError::bad_request(
            ScimType::Mutability,
            "schemas follows from the attributes of a resource; remove an extension by a path with its URN",
        ));
    }
    Ok(())
}

fn is_read_only(target: &Resolved) -> bool {
    target.attribute.mutability == Mutability::ReadOnly || target.leaf().mutability == Mutability::ReadOnly
}

fn is_password(target: &Resolved) -> bool {
    target.extension.is_none() && target.attribute.name == "password"
}

/// An empty object names no attribute to change, so it changes none.
fn is_unassigned_extension(value: &Value) -> bool {
    is_unassigned(value) && !value.is_object()
}

pub(super) fn read_only(target: &Resolved) -> ScimError {
    ScimError::bad_request(ScimType::Mutability, format!("{target} is read-only; leave it out of the request"))
}
