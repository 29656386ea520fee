//! What a tenant's mails look like.

use std::marker::PhantomData;

use diesel::sql_types::{BigInt, Json, Jsonb, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::{StoreError, TenantStore};
use crate::model::{AdminAction, MailSettings};

statement! {
    /// What was chosen.
    Chosen<'a> {
        tenant: Uuid => SqlUuid,
    } -> Jsonb,
    "SELECT mail FROM tenants WHERE id = $1"
}

statement! {
    /// Chooses, and tells of it.
    Choose<'a> {
        settings: &'a Value => Jsonb,
        tenant: Uuid => SqlUuid,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (UPDATE tenants SET mail = $1 WHERE id = $2 RETURNING id) SELECT log_admin_action($3) FROM done"
}

impl TenantStore {
    /// What the tenant chose for its mails.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn mail_settings(&self) -> Result<MailSettings, StoreError> {
        let rows: Vec<Value> = self.store.read(Chosen { tenant: self.tenant.0, lifetime: PhantomData }).await?;
        rows.into_iter().next().map_or_else(|| Ok(MailSettings::default()), settings)
    }

    /// Chooses, and writes who did. Answers whether there is such a tenant.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn set_mail_settings(&self, settings: &MailSettings, action: &AdminAction) -> Result<bool, StoreError> {
        let settings = &serde_json::to_value(settings).map_err(StoreError::internal)?;
        let statement = Choose { settings, tenant: self.tenant.0, action: &action.to_json(), lifetime: PhantomData };
        let told: Vec<i64> = self.store.save(statement).await?;
        Ok(!told.is_empty())
    }
}

/// What is stored, read.
pub(super) fn settings(stored: Value) -> Result<MailSettings, StoreError> {
    serde_json::from_value(stored).map_err(StoreError::internal)
}
