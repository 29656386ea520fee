//! Removing a resource (RFC 7644, section 3.6).

use super::update::{Update, not_found, too_busy};
use super::{Gateway, GatewayError, ROUNDS, change, role_weights};
use crate::model::{Action, Caller, MembersDelta, Preconditions, ResourceId};
use crate::scim::explain::Readings;
use crate::scim::resource::{Resource, differences};
use crate::scim::schema::ResourceType;
use crate::store::{Deleted, PasswordUpdate};

impl Gateway {
    /// Removes a resource together with its memberships. Where the tenant wants leavers kept, a user is set inactive
    /// instead.
    pub async fn delete(
        &self,
        caller: &Caller,
        kind: &ResourceType,
        id: ResourceId,
        preconditions: &Preconditions,
    ) -> Result<(), GatewayError> {
        self.check_fence(caller, id).await?;
        for _ in 0..ROUNDS {
            let found = self.find(caller, kind, id, preconditions).await?;
            if caller.tenant.dialect.delete_deactivates && kind.name == "User" {
                let after = found.resource.clone().with_active(kind, false);
                let update = Update {
                    changes: differences(kind, &found.resource, &after),
                    after,
                    members: MembersDelta::default(),
                    password: PasswordUpdate::Keep,
                    readings: Readings::default(),
                };
                if self.write(caller, kind, &found, update).await?.is_some() {
                    return Ok(());
                }
                continue;
            }
            role_weights::check_group(caller, &found.resource, &Resource::default())?;
            let attributes = differences(kind, &found.resource, &Resource::default());
            let name = change::name(&found.resource);
            let row = change::row(caller, self.clock.now(), Action::Delete, name, &attributes);
            let tenant = self.store.tenant(caller.tenant.id);
            match tenant.delete(&kind.name, id, Some(found.stored.version), &row).await? {
                Deleted::Deleted => {
                    self.disclaim(caller, &[id]).await;
                    return Ok(());
                }
                Deleted::NotFound => return Err(not_found(kind, id)),
                Deleted::VersionMoved => {}
            }
        }
        Err(too_busy())
    }
}
