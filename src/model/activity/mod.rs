//! The activity log as people read it: who changed what, and when. One list of three sources: changes of resources, acts of
//! administration with sign-ins, and provisioning requests that failed.

mod cursor;
mod export;
mod filter;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{AttributeChange, ConnectionId, RequestId};
use crate::scim::explain::Note;

pub use cursor::{ActivityCursor, NotACursor};
pub use export::{CSV_HEADINGS, csv_row, harmless as harmless_cell};
pub use filter::{ActionName, ActivityFilter, NotATerm, Term, parse_instant};

/// Which source an entry is from. In the order in which entries of the same instant are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A change of a resource.
    Change,
    /// What an administrator did, or a sign-in.
    Administration,
    /// A provisioning request that failed.
    Request,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Change, Self::Administration, Self::Request];

    /// The name as it is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Administration => "administration",
            Self::Request => "request",
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| format!("\"{text}\" is no kind of activity; choose change, administration or request"))
    }
}

/// Whether what was tried was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was refused, or failed.
    Failure,
}

impl Outcome {
    /// The name as it is stored and printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

impl std::str::FromStr for Outcome {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "success" => Ok(Self::Success),
            "failure" => Ok(Self::Failure),
            other => Err(format!("\"{other}\" is no outcome; choose success or failure")),
        }
    }
}

/// Who did it, as it was called then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct By {
    /// `credential`, `admin`, `command line` or `system`.
    pub kind: String,
    /// The credential's or administrator's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The name for people.
    pub name: String,
}

/// The connection that a credential belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ThroughConnection {
    /// Its id.
    pub id: ConnectionId,
    /// Its name as it is now.
    pub name: String,
}

/// What it was done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Target {
    /// The resource type (`User`), or the kind of thing that administration is about (`token`).
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name for people, as it was then.
    pub name: String,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its source.
    pub kind: Kind,
    /// Its place in its source.
    pub position: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What was done: `create`, `update`, `deactivate`, `reactivate`, `delete`; of failed requests also `read` and `bulk`; of
    /// administration `noun.verb`.
    pub action: String,
    /// Whether it was done.
    pub outcome: Outcome,
    /// By whom.
    pub actor: By,
    /// Through which connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<ThroughConnection>,
    /// To what.
    pub target: Target,
    /// The request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
    /// The client's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What only its source tells.
    #[serde(flatten)]
    pub told: Told,
}

/// What only one of the sources tells.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Told {
    /// Of a change.
    Change {
        /// The resource's version after it.
        version: i64,
        /// The version that it brought back, if it was a restoration.
        #[serde(skip_serializing_if = "Option::is_none")]
        restored: Option<i64>,
        /// What changed; sensitive values are absent.
        attributes: Vec<AttributeChange>,
        /// What of the request was read otherwise than it was sent, or left out.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        notes: Vec<Note>,
    },
    /// Of an act of administration.
    Administration {
        /// More about it.
        details: Value,
    },
    /// Of a failed request.
    Request {
        /// The HTTP method.
        method: String,
        /// The path, and what may be told of the query.
        path: String,
        /// The status that was answered, or that of the first operation of a bulk request that failed.
        status: u16,
        /// The keyword of RFC 7644, section 3.12.
        #[serde(skip_serializing_if = "Option::is_none")]
        scim_type: Option<String>,
        /// The text that was sent to the client.
        detail: String,
        /// How long it took.
        duration_ms: f64,
        /// How many failed requests of the tenant since the one before were not written.
        left_out: i64,
    },
}

/// Some entries, the newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityPage {
    /// The entries. May be fewer than asked for, or none, although more follow: a page looks at a bounded part of the log.
    pub entries: Vec<Entry>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<ActivityCursor>,
}
