//! Roles are groups: what a user's roles ask for before they are written. The memberships themselves follow from the write, in
//! the database.
//!
//! What held before a write is not held against it: a user who lacks an attribute that its role has come to require since, or
//! has a role that nobody carries any more, can still be changed. A write that deactivates a user is refused for neither its roles
//! nor the tenant's rules, whatever else it does: a leaver is always locked out.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Gateway, GatewayError, Refusal, role_weights};
use crate::model::{Caller, RecordCode, Role};
use crate::scim::dialect::{UnknownAttributes, UnknownRoles};
use crate::scim::filter::{CheckedFilter, Filter};
use crate::scim::fold::fold;
use crate::scim::path::AttrPath;
use crate::scim::resource::Resource;
use crate::scim::rules::{Findings, is_locked_out};
use crate::scim::schema::ResourceType;
use crate::scim::{ScimError, ScimType, urn};

/// A value of `roles` or `entitlements`.
struct Held<'a> {
    key: String,
    value: &'a str,
    display: Option<&'a str>,
}

impl Gateway {
    /// Holds a resource that is about to be written to what is demanded: a user to what its roles require and to the tenant's
    /// rules, a group that carries a role to attributes that users can have. Groups for unknown roles are created if the tenant wants it.
    pub(super) async fn check_roles(
        &self,
        caller: &Caller,
        kind: &ResourceType,
        before: &Resource,
        after: &Resource,
    ) -> Result<(), GatewayError> {
        match kind.name.as_str() {
            "User" => self.check_user(caller, kind, before, after).await,
            "Group" => {
                role_weights::check_group(caller, before, after)?;
                check_requirements(caller, after)
            }
            _ => Ok(()),
        }
    }

    async fn check_user(
        &self,
        caller: &Caller,
        kind: &ResourceType,
        before: &Resource,
        after: &Resource,
    ) -> Result<(), GatewayError> {
        let held = held(caller, after);
        let had: BTreeSet<String> = self::held(caller, before).into_iter().map(|role| role.key).collect();
        let carried = match held.as_slice() {
            [] => Vec::new(),
            held => {
                let keys: Vec<String> = held.iter().map(|role| role.key.clone()).collect();
                self.store.tenant(caller.tenant.id).find_roles(&keys).await?
            }
        };
        role_weights::check_given(caller, &carried, &had)?;
        let mut findings = caller.catalog.rules().look_at(before, after);
        if !is_locked_out(before, after) {
            for role in &carried {
                let had = had.contains(&role.key).then_some(before);
                look_at_role(caller, kind, role, (after, had), &mut findings);
            }
        }
        self.settle(caller.tenant.id, findings).await?;
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

/// Adds what a role asks of a user: attributes, and references that lead somewhere.
fn look_at_role(
    caller: &Caller,
    kind: &ResourceType,
    role: &Role,
    (after, had): (&Resource, Option<&Resource>),
    findings: &mut Findings,
) {
    let document: Value = serde_json::from_str(&role.document).unwrap_or_default();
    let Some(carried) = document.get(urn::ROLE) else { return };
    let lacks = |path: &&str| !has(kind, after, path) && had.is_none_or(|before| has(kind, before, path));
    let missing: BTreeSet<&str> = Role::requires(carried).filter(lacks).collect();
    let references = references(caller, carried);
    if !missing.is_empty() || !references.is_empty() {
        let missing = missing.into_iter().map(str::to_owned).collect();
        findings.of_role(&role.key, missing, &references, (kind, after, had));
    }
}

/// The attributes that a role wants to name something, each with the resource type.
fn references(caller: &Caller, role: &Value) -> Vec<(String, String)> {
    let references = Role::references(role).map(|(path, wanted)| {
        let named = caller.catalog.resource_types().iter().find(|kind| kind.name.eq_ignore_ascii_case(wanted));
        (path.to_owned(), named.map_or(wanted, |kind| &kind.name).to_owned())
    });
    references.collect()
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
    let unknown: Vec<&str> = Role::requires(role).filter(|path| present(user, path).is_none()).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let detail = format!("requires: {} is no attribute that a user can have; name such attributes", unknown.join(", "));
    Err(invalid(detail))
}

fn refuses_unknown(caller: &Caller) -> bool {
    caller.tenant.dialect.unknown_attributes == UnknownAttributes::Refuse
}

fn refused(unknown: &[&Held<'_>]) -> GatewayError {
    let names: Vec<&str> = unknown.iter().take(10).map(|role| role.value).collect();
    let detail = format!("roles: no group carries the role {}; send roles that /Roles lists", names.join(", "));
    GatewayError::Refused(Box::new(Refusal {
        code: RecordCode::UnknownRole,
        fields: vec!["roles".to_owned()],
        error: ScimError::bad_request(ScimType::InvalidValue, detail),
    }))
}

fn invalid(detail: String) -> GatewayError {
    GatewayError::Scim(ScimError::bad_request(ScimType::InvalidValue, detail))
}

/// Whether the groups of a user may change with its roles, so that they have to be read again.
pub(super) fn move_groups(kind: &ResourceType, before: &Resource, after: &Resource) -> bool {
    let differs = |name: &&str| before.as_map().get(*name) != after.as_map().get(*name);
    kind.name == "User" && ["roles", "entitlements"].iter().any(differs)
}
