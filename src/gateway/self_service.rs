//! What users may change about themselves with a token of their own.
//!
//! Everything but what others rely on: the names by which an identity provider finds its people (whoever takes the name of
//! somebody who is yet to come would be taken for them), what somebody may do, and the extensions, in which an
//! organisation says what somebody is to it.

use super::GatewayError;
use crate::model::{AttributeChange, Caller};
use crate::scim::ScimError;

const DECIDED_BY_OTHERS: [&str; 5] = ["userName", "externalId", "userType", "roles", "entitlements"];

/// Refuses with 403 what a user's own token changes beyond that.
pub(super) fn check(caller: &Caller, changes: &[AttributeChange]) -> Result<(), GatewayError> {
    if caller.user.is_none() {
        return Ok(());
    }
    match changes.iter().find(|change| is_decided_by_others(&change.path)) {
        None => Ok(()),
        Some(change) => {
            let detail = format!("users cannot change their own {}; leave it as it is", change.path);
            Err(GatewayError::Scim(ScimError::new(403, detail)))
        }
    }
}

/// Attributes of extensions have their URN in front.
fn is_decided_by_others(path: &str) -> bool {
    path.contains(':') || DECIDED_BY_OTHERS.contains(&path)
}
