//! Making, filling, starting and ending tasks.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::row::{asked_by_json, mode_name};
use crate::model::{AdminAction, NewTask, TaskId, TaskRecord};
use crate::store::statement::statement;
use crate::store::{StoreError, TenantStore};

statement! {
    /// Makes a task, which goes by itself if it is never started.
    Insert<'a> {
        tenant: Uuid => SqlUuid,
        kind: &'a str => Text,
        mode: Option<&'a str> => Nullable<Text>,
        dry_run: bool => Bool,
        txn: Uuid => SqlUuid,
        asked_by: &'a Value => Json,
        retry_of: Option<i64> => Nullable<BigInt>,
        created_at: DateTime<Utc> => Timestamptz,
    } -> BigInt,
    "INSERT INTO tasks (tenant_id, kind, state, mode, dry_run, txn, asked_by, retry_of, created_at, expires_at) \
        VALUES ($1, $2, 'draft', $3, $4, $5, $6, $7, $8, $8 + interval '1 day') RETURNING id"
}

statement! {
    /// Puts records into a draft. Answers how many came; null if there is no such draft.
    Append<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        places: &'a [i64] => Array<BigInt>,
        records: &'a [String] => Array<Text>,
        refused: &'a [Option<String>] => Array<Nullable<Text>>,
    } -> Nullable<BigInt>,
    "SELECT append_task_records($1, $2, $3, $4, $5)"
}

statement! {
    /// Puts some failed records of a task into a draft. Answers the last place and how many there were.
    CopyFailed<'a> {
        tenant: Uuid => SqlUuid,
        from: i64 => BigInt,
        after: i64 => BigInt,
        limit: i64 => BigInt,
        to: i64 => BigInt,
    } -> (Nullable<BigInt>, BigInt),
    "WITH failed AS (SELECT r.place, r.record, r.refused FROM task_outcomes o \
            JOIN task_records r ON r.tenant_id = o.tenant_id AND r.task_id = o.task_id AND r.place = o.place \
            WHERE o.tenant_id = $1 AND o.task_id = $2 AND o.outcome = 'failed' AND o.place > $3 ORDER BY o.place LIMIT $4), \
        came AS (INSERT INTO task_records (tenant_id, task_id, place, record) \
            SELECT $1, $5, f.place, f.record FROM failed f WHERE f.refused IS NULL ON CONFLICT DO NOTHING RETURNING 1), \
        counted AS (UPDATE tasks SET total = total + (SELECT count(*) FROM came) \
            WHERE tenant_id = $1 AND id = $5 AND state = 'draft' RETURNING 1) \
        SELECT max(f.place), count(*) FROM failed f"
}

statement! {
    /// Puts a draft into the queue and tells of it.
    Start<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (UPDATE tasks SET state = 'queued', turn = nextval('task_turns'), expires_at = 'infinity' \
        WHERE tenant_id = $1 AND id = $2 AND state = 'draft' RETURNING id) SELECT log_admin_action($3) FROM done"
}

statement! {
    /// Ends a task that nobody has begun; asks who works on it to end it otherwise. Tells of it.
    Cancel<'a> {
        at: DateTime<Utc> => Timestamptz,
        expires_at: DateTime<Utc> => Timestamptz,
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (UPDATE tasks SET cancel_asked_at = $1, \
            state = CASE WHEN state = 'running' THEN state ELSE 'cancelled' END, \
            completed_at = CASE WHEN state = 'running' THEN NULL ELSE $1 END, \
            expires_at = CASE WHEN state = 'running' THEN expires_at ELSE $2 END \
        WHERE tenant_id = $3 AND id = $4 AND state IN ('draft', 'queued', 'running') AND cancel_asked_at IS NULL RETURNING id) \
        SELECT log_admin_action($5) FROM done"
}

impl TenantStore {
    /// Makes a task without records.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn create_task(&self, new: &NewTask, txn: Uuid, now: DateTime<Utc>) -> Result<TaskId, StoreError> {
        let statement = Insert {
            tenant: self.tenant.0,
            kind: new.kind.as_str(),
            mode: new.mode.map(mode_name),
            dry_run: new.dry_run,
            txn,
            asked_by: &asked_by_json(&new.by),
            retry_of: new.retry_of.map(|task| task.0),
            created_at: now,
            lifetime: PhantomData,
        };
        let rows: Vec<i64> = self.store.save(statement).await?;
        rows.into_iter().next().map(TaskId).ok_or_else(|| StoreError::internal("a task that was made has no number"))
    }

    /// Puts records into a draft; places that are taken already stay as they are. Answers whether there is such a draft.
    ///
    /// # Errors
    /// That the database is away or at fault; then the same records may be put in again.
    pub async fn append_task_records(&self, task: TaskId, records: &[TaskRecord]) -> Result<bool, StoreError> {
        let places: Vec<i64> = records.iter().map(|record| record.place).collect();
        let texts: Vec<String> = records.iter().map(|record| record.record.to_string()).collect();
        let refused: Vec<Option<String>> =
            records.iter().map(|record| record.refused.as_ref().map(Value::to_string)).collect();
        let statement = Append {
            tenant: self.tenant.0,
            task: task.0,
            places: &places,
            records: &texts,
            refused: &refused,
            lifetime: PhantomData,
        };
        let rows: Vec<Option<i64>> = self.store.save(statement).await?;
        Ok(rows.first().is_some_and(Option::is_some))
    }

    /// Puts the failed records of a task behind a place into a draft, at most `limit` of them. Answers the place of the last of
    /// them, or `None` if there are no further ones.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn copy_failed_records(
        &self,
        from: TaskId,
        to: TaskId,
        after: i64,
        limit: i64,
    ) -> Result<Option<i64>, StoreError> {
        let statement =
            CopyFailed { tenant: self.tenant.0, from: from.0, after, limit, to: to.0, lifetime: PhantomData };
        let rows: Vec<(Option<i64>, i64)> = self.store.save(statement).await?;
        Ok(rows.into_iter().next().and_then(|(last, count)| last.filter(|_| count == limit)))
    }

    /// Puts a draft into the queue. Answers whether there was such a draft.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn start_task(&self, task: TaskId, action: &AdminAction) -> Result<bool, StoreError> {
        let (tenant, task, action) = (self.tenant.0, task.0, &action.to_json());
        let rows: Vec<i64> = self.store.save(Start { tenant, task, action, lifetime: PhantomData }).await?;
        Ok(!rows.is_empty())
    }

    /// Ends a task, or asks for its end if it is being worked on; what is known of it is kept until `expires_at`. Answers whether
    /// there was one to end.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn cancel_task(
        &self,
        task: TaskId,
        expires_at: DateTime<Utc>,
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let (tenant, task, at) = (self.tenant.0, task.0, action.at);
        let statement = Cancel { at, expires_at, tenant, task, action: &action.to_json(), lifetime: PhantomData };
        let rows: Vec<i64> = self.store.save(statement).await?;
        Ok(!rows.is_empty())
    }
}
