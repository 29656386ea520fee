//! Tasks: work on many records that is done in the background, and what becomes of each of them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::{Actor, Caller, ConnectionId, Origin, RecordFailure, RecordMode, RequestId, ResourceId, Scopes, TenantId};

/// A task. Numbers are given once in an installation, and no tenant sees those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub i64);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TaskId {
    type Err = NotATaskId;

    /// Takes a number as it is printed: from 1 on, without a sign or zeros in front.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id: i64 = text.parse().map_err(|_| NotATaskId)?;
        if id > 0 && id.to_string() == text { Ok(Self(id)) } else { Err(NotATaskId) }
    }
}

/// The text is not the number of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a task's id is a whole number from 1 on")]
pub struct NotATaskId;

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$of])* $variant),+
        }

        impl $name {
            /// The name as it is stored and printed.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let all = [$(Self::$variant),+];
                let found = all.into_iter().find(|name| name.as_str() == text);
                found.ok_or_else(|| format!("{text:?} is none of {}", all.map(Self::as_str).join(", ")))
            }
        }
    };
}

names! {
    /// What a task works on.
    TaskKind {
        /// Records of people, from the provisioning API or a file.
        BulkUserImport "bulk_user_import",
        /// The operations of a bulk request of SCIM (RFC 9967, section 2.5.1.2).
        ScimBulk "scim_bulk",
    }
}

names! {
    /// How far a task has come.
    TaskState {
        /// Records are still being put into it.
        Draft "draft",
        /// It waits for its turn.
        Queued "queued",
        /// It is being worked on.
        Running "running",
        /// Every record has an outcome, be it a failure.
        Done "done",
        /// It ended before every record had one.
        Failed "failed",
        /// Somebody ended it.
        Cancelled "cancelled",
    }
}

impl TaskState {
    /// Whether it will never change again.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// How many records came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskCounts {
    /// All records.
    pub total: i64,
    /// Users that were created.
    pub inserted: i64,
    /// Those that changed.
    pub updated: i64,
    /// Those that were so already.
    pub unchanged: i64,
    /// Records that came to nothing.
    pub failed: i64,
}

impl TaskCounts {
    /// How many records have an outcome.
    pub fn settled(&self) -> i64 {
        self.inserted + self.updated + self.unchanged + self.failed
    }
}

/// Who asked for a task, as it was then. What they may do is looked up again whenever the task is worked on; the scopes here are
/// those of the request, which may be fewer than the credential's.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedBy {
    /// Who.
    pub actor: Actor,
    /// What the request was allowed to do; nothing is asked of administrators and of the command line.
    pub scopes: Scopes,
    /// The connection of the credential.
    pub connection: Option<ConnectionId>,
    /// The request.
    pub request: Option<RequestId>,
    /// From where.
    pub address: Option<IpAddr>,
}

impl From<&Caller> for AskedBy {
    fn from(caller: &Caller) -> Self {
        Self {
            actor: Actor::Credential { id: caller.credential.0, name: caller.label.to_string() },
            scopes: caller.scopes,
            connection: caller.connection,
            request: Some(caller.request),
            address: caller.address,
        }
    }
}

impl From<&Origin> for AskedBy {
    fn from(origin: &Origin) -> Self {
        Self {
            actor: origin.actor.clone(),
            scopes: Scopes::NONE,
            connection: None,
            request: origin.request,
            address: origin.address,
        }
    }
}

impl AskedBy {
    /// The same, as what is told of administrative acts.
    pub fn origin(&self) -> Origin {
        Origin { actor: self.actor.clone(), request: self.request, address: self.address }
    }
}

/// A task to be made.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// What it works on.
    pub kind: TaskKind,
    /// What is to become of records, of kinds that have such a choice.
    pub mode: Option<RecordMode>,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// Who asks.
    pub by: AskedBy,
    /// The task whose failed records these are.
    pub retry_of: Option<TaskId>,
}

impl NewTask {
    /// A task that provisions records.
    pub fn of_records(mode: RecordMode, dry_run: bool, by: impl Into<AskedBy>) -> Self {
        Self { kind: TaskKind::BulkUserImport, mode: Some(mode), dry_run, by: by.into(), retry_of: None }
    }

