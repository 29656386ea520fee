//! How heavy a role a credential may give.
//!
//! A credential may have a limit. What it writes gives nobody a role that is heavier: not as a value of a user's roles, nor as a
//! member of a group that carries the role or is inside one that does. Nor does it make a heavier role another one, or take it
//! away from its group, since the same value could be made a light role then. Taking a role from users is free. And it does not
//! administer: who makes credentials, administrators or earlier versions of users could make up for any limit.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Gateway, GatewayError, Refusal};
use crate::model::{Caller, Credential, RecordCode, ResourceId, Role, Scope, Scopes};
use crate::scim::resource::Resource;
use crate::scim::{ScimError, urn};

/// Why a credential with a limit does not administer.
pub(super) const LIMITED_ADMINISTERS: &str = "a credential with a limit on the weight of roles cannot have admin:write: whoever \
    administers can make a credential without one; leave one or the other out";

/// How many roles are told at most.
const SHOWN: usize = 10;

/// Whether a credential would have a limit and could make another one without.
pub(super) fn could_lift_its_limit(scopes: Scopes, max_role_weight: Option<i64>) -> bool {
    max_role_weight.is_some() && scopes.contains(Scope::AdminWrite)
}

/// Whether a change would make a credential one that could lift its limit.
pub(super) fn begins_to_lift(before: &Credential, after: &Credential) -> bool {
    let could = |credential: &Credential| could_lift_its_limit(credential.scopes, credential.max_role_weight);
    could(after) && !could(before)
}

/// Refuses roles that a user did not have and the caller may not give.
pub(super) fn check_given(caller: &Caller, carried: &[Role], had: &BTreeSet<String>) -> Result<(), GatewayError> {
    let Some(most) = caller.max_role_weight else { return Ok(()) };
    let heavy = carried.iter().filter(|role| !had.contains(&role.key)).filter_map(|role| {
        let document: Value = serde_json::from_str(&role.document).unwrap_or_default();
        let weight = weight(document.get(urn::ROLE)?);
        (weight > most).then(|| (role.key.clone(), weight))
    });
    refuse(most, heavy.collect())
}

/// Refuses to make a role of a group, or to change or to end one, that is heavier than what the caller may give. An empty resource
/// stands for a group that was not there, or goes.
pub(super) fn check_group(caller: &Caller, before: &Resource, after: &Resource) -> Result<(), GatewayError> {
    let Some(most) = caller.max_role_weight else { return Ok(()) };
    let [was, is] = [before, after].map(|group| group.as_map().get(urn::ROLE));
    if was == is {
        return Ok(());
    }
    let heavy = [was, is].into_iter().flatten().filter_map(|role| {
        let id = role.get("roleId").and_then(Value::as_str)?;
        (weight(role) > most).then(|| (id.to_owned(), weight(role)))
    });
    refuse(most, heavy.collect())
}

impl Gateway {
    /// Refuses members who would come to have a role by the group that the caller may not give.
    pub(super) async fn check_members(
        &self,
        caller: &Caller,
        group: ResourceId,
        add: &[ResourceId],
    ) -> Result<(), GatewayError> {
        match caller.max_role_weight {
            Some(most) if !add.is_empty() => {
                let heavy = self.store.tenant(caller.tenant.id).heavy_roles(group, most, add).await?;
                refuse(most, heavy)
            }
            _ => Ok(()),
        }
    }
}

/// A role that says nothing of it weighs nothing.
fn weight(role: &Value) -> i64 {
    role.get("weight").and_then(Value::as_i64).unwrap_or_default()
}

fn refuse(most: i64, heavy: Vec<(String, i64)>) -> Result<(), GatewayError> {
    if heavy.is_empty() {
        return Ok(());
    }
    let told = heavy.iter().take(SHOWN).map(|(role, weight)| format!("{role} weighs {weight}")).collect::<Vec<_>>();
    let detail = format!(
        "this credential deals with roles up to a weight of {most}, and {}; leave that out, or use a credential that may",
        told.join(", ")
    );
    Err(GatewayError::Refused(Box::new(Refusal {
        code: RecordCode::RoleTooHeavy,
        fields: vec!["roles".to_owned()],
        error: ScimError::new(403, detail),
    })))
}
