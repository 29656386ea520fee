//! Forgetting tasks whose time is over, some records at a time.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::model::{TaskId, TenantId};
use crate::store::statement::statement;
use crate::store::{Store, StoreError};

statement! {
    /// Some tasks whose time is over.
    Expired<'a> {
        now: DateTime<Utc> => Timestamptz,
        limit: i64 => BigInt,
    } -> (SqlUuid, BigInt),
    "SELECT tenant_id, id FROM tasks WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2"
}

statement! {
    /// Removes some records of a task with their outcomes. Answers how many rows went.
    ForgetRecords<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        limit: i64 => BigInt,
    } -> BigInt,
    "WITH outcomes AS (DELETE FROM task_outcomes WHERE ctid = ANY (ARRAY( \
            SELECT ctid FROM task_outcomes WHERE tenant_id = $1 AND task_id = $2 LIMIT $3)) RETURNING 1), \
        records AS (DELETE FROM task_records WHERE ctid = ANY (ARRAY( \
            SELECT ctid FROM task_records WHERE tenant_id = $1 AND task_id = $2 LIMIT $3)) RETURNING 1) \
        SELECT (SELECT count(*) FROM outcomes) + (SELECT count(*) FROM records)"
}

statement! {
    /// Removes a task whose time is over and that has no records.
    Forget<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        now: DateTime<Utc> => Timestamptz,
    } -> BigInt,
    "DELETE FROM tasks WHERE tenant_id = $1 AND id = $2 AND expires_at <= $3 RETURNING id"
}

impl Store {
    /// Some tasks whose time is over: those that ended long ago, and drafts that nobody started.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn expired_tasks(&self, now: DateTime<Utc>, limit: i64) -> Result<Vec<(TenantId, TaskId)>, StoreError> {
        let rows: Vec<(Uuid, i64)> = self.search(Expired { now, limit, lifetime: PhantomData }).await?;
        Ok(rows.into_iter().map(|(tenant, task)| (TenantId(tenant), TaskId(task))).collect())
    }

    /// Removes some records of a task whose time is over, and the task once it has none. Answers whether it is gone.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn forget_task(
        &self,
        (tenant, task): (TenantId, TaskId),
        limit: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (tenant, task, lifetime) = (tenant.0, task.0, PhantomData);
        let gone: Vec<i64> = self.save(ForgetRecords { tenant, task, limit, lifetime }).await?;
        if gone.first().is_some_and(|gone| *gone > 0) {
            return Ok(false);
        }
        let _: Vec<i64> = self.save(Forget { tenant, task, now, lifetime }).await?;
        Ok(true)
    }
}
