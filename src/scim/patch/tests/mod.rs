//! What requests make of resources: one test a rule, named after who sends the shape.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod entra;
mod extensions;
mod members;
mod okta;
mod oracles;
mod properties;
mod rfc;

use std::sync::Arc;

use serde_json::{Value, json};

use super::{MembersChange, Outcome, Patch, PatchRequest};
use crate::scim::dialect::{Dialect, UnknownAttributes};
use crate::scim::resource::{Draft, Resource};
use crate::scim::schema::{ResourceType, builtin};
use crate::scim::{ScimError, ScimType, urn};

pub(super) const ENTERPRISE: &str = urn::ENTERPRISE_USER;
pub(super) const ID: &str = "2819c223-7f76-453a-919d-413861904646";

pub(super) fn named(name: &str) -> &'static Arc<ResourceType> {
    builtin().named(name).unwrap()
}

pub(super) fn strict() -> Dialect {
    Dialect { unknown_attributes: UnknownAttributes::Refuse, ..Dialect::default() }
}

pub(super) fn request(operations: Value) -> Value {
    json!({ "schemas": [urn::PATCH_OP], "Operations": operations })
}

/// A user with a userName and these attributes.
pub(super) fn user(attributes: Value) -> Resource {
    resource("User", json!({ "userName": "u" }), attributes)
}

fn resource(resource_type: &str, mut body: Value, attributes: Value) -> Resource {
    body.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    Draft::parse(body, named(resource_type), &Dialect::default()).unwrap().resource.with_id(ID)
}

pub(super) fn check(resource_type: &str, operations: Value, dialect: &Dialect) -> Result<Patch, ScimError> {
    Patch::check(PatchRequest::parse(request(operations), dialect)?, named(resource_type), dialect)
}

pub(super) fn apply(before: &Resource, operations: Value) -> Result<Outcome, ScimError> {
    let outcome = check("User", operations, &Dialect::default())?.apply(before)?;
    assert_eq!(outcome.touched.is_empty(), outcome.after == *before, "{:?}", outcome.touched);
    Ok(outcome)
}

/// What a user with `attributes` has afterwards beside `schemas`, `id` and `userName`.
pub(super) fn after(attributes: Value, operations: Value) -> Value {
    let mut map = apply(&user(attributes), operations).unwrap().after.into_map();
    for name in ["schemas", "id", "userName"] {
        map.shift_remove(name);
    }
    Value::Object(map)
}

/// Why it is refused.
pub(super) fn refused(attributes: Value, operations: Value) -> (ScimType, String) {
    keyword(apply(&user(attributes), operations).unwrap_err())
}

pub(super) fn keyword(error: ScimError) -> (ScimType, String) {
    assert_eq!(error.status, 400);
    (error.scim_type.unwrap(), error.detail)
}

/// What happens to a group's members.
pub(super) fn members(operations: Value) -> Result<MembersChange, (ScimType, String)> {
    check("Group", operations, &Dialect::default()).map(|patch| patch.members().clone()).map_err(keyword)
}
