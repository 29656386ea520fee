//! What a tenant's mails look like, and addresses that may be mailed again.

use serde_json::json;

use super::Gateway;
use crate::model::{AdminAction, MailSettings, Origin, Tenant};
use crate::store::StoreError;

impl Gateway {
    /// Chooses what a tenant's mails look like. Answers whether there is such a tenant.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn set_mail_settings(
        &self,
        tenant: &Tenant,
        settings: &MailSettings,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let action = AdminAction {
            tenant: Some(tenant.id),
            at: self.clock.now(),
            origin: origin.clone(),
            action: "tenant.mail",
            succeeded: true,
            target: ("tenant", Some(tenant.id.to_string()), tenant.slug.to_string()),
            details: json!(settings),
        };
        self.store.tenant(tenant.id).set_mail_settings(settings, &action).await
    }

    /// Lets an address be mailed again that mails had bounced from. Answers whether there was such a one.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn clear_bounced(&self, tenant: &Tenant, address: &str, origin: &Origin) -> Result<bool, StoreError> {
        let action = AdminAction {
            tenant: Some(tenant.id),
            at: self.clock.now(),
            origin: origin.clone(),
            action: "mail.clear_bounce",
            succeeded: true,
            target: ("address", None, address.to_owned()),
            details: json!({}),
        };
        self.store.tenant(tenant.id).clear_bounced(address, &action).await
    }
}
