//! What acts on all kinds of credentials have in common.

use serde_json::Value;

use super::Gateway;
use crate::model::{AdminAction, Credential, Origin, TenantId};

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
