//! Forgetting tasks whose time is over, some records at a time.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::model::{TaskId, TenantId};
use crate::store::statement::statement;
use crate::store::{Store, StoreError, TenantStore};

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

statement! {
    /// Takes a member out of some records of a task. Answers the last place and how many there were. A text that holds U+0000 cannot
    /// be looked into; such a record was refused.
    Clear<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        after: i64 => BigInt,
        limit: i64 => BigInt,
        member: &'a str => Text,
        keeps_failed: bool => Bool,
    } -> (Nullable<BigInt>, BigInt),
    "WITH batch AS (SELECT r.place FROM task_records r WHERE r.tenant_id = $1 AND r.task_id = $2 AND r.place > $3 \
            ORDER BY r.place LIMIT $4), \
        cleared AS (UPDATE task_records r SET record = (r.record::jsonb - $5)::json FROM batch b \
            WHERE r.tenant_id = $1 AND r.task_id = $2 AND r.place = b.place \
                AND CASE WHEN strpos(r.record::text, '\"' || $5 || '\"') = 0 OR strpos(r.record::text, '\\u0000') > 0 THEN false \
                    ELSE r.record::jsonb ? $5 END \
                AND NOT ($6 AND EXISTS (SELECT FROM task_outcomes o WHERE o.tenant_id = $1 AND o.task_id = $2 \
                    AND o.place = r.place AND o.outcome = 'failed'))) \
        SELECT max(b.place), count(*) FROM batch b"
}

impl TenantStore {
    /// Takes a member out of the records of a task behind a place, at most `limit` of them; if `keeps_failed` is told, out of those
    /// that did not fail. Answers the place of the last of them, or `None` if there are no further ones.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn clear_task_records(
        &self,
        task: TaskId,
        (member, keeps_failed): (&str, bool),
        after: i64,
        limit: i64,
    ) -> Result<Option<i64>, StoreError> {
        let (tenant, task, lifetime) = (self.tenant.0, task.0, PhantomData);
        let statement = Clear { tenant, task, after, limit, member, keeps_failed, lifetime };
        let rows: Vec<(Option<i64>, i64)> = self.store.save(statement).await?;
        Ok(rows.into_iter().next().and_then(|(last, count)| last.filter(|_| count == limit)))
    }
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
