//! Looking at tasks.

use std::marker::PhantomData;

use diesel::sql_types::{BigInt, Json, Nullable, Text, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::row::{Columns, OutcomeRow, TaskRow, columns, outcome, task};
use crate::model::{Task, TaskId, TaskRecord};
use crate::store::statement::statement;
use crate::store::{Store, StoreError, TenantStore};

/// Which records of a task are looked at, in the order of their places.
#[derive(Debug, Clone, Copy)]
pub struct RecordsPage {
    /// Behind this place.
    pub after: i64,
    /// Those that failed alone.
    pub only_failed: bool,
    /// At most so many.
    pub limit: i64,
}

/// What waits to be done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueDepth {
    /// Tasks whose turn has not come.
    pub queued: i64,
    /// Tasks that were begun.
    pub running: i64,
    /// The records of both that have no outcome.
    pub records: i64,
}

statement! {
    /// One task.
    Find<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
    } -> Columns,
    concat!("SELECT ", columns!(), " FROM tasks t WHERE t.tenant_id = $1 AND t.id = $2")
}

statement! {
    /// The task whose records' requests are made of that id.
    FindTransaction<'a> {
        tenant: Uuid => SqlUuid,
        txn: Uuid => SqlUuid,
    } -> Columns,
    concat!("SELECT ", columns!(), " FROM tasks t WHERE t.tenant_id = $1 AND t.txn = $2")
}

statement! {
    /// A tenant's tasks, the newest first.
    List<'a> {
        tenant: Uuid => SqlUuid,
        before: i64 => BigInt,
        limit: i64 => BigInt,
    } -> Columns,
    concat!("SELECT ", columns!(), " FROM tasks t WHERE t.tenant_id = $1 AND t.id < $2 ORDER BY t.id DESC LIMIT $3")
}

/// A record with its outcome.
type RecordColumns = (BigInt, Json, Nullable<Json>, (Nullable<Text>, Nullable<SqlUuid>, Nullable<Json>));

statement! {
    /// Records of a task with what they came to.
    Records<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        after: i64 => BigInt,
        limit: i64 => BigInt,
    } -> RecordColumns,
    "SELECT r.place, r.record, r.refused, o.outcome, o.resource_id, o.detail FROM task_records r \
        LEFT JOIN task_outcomes o ON o.tenant_id = r.tenant_id AND o.task_id = r.task_id AND o.place = r.place \
        WHERE r.tenant_id = $1 AND r.task_id = $2 AND r.place > $3 ORDER BY r.place LIMIT $4"
}

statement! {
    /// Those that failed.
    FailedRecords<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        after: i64 => BigInt,
        limit: i64 => BigInt,
    } -> RecordColumns,
    "SELECT r.place, r.record, r.refused, o.outcome, o.resource_id, o.detail FROM task_outcomes o \
        JOIN task_records r ON r.tenant_id = o.tenant_id AND r.task_id = o.task_id AND r.place = o.place \
        WHERE o.tenant_id = $1 AND o.task_id = $2 AND o.outcome = 'failed' AND o.place > $3 ORDER BY o.place LIMIT $4"
}

statement! {
    /// What waits.
    Depth<'a> {} -> (BigInt, BigInt, BigInt),
    "SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'running'), \
        coalesce(sum(total - inserted - updated - unchanged - failed), 0)::bigint \
        FROM tasks WHERE state IN ('queued', 'running')"
}

impl TenantStore {
    /// The task of that number.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        let rows: Vec<TaskRow> =
            self.store.read(Find { tenant: self.tenant.0, task: id.0, lifetime: PhantomData }).await?;
        rows.into_iter().next().map(task).transpose()
    }

    /// The task whose records' requests are made of that id.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn task_of_transaction(&self, txn: Uuid) -> Result<Option<Task>, StoreError> {
        let rows: Vec<TaskRow> =
            self.store.read(FindTransaction { tenant: self.tenant.0, txn, lifetime: PhantomData }).await?;
        rows.into_iter().next().map(task).transpose()
    }

    /// The tasks before a number, the newest first.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn tasks_page(&self, before: Option<TaskId>, limit: i64) -> Result<Vec<Task>, StoreError> {
        let before = before.map_or(i64::MAX, |task| task.0);
        let rows: Vec<TaskRow> =
            self.store.read(List { tenant: self.tenant.0, before, limit, lifetime: PhantomData }).await?;
        rows.into_iter().map(task).collect()
    }

    /// Records of a task with what they came to.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn task_records(&self, id: TaskId, page: RecordsPage) -> Result<Vec<TaskRecord>, StoreError> {
        let (tenant, task, RecordsPage { after, only_failed, limit }) = (self.tenant.0, id.0, page);
        let lifetime = PhantomData;
        let rows: Vec<(i64, Value, Option<Value>, OutcomeRow)> = if only_failed {
            self.store.search(FailedRecords { tenant, task, after, limit, lifetime }).await?
        } else {
            self.store.search(Records { tenant, task, after, limit, lifetime }).await?
        };
        let record = |(place, record, refused, row)| Ok(TaskRecord { place, record, refused, outcome: outcome(row)? });
        rows.into_iter().map(record).collect()
    }
}

impl Store {
    /// What waits to be done, of all tenants.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn queue_depth(&self) -> Result<QueueDepth, StoreError> {
        let rows: Vec<(i64, i64, i64)> = self.read(Depth { lifetime: PhantomData }).await?;
        let depth = |(queued, running, records)| QueueDepth { queued, running, records };
        Ok(rows.into_iter().next().map_or_else(QueueDepth::default, depth))
    }
}