    /// A task that carries out a bulk request of SCIM.
    pub fn of_bulk(by: impl Into<AskedBy>) -> Self {
        Self { kind: TaskKind::ScimBulk, mode: None, dry_run: false, by: by.into(), retry_of: None }
    }
}

/// A task.
#[derive(Debug, Clone)]
pub struct Task {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its number.
    pub id: TaskId,
    /// What it works on.
    pub kind: TaskKind,
    /// How far it has come.
    pub state: TaskState,
    /// What is to become of its records.
    pub mode: Option<RecordMode>,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// What the ids of its records' requests are made of.
    pub txn: Uuid,
    /// Who asked.
    pub by: AskedBy,
    /// The task whose failed records these are.
    pub retry_of: Option<TaskId>,
    /// How many records came to what.
    pub counts: TaskCounts,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When somebody was last at work on it.
    pub last_checked_in_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub completed_at: Option<DateTime<Utc>>,
    /// Whether somebody asked for its end.
    pub is_to_end: bool,
    /// Why it failed as a whole.
    pub error: Option<String>,
}

names! {
    /// What a record of a task came to.
    OutcomeKind {
        /// Something was created.
        Inserted "inserted",
        /// Something was changed.
        Updated "updated",
        /// Everything was so already.
        Unchanged "unchanged",
        /// Nothing was written.
        Failed "failed",
    }
}

/// The outcome of one record.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskOutcome {
    /// What it came to.
    pub kind: OutcomeKind,
    /// The resource it is about.
    pub resource: Option<ResourceId>,
    /// Why it failed, or what else there is to tell.
    pub detail: Option<Value>,
}

impl TaskOutcome {
    /// A failure.
    pub fn failed(failure: &RecordFailure) -> Self {
        // A failure is made of strings, which is always JSON.
        Self { kind: OutcomeKind::Failed, resource: None, detail: serde_json::to_value(failure).ok() }
    }

    /// The failure, if it is one of a record.
    pub fn failure(&self) -> Option<RecordFailure> {
        let detail = self.detail.clone().filter(|_| self.kind == OutcomeKind::Failed)?;
        serde_json::from_value(detail).ok()
    }
}

/// A record as a task keeps it.
#[derive(Debug, Clone)]
pub struct TaskRecord {
    /// Its place in the task: ascending, not always without gaps.
    pub place: i64,
    /// The record as JSON.
    pub record: Value,
    /// Why it was refused before it was tried.
    pub refused: Option<Value>,
    /// What it came to; `None` as long as that is not known.
    pub outcome: Option<TaskOutcome>,
}

/// The request that a task's record is carried out as: always the same one, so that the change stream tells afterwards whether a
/// record was carried out, whatever became of the one who did.
pub fn record_request(txn: Uuid, place: i64) -> RequestId {
    let digest = Sha256::new().chain_update(txn.as_bytes()).chain_update(place.to_be_bytes()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    RequestId(Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_named_by_its_number_as_it_is_printed() {
        assert_eq!("85".parse(), Ok(TaskId(85)));
        for wrong in ["", "0", "-1", "+1", "01", "1.0", "x", "9223372036854775808"] {
            assert_eq!(wrong.parse::<TaskId>(), Err(NotATaskId), "{wrong}");
        }
    }

    #[test]
    fn each_record_is_a_request_of_its_own_and_stays_the_same() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(record_request(one, 7), record_request(one, 7));
        assert_ne!(record_request(one, 7), record_request(one, 8));
        assert_ne!(record_request(one, 7), record_request(other, 7));
        assert_eq!(record_request(one, 7).0.get_version_num(), 8);
    }

    #[test]
    fn names_come_back_from_their_text() {
        for state in ["draft", "queued", "running", "done", "failed", "cancelled"] {
            assert_eq!(state.parse::<TaskState>().unwrap().as_str(), state);
        }
        assert_eq!("bulk_user_import".parse::<TaskKind>(), Ok(TaskKind::BulkUserImport));
        assert_eq!("x".parse::<TaskKind>().unwrap_err(), "\"x\" is none of bulk_user_import, scim_bulk");
    }
}
