//! What acts on all kinds of credentials have in common.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Gateway;
use crate::model::{AdminAction, Credential, Origin, TenantId};

/// Since when a credential is to be out of use, if it is to be in use or not; `None` leaves it as it is.
pub(super) fn disabled_at(enabled: Option<bool>, before: &Credential, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match enabled {
        Some(true) => None,
        Some(false) => Some(before.disabled_at.unwrap_or(now)),
        None => before.disabled_at,
    }
}

impl Gateway {
    /// The row that tells of an act on a token, a client or an issuer.
    pub(super) fn on_credential(
        &self,
        tenant: TenantId,
        credential: &Credential,
        action: &'static str,
        details: Value,
        origin: &Origin,
    ) -> AdminAction {
        AdminAction {
            tenant: Some(tenant),
            at: self.clock.now(),
            origin: origin.clone(),
            action,
            succeeded: true,
            target: (credential.kind.as_str(), Some(credential.id.to_string()), credential.label.clone()),
            details,
        }
    }
}
