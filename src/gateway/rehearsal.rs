//! Rehearsals: use cases that do everything but write, so that one can be told beforehand what they would come to.
//!
//! A rehearsal takes the same way as the use case itself, up to the statement that would write. Instead of it the database is asked
//! whether the unique values are free. What others write in between may make it come out otherwise.

use super::{Gateway, GatewayError, employee_id};
use crate::model::{Caller, ResourceId};
use crate::scim::resource::IndexEntry;
use crate::store::StoreError;

impl Gateway {
    /// The same use cases, of which none writes. Only the creation and the change of users, groups and resources of a tenant's own
    /// types know of rehearsals.
    pub(super) fn rehearsal(&self) -> Self {
        Self { is_rehearsal: true, ..self.clone() }
    }

    /// Holds that nobody else has a unique value of the resource, which may be there already.
    pub(super) async fn check_free(
        &self,
        caller: &Caller,
        (resource_type, id): (&str, ResourceId),
        entry: &IndexEntry,
    ) -> Result<(), GatewayError> {
        match self.store.tenant(caller.tenant.id).taken_of(resource_type, id, entry).await? {
            None => Ok(()),
            Some(error @ StoreError::Uniqueness { .. }) => Err(employee_id::named(caller, entry, error).into()),
            Some(error) => Err(error.into()),
        }
    }
}
