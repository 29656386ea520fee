//! A task and its users, as they are told.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::{OutcomeKind, Task, TaskOutcome, TaskRecord, TaskState};

/// A task.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskView {
    task_id: i64,
    /// The short name of the tenant
    tenant_id: String,
    #[serde(rename = "type")]
    #[schema(pattern = "^(bulk_user_import|scim_bulk)$")]
    kind: &'static str,
    #[schema(pattern = "^(draft|queued|running|done|failed|cancelled)$")]
    state: &'static str,
    created_at: String,
    /// When somebody was last at work on it
    last_checked_in_at: Option<String>,
    completed_at: Option<String>,
    /// Whether every record came to something; null as long as that is not known
    success: Option<bool>,
    /// Why it did not succeed
    error_msg: Option<String>,
    /// Whether nothing is written
    dry_run: bool,
    /// Who asked for it
    asked_by: String,
    /// The task whose failed records it tries again
    retry_of: Option<i64>,
    progress: Progress,
}

/// How many records came to what.
#[derive(Serialize, ToSchema)]
struct Progress {
    /// All records
    total: i64,
    /// Those that have an outcome
    done: i64,
    inserted: i64,
    updated: i64,
    unchanged: i64,
    failed: i64,
}

/// What became of one user.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserOutcome {
    email: Option<String>,
    employee_id: Option<String>,
    task_id: i64,
    first_name: Option<String>,
    last_name: Option<String>,
    /// Null as long as it is not known
    success: Option<bool>,
    error_msg: Option<String>,
    /// The kind of failure, for programs; the list of kinds is closed
    code: Option<String>,
    /// The field that is at fault, if one is
    field: Option<String>,
    /// inserted, updated, unchanged or failed
    #[schema(pattern = "^(inserted|updated|unchanged|failed)$")]
    outcome: Option<&'static str>,
    /// The user's id
    user_id: Option<Uuid>,
    /// Where the record stands, from 1; in a file the row
    place: i64,
}

impl TaskView {
    /// A task of the tenant of that name.
    pub fn of(slug: &str, task: &Task) -> Self {
        let counts = task.counts;
        let is_over = task.state.is_over();
        Self {
            task_id: task.id.0,
            tenant_id: slug.to_owned(),
            kind: task.kind.as_str(),
            state: task.state.as_str(),
            created_at: instant(task.created_at),
            last_checked_in_at: task.last_checked_in_at.map(instant),
            completed_at: task.completed_at.map(instant),
            success: is_over.then_some(task.state == TaskState::Done && counts.failed == 0),
            error_msg: error(task).filter(|_| is_over),
            dry_run: task.dry_run,
            asked_by: task.by.actor.name().to_owned(),
            retry_of: task.retry_of.map(|task| task.0),
            progress: Progress {
                total: counts.total,
                done: counts.settled(),
                inserted: counts.inserted,
                updated: counts.updated,
                unchanged: counts.unchanged,
                failed: counts.failed,
            },
        }
    }
}

fn error(task: &Task) -> Option<String> {
    let counts = task.counts;
    match (task.state, &task.error) {
        (_, Some(error)) => Some(error.clone()),
        (TaskState::Cancelled, None) => {
            Some(format!("the task was cancelled after {} of {} records", counts.settled(), counts.total))
        }
        _ if counts.failed > 0 => {
            Some(format!("{} of {} records failed; each of them tells why", counts.failed, counts.total))
        }
        _ => None,
    }
}

impl UserOutcome {
    /// What became of a record.
    pub fn of(task: &Task, record: &TaskRecord) -> Self {
        let text = |name: &str| record.record[name].as_str().map(str::to_owned);
        let outcome = record.outcome.as_ref();
        let failure = outcome.filter(|outcome| outcome.kind == OutcomeKind::Failed);
        let told = |name: &str| failure?.detail.as_ref()?[name].as_str().map(str::to_owned);
        Self {
            email: text("email"),
            employee_id: text("employeeId"),
            task_id: task.id.0,
            first_name: text("firstName"),
            last_name: text("lastName"),
            success: outcome.map(|outcome| outcome.kind != OutcomeKind::Failed),
            error_msg: told("message").or_else(|| bulk_error(failure?)),
            code: told("code"),
            field: told("field"),
            outcome: outcome.map(|outcome| outcome.kind.as_str()),
            user_id: outcome.and_then(|outcome| Some(outcome.resource?.0)),
            place: record.place,
        }
    }
}

/// What an operation of a bulk request failed of.
fn bulk_error(failure: &TaskOutcome) -> Option<String> {
    failure.detail.as_ref()?["response"]["detail"].as_str().map(str::to_owned)
}

/// An instant with its microseconds (RFC 3339).
pub fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}
