//! How long a tenant keeps its activity.

use serde_json::json;

use crate::gateway::{Gateway, GatewayError};
use crate::model::{AdminAction, KeepActivity, Origin, Tenant};

impl Gateway {
    /// Sets how long a tenant keeps its activity. Answers false if the tenant is gone.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn keep_activity(
        &self,
        tenant: &Tenant,
        keep: KeepActivity,
        origin: &Origin,
    ) -> Result<bool, GatewayError> {
        let action = AdminAction {
            tenant: Some(tenant.id),
            at: self.clock.now(),
            origin: origin.clone(),
            action: "tenant.keep_activity",
            succeeded: true,
            target: ("tenant", Some(tenant.id.to_string()), tenant.slug.to_string()),
            details: json!({ "keepActivity": keep }),
        };
        Ok(self.store.tenant(tenant.id).keep_activity(keep, &action).await?)
    }
}
