//! Roles are groups: what a user's roles ask for before they are written. The memberships themselves follow from the write, in
//! the database.
//!
//! What held before a write is not held against it: a user who lacks an attribute that its role has come to require since, or
//! has a role that nobody carries any more, can still be changed, and above all deactivated.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Gateway, GatewayError};
use crate::model::{Caller, Role};
use crate::scim::dialect::{UnknownAttributes, UnknownRoles};
use crate::scim::filter::{CheckedFilter, Filter};
use crate::scim::fold::fold;
use crate::scim::path::AttrPath;
use crate::scim::resource::Resource;
use crate::scim::schema::ResourceType;
use crate::scim::{ScimError, ScimType, urn};

/// A value of `roles` or `entitlements`.
struct Held<'a> {
    key: String,
    value: &'a str,
    display: Option<&'a str>,
}

impl Gateway {
    /// Holds a resource that is about to be written to what roles demand: a user with a role to what the role requires, a
    /// group that carries one to attributes that users can have. Groups for unknown roles are created if the tenant wants it.
    pub(super) async fn check_roles(
        &self,
        caller: &Caller,
        kind: &ResourceType,
        before: &Resource,
        after: &Resource,
    ) -> Result<(), GatewayError> {
        match kind.name.as_str() {
            "User" => self.check_roles_of_user(caller, kind, before, after).await,
            "Group" => check_requirements(caller, after),
            _ => Ok(()),
        }
    }

    async fn check_roles_of_user(
        &self,
        caller: &Caller,
        kind: &ResourceType,
        before: &Resource,
        after: &Resource,
    ) -> Result<(), GatewayError> {
        let held = held(caller, after);
        if held.is_empty() {
            return Ok(());
        }
        let had: BTreeSet<String> = self::held(caller, before).into_iter().map(|role| role.key).collect();
        let keys: Vec<String> = held.iter().map(|role| role.key.clone()).collect();
        let carried = self.store.tenant(caller.tenant.id).find_roles(&keys).await?;
        let missing: BTreeSet<String> = carried
            .iter()
            .flat_map(|role| requires(&role.document).into_iter().map(move |path| (role, path)))
            .filter(|(role, path)| !has(kind, after, path) && (!had.contains(&role.key) || has(kind, before, path)))
            .map(|(_, path)| path)
            .collect();
        if !missing.is_empty() {
            return Err(unmet(&carried, &missing));
        }
        let is_new = |role: &&Held<'_>| !had.contains(&role.key) && !carried.iter().any(|known| known.key == role.key);
        let unknown: Vec<&Held<'_>> = held.iter().filter(is_new).collect();
        match caller.tenant.dialect.unknown_roles {
            UnknownRoles::Refuse if !unknown.is_empty() => Err(refused(&unknown)),
            UnknownRoles::Keep | UnknownRoles::Refuse => Ok(()),
            UnknownRoles::Create => {
                for role in unknown {
                    self.create_role(caller, role).await?;
                }
                Ok(())
            }
        }
    }

    /// Creates the group that carries a role, unless somebody else was faster.
    async fn create_role(&self, caller: &Caller, role: &Held<'_>) -> Result<(), GatewayError> {
        let Some(kind) = caller.catalog.named("Group") else { return Ok(()) };
        let body = json!({
            "schemas": [urn::GROUP, urn::ROLE],
            "displayName": role.display.unwrap_or(role.value),
            urn::ROLE: { "roleId": role.value }
        });
        match Box::pin(self.create(caller, kind, body)).await {
            Ok(_) => Ok(()),
            Err(error) => {
                let found = self.store.tenant(caller.tenant.id).find_roles(std::slice::from_ref(&role.key)).await?;
                if found.is_empty() { Err(error) } else { Ok(()) }
            }
        }
    }
}

/// Every role that a resource names, once, in order.
fn held<'a>(caller: &Caller, resource: &'a Resource) -> Vec<Held<'a>> {
    let entitlements = caller.tenant.dialect.entitlements_are_roles.then_some("entitlements");
    let mut seen = BTreeSet::new();
    let lists = std::iter::once("roles").chain(entitlements).filter_map(|name| resource.as_map().get(name)?.as_array());
    let roles = lists.flatten().filter_map(|element| {
        let value = element.get("value")?.as_str()?;
        let display = element.get("display").and_then(Value::as_str);
        Some(Held { key: fold(value).into_owned(), value, display })
    });
    roles.filter(|role| seen.insert(role.key.clone())).collect()
}

/// The attributes that a role requires.
fn requires(document: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    document.get(urn::ROLE).into_iter().flat_map(paths).map(str::to_owned).collect()
}

fn paths(role: &Value) -> impl Iterator<Item = &str> {
    let required = role.get("requires").and_then(Value::as_str).unwrap_or_default();
    required.split(',').map(str::trim).filter(|path| !path.is_empty())
}

/// Whether a user has the attribute. Nobody has what no schema defines.
fn has(kind: &ResourceType, user: &Resource, path: &str) -> bool {
    present(kind, path).is_some_and(|filter| filter.matches(user.as_map()))
}

fn present(kind: &ResourceType, path: &str) -> Option<CheckedFilter> {
    let path = AttrPath::parse(path).ok()?;
    CheckedFilter::check(&Filter::Present { path, position: 0 }, kind).ok()
}

/// Holds what a role requires to attributes that users can have, where the tenant refuses unknown ones. Elsewhere nobody can
/// be given such a role, and is told why.
fn check_requirements(caller: &Caller, group: &Resource) -> Result<(), GatewayError> {
    let Some(role) = group.as_map().get(urn::ROLE).filter(|_| refuses_unknown(caller)) else { return Ok(()) };
    let Some(user) = caller.catalog.named("User") else { return Ok(()) };
    let unknown: Vec<&str> = paths(role).filter(|path| present(user, path).is_none()).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let detail = format!("requires: {} is no attribute that a user can have; name such attributes", unknown.join(", "));
    Err(invalid(detail))
}

fn refuses_unknown(caller: &Caller) -> bool {
    caller.tenant.dialect.unknown_attributes == UnknownAttributes::Refuse
}

fn unmet(carried: &[Role], missing: &BTreeSet<String>) -> GatewayError {
    let asks = |role: &&Role| requires(&role.document).iter().any(|path| missing.contains(path));
    let roles: Vec<&str> = carried.iter().filter(asks).map(|role| role.key.as_str()).collect();
    let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
    invalid(format!(
        "a user with the role {} must have {}; send it too, or leave the role out",
        roles.join(", "),
        missing.join(", ")
    ))
}

fn refused(unknown: &[&Held<'_>]) -> GatewayError {
    let names: Vec<&str> = unknown.iter().take(10).map(|role| role.value).collect();
    invalid(format!("roles: no group carries the role {}; send roles that /Roles lists", names.join(", ")))
}

fn invalid(detail: String) -> GatewayError {
    GatewayError::Scim(ScimError::bad_request(ScimType::InvalidValue, detail))
}

/// Whether the groups of a user may change with its roles, so that they have to be read again.
pub(super) fn move_groups(kind: &ResourceType, before: &Resource, after: &Resource) -> bool {
    let differs = |name: &&str| before.as_map().get(*name) != after.as_map().get(*name);
    kind.name == "User" && ["roles", "entitlements"].iter().any(differs)
}
