//! When credentials were last used.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::statement::statement;
use super::{StoreError, TenantStore};
use crate::model::CredentialId;

statement! {
    /// The last uses of a tenant's credentials.
    LastUses<'a> {
        tenant: Uuid => SqlUuid,
    } -> (SqlUuid, Timestamptz, Nullable<Text>, Nullable<Timestamptz>, Nullable<Timestamptz>),
    "SELECT credential_id, last_used_at, last_address, last_success_at, last_failure_at FROM credential_uses \
        WHERE tenant_id = $1"
}

/// When a credential was last used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastUse {
    /// The credential.
    pub credential: CredentialId,
    /// When.
    pub at: DateTime<Utc>,
    /// From where, if that is known.
    pub address: Option<String>,
    /// When a request of it last succeeded.
    pub succeeded_at: Option<DateTime<Utc>>,
    /// When a request of it last failed.
    pub failed_at: Option<DateTime<Utc>>,
}

impl TenantStore {
    /// The last use of each of the tenant's credentials that was ever used.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn last_uses(&self) -> Result<Vec<LastUse>, StoreError> {
        type Row = (Uuid, DateTime<Utc>, Option<String>, Option<DateTime<Utc>>, Option<DateTime<Utc>>);
        let rows: Vec<Row> = self.store.read(LastUses { tenant: self.tenant.0, lifetime: PhantomData }).await?;
        let last = |(credential, at, address, succeeded_at, failed_at): Row| LastUse {
            credential: CredentialId(credential),
            at,
            address,
            succeeded_at,
            failed_at,
        };
        Ok(rows.into_iter().map(last).collect())
    }
}
