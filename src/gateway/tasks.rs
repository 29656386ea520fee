//! Making, ending and repeating tasks: work on many records that is done in the background. How they are worked on is known to
//! the runner alone.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::{NoContext, Timestamp, Uuid};

use super::Gateway;
use crate::auth::SealError;
use crate::model::{
    AdminAction, AskedBy, NewTask, Origin, Record, RecordCode, RecordFailure, Task, TaskId, TaskKind, TaskRecord,
    TaskState, TenantId,
};
use crate::store::StoreError;

/// How long a task that ended is kept with its records: bulk requests as long as their outcomes can be asked for.
pub const fn kept_for(kind: TaskKind) -> TimeDelta {
    match kind {
        TaskKind::BulkUserImport => TimeDelta::days(30),
        TaskKind::ScimBulk => TimeDelta::days(7),
    }
}

/// How many records are written with one statement, and about how many bytes they have together.
const BATCH: usize = 1_000;
const BATCH_BYTES: usize = 1 << 20;

/// Why a task was not made, ended or repeated.
#[derive(Debug, thiserror::Error)]
pub enum TasksError {
    /// The tenant has none of that number.
    #[error("there is no task {0}")]
    NotFound(TaskId),
    /// Records can be put into it no more.
    #[error("the task {0} was started or ended already; make a new one")]
    NotADraft(TaskId),
    /// It has ended.
    #[error("the task {0} is {state} already; there is nothing to cancel", state = .1.as_str())]
    Over(TaskId, TaskState),
    /// It goes on.
    #[error("the task {0} is {state}; its failed records can be repeated once it has ended", state = .1.as_str())]
    NotOver(TaskId, TaskState),
    /// There is nothing to repeat.
    #[error("no record of the task {0} failed in a way that trying again could mend")]
    NothingFailed(TaskId),
    /// Its records are not kept.
    #[error("the task {0} is a bulk request, whose operations are not kept; send those again that failed")]
    NotKept(TaskId),
    /// What waits could not be sealed.
    #[error("no secret key is configured; set --secret-key-file or SCIMGATE_SECRET_KEY")]
    NoSecretKey,
    /// What waits could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Gateway {
    /// Makes a task, to be filled and then started. One that is not started within a day is forgotten.
    ///
    /// # Errors
    /// [`TasksError::Store`]
    pub async fn create_task(&self, tenant: TenantId, new: &NewTask) -> Result<TaskId, TasksError> {
        let now = self.clock.now();
        Ok(self.store.tenant(tenant).create_task(new, transaction(now), now).await?)
    }

    /// Puts records into a task that was not started yet, the first at `first_place`. Places count from 1, and those of later
    /// calls are higher; they need not be without gaps. What is there already stays, so a call whose outcome is not known can
    /// be made again.
    ///
    /// # Errors
    /// [`TasksError::NotADraft`], or that the database is away or at fault.
    pub async fn append_task_records(
        &self,
        tenant: TenantId,
        task: TaskId,
        first_place: i64,
        records: &[Record],
    ) -> Result<(), TasksError> {
        let records: Vec<TaskRecord> =
            (first_place..).zip(records).map(|(place, record)| kept(place, record)).collect();
        self.append_task_entries(tenant, task, &records).await
    }

    /// As [`Gateway::append_task_records`], of records that each know their place.
    ///
    /// # Errors
    /// As there.
    pub async fn append_task_records_at(
        &self,
        tenant: TenantId,
        task: TaskId,
        records: &[(i64, Record)],
    ) -> Result<(), TasksError> {
        let records: Vec<TaskRecord> = records.iter().map(|(place, record)| kept(*place, record)).collect();
        self.append_task_entries(tenant, task, &records).await
    }

