//! How many changes a tenant saw on each day.

use std::marker::PhantomData;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Date, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::statement::statement;
use super::{StoreError, TenantStore};
use crate::model::Action;

statement! {
    /// Changes by day and action, days in UTC.
    DailyChanges<'a> {
        tenant: Uuid => SqlUuid,
        from: DateTime<Utc> => Timestamptz,
    } -> (Date, Text, BigInt),
    "SELECT (at AT TIME ZONE 'UTC')::date AS day, action, count(*) FROM changes WHERE tenant_id = $1 AND at >= $2 \
        GROUP BY 1, 2"
}

/// The changes of one action on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyCount {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// The action.
    pub action: Action,
    /// How many.
    pub count: u64,
}

impl TenantStore {
    /// The changes since `from`, counted by day and action, in no order. Days and actions without one are left out.
    ///
    /// # Errors
    /// That the database is away or at fault, or that there are more changes than can be counted in a few seconds.
    pub async fn daily_changes(&self, from: DateTime<Utc>) -> Result<Vec<DailyCount>, StoreError> {
        let statement = DailyChanges { tenant: self.tenant.0, from, lifetime: PhantomData };
        let rows: Vec<(NaiveDate, String, i64)> = self.store.search(statement).await?;
        let count = |(day, action, count): (NaiveDate, String, i64)| {
            let action = action.parse().map_err(|error: String| StoreError::internal(error))?;
            Ok(DailyCount { day, action, count: count.unsigned_abs() })
        };
        rows.into_iter().map(count).collect()
    }
}
