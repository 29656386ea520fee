//! Changing a resource (RFC 7644, section 3.5.2).

use std::sync::Arc;

use secrecy::SecretString;
use serde_json::Value;

use super::update::{Update, not_found, too_busy};
use super::{Gateway, GatewayError, ROUNDS, change, members};
use crate::auth::password;
use crate::model::{Action, Caller, Preconditions, ResourceId, Stored};
use crate::scim::explain::Readings;
use crate::scim::patch::{MembersChange, PasswordChange, Patch, PatchRequest};
use crate::scim::schema::ResourceType;
use crate::store::PasswordUpdate;

impl Gateway {
    /// Applies a client's PATCH as a whole or not at all. A patch that changes nothing succeeds, and neither the version nor
    /// the change stream moves.
    pub async fn patch(
        &self,
        caller: &Caller,
        kind: &Arc<ResourceType>,
        id: ResourceId,
        preconditions: &Preconditions,
        body: Value,
    ) -> Result<Stored, GatewayError> {
        let readings = Readings::of_patch(&body, kind, &caller.tenant.dialect);
        self.patch_as(caller, kind, (id, preconditions), body, readings).await
    }

    /// As [`Gateway::patch`], of what a client sent in other words.
    pub(super) async fn patch_as(
        &self,
        caller: &Caller,
        kind: &Arc<ResourceType>,
        (id, preconditions): (ResourceId, &Preconditions),
        body: Value,
        readings: Readings,
    ) -> Result<Stored, GatewayError> {
        let request = PatchRequest::parse(body, &caller.tenant.dialect)?;
        let patch = Patch::check(request, kind, &caller.tenant.dialect)?;
        self.check_fence(caller, id).await?;
        let blindly = patch.is_about_members_only() && patch.members().remove_matching.is_empty();
        if blindly && preconditions.is_empty() {
            return self.patch_members(caller, kind, id, patch.members(), readings).await;
        }
        let mut hash = None;
        for _ in 0..ROUNDS {
            let found = self.find(caller, kind, id, preconditions).await?;
            let outcome = patch.apply(&found.resource)?;
            let password = match (outcome.password, &mut hash) {
                (PasswordChange::Keep, _) => PasswordUpdate::Keep,
                (PasswordChange::Clear, _) => PasswordUpdate::Clear,
                (PasswordChange::Set(_), Some(hash)) => PasswordUpdate::Set(hash),
                (PasswordChange::Set(password), none) => {
                    PasswordUpdate::Set(none.insert(SecretString::from(password::hash(password).await?)))
                }
            };
            let mut readings = readings.clone();
            let members = self.resolve_members(caller, id, &outcome.members, &mut readings).await?;
            let update = Update { after: outcome.after, changes: outcome.touched, members, password, readings };
            if let Some(stored) = self.write(caller, kind, &found, update).await? {
                return Ok(stored);
            }
        }
        Err(too_busy())
    }

    /// Adds and removes members without reading the group or any other member: what identity providers send most.
    async fn patch_members(
        &self,
        caller: &Caller,
        kind: &Arc<ResourceType>,
        id: ResourceId,
        members: &MembersChange,
        mut readings: Readings,
    ) -> Result<Stored, GatewayError> {
        let delta = members::delta(caller, members, &mut readings)?;
        let row = change::row(caller, self.clock.now(), Action::Update, "", &[]);
        let changed = self.change_members(caller, kind, (id, None), delta, (&row, readings)).await?;
        changed.ok_or_else(|| not_found(kind, id))
    }
}
