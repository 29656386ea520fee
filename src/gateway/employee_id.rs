//! The tenant's policy for `externalId` and the enterprise `employeeNumber`, applied to every write.

use super::GatewayError;
use super::update::Update;
use crate::model::Caller;
use crate::scim::dialect::EmployeeId;
use crate::scim::resource::{IndexEntry, Resource, differences};
use crate::scim::schema::ResourceType;
use crate::store::StoreError;

/// A new resource as the policy wants it.
pub(super) fn settle(caller: &Caller, kind: &ResourceType, resource: Resource) -> Result<Resource, GatewayError> {
    Ok(resource.with_employee_id(kind, &Resource::default(), caller.tenant.dialect.employee_id)?)
}

/// A change as the policy wants it; what it adds is told with the rest.
pub(super) fn settle_update(
    caller: &Caller,
    kind: &ResourceType,
    before: &Resource,
    update: &mut Update<'_>,
) -> Result<(), GatewayError> {
    let policy = caller.tenant.dialect.employee_id;
    if policy == EmployeeId::Independent || update.changes.is_empty() {
        return Ok(());
    }
    let settled = update.after.clone().with_employee_id(kind, before, policy)?;
    if settled != update.after {
        update.changes = differences(kind, before, &settled);
        update.after = settled;
    }
    Ok(())
}

/// A failed write that names the key which the client sent, where the database found the one that follows it taken.
pub(super) fn named(caller: &Caller, entry: &IndexEntry, error: StoreError) -> StoreError {
    let (leader, follower, is_there) = match caller.tenant.dialect.employee_id {
        EmployeeId::ExternalIdFromEmployeeNumber => ("employeeNumber", "externalId", entry.employee_key.is_some()),
        EmployeeId::EmployeeNumberFromExternalId => ("externalId", "employeeNumber", entry.external_id.is_some()),
        EmployeeId::Independent | EmployeeId::MustAgree => return error,
    };
    match error {
        StoreError::Uniqueness { attribute } if attribute == follower && is_there => {
            StoreError::Uniqueness { attribute: leader }
        }
        error => error,
    }
}
