//! What PUT, PATCH and a DELETE that deactivates have in common: read, decide, write if nobody was faster.
//!
//! No lock is held while we think. The write names the version that was read; if another writer was faster it changes
//! nothing, and the caller begins again.

use serde_json::Value;

use super::{Gateway, GatewayError, change, employee_id, members, roles, self_service};
use crate::model::{Caller, MembersDelta, Preconditions, ResourceId, Stored, Version};
use crate::scim::explain::Readings;
use crate::scim::resource::{AttributeChange, Resource};
use crate::scim::schema::ResourceType;
use crate::store::{NewChange, PasswordUpdate, ResourceUpdate, StoreError};

/// A resource as it was found, to be changed.
pub(super) struct Found {
    pub stored: Stored,
    pub resource: Resource,
}

/// What a change makes of a resource.
pub(super) struct Update<'a> {
    pub after: Resource,
    /// What differs from the resource as it was found.
    pub changes: Vec<AttributeChange>,
    pub members: MembersDelta,
    pub password: PasswordUpdate<'a>,
    /// What of the request was read otherwise than it was sent, or left out.
    pub readings: Readings,
}

impl Gateway {
    /// Reads the resource that a request wants to change, and holds it to the request's conditions.
    pub(super) async fn find(
        &self,
        caller: &Caller,
        kind: &ResourceType,
        id: ResourceId,
        preconditions: &Preconditions,
    ) -> Result<Found, GatewayError> {
        let stored = self.store.tenant(caller.tenant.id).find(&kind.name, id, kind.name == "User").await?;
        let stored = stored.ok_or_else(|| not_found(kind, id))?;
        if !preconditions.hold(stored.version) {
            return Err(GatewayError::PreconditionFailed);
        }
        let resource = match serde_json::from_str(&stored.document) {
            Ok(Value::Object(attributes)) => Resource::from_stored(attributes),
            Ok(_) => return Err(GatewayError::Internal(anyhow::anyhow!("the document of {id} is no object"))),
            Err(error) => return Err(GatewayError::Internal(error.into())),
        };
        Ok(Found { stored, resource })
    }

    /// Writes the change unless the resource has moved on, which gives `None`. A change that changes nothing writes nothing
    /// and leaves the version as it is.
    pub(super) async fn write(
        &self,
        caller: &Caller,
        kind: &ResourceType,
        found: &Found,
        update: Update<'_>,
    ) -> Result<Option<Stored>, GatewayError> {
        self.write_marked(caller, kind, found, update, &[]).await
    }

    /// As [`Gateway::write`]; the change, if there is one, tells of `marks` beside what changed.
    pub(super) async fn write_marked(
        &self,
        caller: &Caller,
        kind: &ResourceType,
        found: &Found,
        mut update: Update<'_>,
        marks: &[AttributeChange],
    ) -> Result<Option<Stored>, GatewayError> {
        employee_id::settle_update(caller, kind, &found.resource, &mut update)?;
        let mut attributes = update.changes;
        self_service::check(caller, &attributes)?;
        if !matches!(update.password, PasswordUpdate::Keep) {
            attributes.push(change::password_changed());
        }
        let (id, version) = (found.stored.id, found.stored.version);
        let only_members = attributes.is_empty();
        if only_members && update.members.is_empty() {
            return Ok(Some(found.stored.clone()));
        }
        if !only_members {
            self.check_roles(caller, kind, &found.resource, &update.after).await?;
        }
        let action = change::update_action(&attributes);
        attributes.extend_from_slice(marks);
        let row = change::row(caller, self.clock.now(), action, change::name(&update.after), &attributes);
        if only_members {
            let row = (&row, update.readings);
            return self.change_members(caller, kind, (id, Some(version)), update.members, row).await;
        }
        self.check_members(caller, id, &update.members.add).await?;
        let entry = super::entry(&caller.tenant, kind, &update.after);
        if self.is_rehearsal {
            self.check_free(caller, (&kind.name, id), &entry).await?;
            let version = Version(version.0 + 1);
            return Ok(Some(Stored { document: entry.document, version, ..found.stored.clone() }));
        }
        let written = ResourceUpdate {
            resource_type: &kind.name,
            id,
            read_version: version,
            entry: &entry,
            password: update.password,
        };
        let (mut members, mut readings) = (update.members, update.readings);
        self.leave_out_own_types(caller, &mut members.add, &mut readings).await?;
        let stored = loop {
            let row = NewChange { readings: readings.as_deref(), ..row };
            match self.store.tenant(caller.tenant.id).update(&written, &members, &row).await {
                Ok(stored) => break stored,
                Err(error) => {
                    let error = employee_id::named(caller, &entry, error);
                    members::leave_out_unknown(caller, (&mut members.add, &mut readings), error)?;
                }
            }
        };
        if stored.is_some() && roles::move_groups(kind, &found.resource, &update.after) {
            return Ok(self.store.tenant(caller.tenant.id).find(&kind.name, id, true).await?.or(stored));
        }
        Ok(stored.map(|stored| Stored { groups: found.stored.groups.clone(), ..stored }))
    }
}

/// The answer for an id that names nothing of this type in this tenant.
pub(super) fn not_found(kind: &ResourceType, id: ResourceId) -> GatewayError {
    GatewayError::NotFound { resource_type: kind.name.clone(), id }
}

/// The answer when every round was lost to another writer.
pub(super) fn too_busy() -> GatewayError {
    GatewayError::Unavailable(StoreError::Conflict)
}
