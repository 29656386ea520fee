//! The fence between connections: what one made, no other changes or removes.
//!
//! It is a tenant's choice, and holds for what is made while it stands. Credentials without a connection are an administrator's
//! own and pass it. What follows by itself passes it too: a user who goes leaves every group.

use super::{Gateway, GatewayError};
use crate::model::{Caller, ConnectionId, ResourceId};
use crate::scim::ScimError;
use crate::store::StoreError;

/// The connection that a caller is fenced in as.
fn fenced(caller: &Caller) -> Option<ConnectionId> {
    caller.connection.filter(|_| caller.tenant.dialect.fence_connections)
}

impl Gateway {
    /// Holds that the caller may change or remove a resource. One that is not there may be, which is told later.
    pub(super) async fn check_fence(&self, caller: &Caller, id: ResourceId) -> Result<(), GatewayError> {
        let Some(connection) = fenced(caller) else { return Ok(()) };
        match self.store.tenant(caller.tenant.id).owner(id).await? {
            Some((owner, name)) if owner != connection => Err(GatewayError::Scim(ScimError::new(
                403,
                format!(
                    "this resource belongs to the connection \"{name}\", and connections are fenced against each other \
                        here; change it there, or lower the fence of the tenant"
                ),
            ))),
            _ => Ok(()),
        }
    }

    /// Makes the caller's connection the owner of what it is about to create; before that, so that there is never a resource whose
    /// owner is not known.
    pub(super) async fn claim(&self, caller: &Caller, ids: &[ResourceId]) -> Result<(), StoreError> {
        match fenced(caller) {
            Some(connection) if !ids.is_empty() => self.store.tenant(caller.tenant.id).claim(connection, ids).await,
            _ => Ok(()),
        }
    }

    /// Forgets the owner of what was not created after all, or was removed. A row that stays behind says nothing, so this may fail.
    pub(super) async fn disclaim(&self, caller: &Caller, ids: &[ResourceId]) {
        if caller.tenant.dialect.fence_connections
            && !ids.is_empty()
            && let Err(error) = self.store.tenant(caller.tenant.id).disclaim(ids).await
        {
            log::warn!("request {}: who owned {} resources could not be forgotten: {error}", caller.request, ids.len());
        }
    }
}