    /// Puts whatever the task works on into it.
    ///
    /// # Errors
    /// As [`Gateway::append_task_records`].
    pub async fn append_task_entries(
        &self,
        tenant: TenantId,
        task: TaskId,
        entries: &[TaskRecord],
    ) -> Result<(), TasksError> {
        let mut rest = entries;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = |entry: &&TaskRecord| {
                bytes += size(&entry.record);
                bytes <= BATCH_BYTES
            };
            let (batch, after) = rest.split_at(rest.iter().take(BATCH).take_while(fits).count().max(1));
            if !self.store.tenant(tenant).append_task_records(task, batch).await? {
                return Err(TasksError::NotADraft(task));
            }
            rest = after;
        }
        Ok(())
    }

    /// Starts a task: its turn comes when the tenant's tasks before it have ended.
    ///
    /// # Errors
    /// [`TasksError::NotFound`], [`TasksError::NotADraft`], or that the database is away or at fault.
    pub async fn start_task(&self, tenant: TenantId, id: TaskId) -> Result<Task, TasksError> {
        let task = self.existing_task(tenant, id).await?;
        let details = json!({
            "records": task.counts.total,
            "mode": task.mode,
            "dryRun": task.dry_run,
            "retryOf": task.retry_of,
        });
        let action = self.told_of_task(&task, "task.start", &task.by.origin(), details);
        if !self.store.tenant(tenant).start_task(id, &action).await? {
            return Err(TasksError::NotADraft(id));
        }
        self.existing_task(tenant, id).await
    }

    /// Ends a task. Records that are being worked on are finished; what was written stays.
    ///
    /// # Errors
    /// [`TasksError::NotFound`], [`TasksError::Over`], or that the database is away or at fault.
    pub async fn cancel_task(&self, tenant: TenantId, id: TaskId, origin: &Origin) -> Result<Task, TasksError> {
        let task = self.existing_task(tenant, id).await?;
        if task.state.is_over() {
            return Err(TasksError::Over(id, task.state));
        }
        let action = self.told_of_task(&task, "task.cancel", origin, json!({ "settled": task.counts.settled() }));
        let expires_at = action.at + kept_for(task.kind);
        let cancelled = self.store.tenant(tenant).cancel_task(id, expires_at, &action).await?;
        let task = self.existing_task(tenant, id).await?;
        if task.state.is_over() {
            self.clear_task_records(&task).await?;
        }
        // Asked for before, it is on its way to its end.
        if cancelled || task.is_to_end { Ok(task) } else { Err(TasksError::Over(id, task.state)) }
    }

    /// Makes and starts a task of the records that failed in another one, which stays as it is. The records keep their places.
    ///
    /// # Errors
    /// [`TasksError`]; then there is no new task, or one that is forgotten by itself.
    pub async fn retry_task(&self, tenant: TenantId, id: TaskId, by: impl Into<AskedBy>) -> Result<Task, TasksError> {
        let old = self.existing_task(tenant, id).await?;
        if !old.state.is_over() {
            return Err(TasksError::NotOver(id, old.state));
        }
        if old.kind == TaskKind::ScimBulk {
            return Err(TasksError::NotKept(id));
        }
        let new = NewTask { kind: old.kind, mode: old.mode, dry_run: old.dry_run, by: by.into(), retry_of: Some(id) };
        let made = self.create_task(tenant, &new).await?;
        let (store, limit) = (self.store.tenant(tenant), BATCH as i64);
        let mut after = 0;
        while let Some(last) = store.copy_failed_records(id, made, after, limit).await? {
            after = last;
        }
        if self.existing_task(tenant, made).await?.counts.total == 0 {
            return Err(TasksError::NothingFailed(id));
        }
        self.start_task(tenant, made).await
    }

    /// Removes from the records of a task what nobody needs any more once it is over: of people what its attributes tell, which a
    /// schema may call sensitive, but for records that failed and can be tried again; of bulk requests what the operations say.
    ///
    /// # Errors
    /// That the database is away or at fault; then it may be done again.
    pub async fn clear_task_records(&self, task: &Task) -> Result<(), StoreError> {
        let (member, keeps_failed) = match task.kind {
            TaskKind::BulkUserImport => ("attributes", true),
            TaskKind::ScimBulk => ("sealed", false),
        };
        let store = self.store.tenant(task.tenant);
        let mut after = i64::MIN;
        while let Some(last) = store.clear_task_records(task.id, (member, keeps_failed), after, BATCH as i64).await? {
            after = last;
        }
        Ok(())
    }

    pub(super) async fn existing_task(&self, tenant: TenantId, id: TaskId) -> Result<Task, TasksError> {
        self.store.tenant(tenant).task(id).await?.ok_or(TasksError::NotFound(id))
    }

    fn told_of_task(&self, task: &Task, action: &'static str, origin: &Origin, details: Value) -> AdminAction {
        AdminAction {
            tenant: Some(task.tenant),
            at: self.clock.now(),
            origin: origin.clone(),
            action,
            succeeded: true,
            target: ("task", Some(task.id.to_string()), task.kind.as_str().to_owned()),
            details,
        }
    }
}

/// A new transaction's id. Ordered by time, as all ids are.
fn transaction(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
}

/// A record as it is kept. A password is not: nothing that is kept tells one, and a task keeps its records for weeks.
pub(super) fn kept(place: i64, record: &Record) -> TaskRecord {
    let is_password = |path: &String| path.rsplit(':').next().is_some_and(|name| name.eq_ignore_ascii_case("password"));
    let Some(path) = record.attributes.keys().find(|path| is_password(path)) else {
        // A record is made of strings and JSON, which is always JSON.
        return TaskRecord { place, record: json!(record), refused: None, outcome: None };
    };
    let failure = RecordFailure {
        code: RecordCode::InvalidValue,
        message: "a password cannot wait in a task; leave it out, or send the record in a request of its own".into(),
        field: Some(format!("attributes.{path}")),
    };
    let mut record = record.clone();
    record.attributes.retain(|path, _| !is_password(path));
    TaskRecord { place, record: json!(record), refused: Some(json!(failure)), outcome: None }
}

/// About how many bytes a value has.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len() + 3,
        Value::Array(elements) => elements.iter().map(size).sum::<usize>() + 2,
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + 4 + size(value)).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(attributes: Value) -> Record {
        serde_json::from_value(json!({"email": "a@example.com", "attributes": attributes})).unwrap()
    }

    #[test]
    fn a_password_is_not_kept() {
        let user = "urn:ietf:params:scim:schemas:core:2.0:User";
        for path in ["password".to_owned(), "PassWord".to_owned(), format!("{user}:password")] {
            let entry = kept(7, &record(json!({ path.clone(): "Hunter2!", "title": "x" })));
            assert!(!format!("{entry:?}").contains("Hunter2!"), "{entry:?}");
            assert_eq!(entry.record["attributes"], json!({"title": "x"}));
            assert_eq!(entry.refused.unwrap()["field"], format!("attributes.{path}"));
        }
        assert_eq!(kept(7, &record(json!({"passwordHint": "x"}))).refused, None);
    }

    #[test]
    fn a_record_comes_back_as_it_was_put_in() {
        let before = record(json!({"urn:x:y:z": [1, {"a": null}]}));
        let entry = kept(3, &before);
        assert_eq!(serde_json::from_value::<Record>(entry.record).unwrap(), before);
    }
}
