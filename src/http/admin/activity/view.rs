//! Entries and explanations as answers show them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::gateway::{Explained, FailedPart};
use crate::model::{AttributeChange, Entry, Target, Told};
use crate::scim::explain::{Note, NoteKind};

/// One line of the activity log. What only some kinds tell is absent in the others.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActivityEntry {
    /// `change`, `administration` or `request`
    kind: &'static str,
    /// Its place in its source
    position: i64,
    at: DateTime<Utc>,
    /// What was done
    action: String,
    /// `success` or `failure`
    outcome: &'static str,
    actor: ActivityActor,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<ActivityConnection>,
    target: ActivityTarget,
    /// The request that did it
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Uuid>,
    /// The client's address
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// Of a change: the resource's version after it
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    /// Of a change: the version that it brought back
    #[serde(skip_serializing_if = "Option::is_none")]
    restored: Option<i64>,
    /// Of a change: what changed
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Vec<ChangedAttribute>>,
    /// Of a change: what of the request was read otherwise than it was sent, or left out
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<Vec<RequestNote>>,
    /// Of administration: more about it
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Value>,
    /// Of a request: the method
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// Of a request: the path, with what may be told of the query
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// Of a request: the status that was answered
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// Of a request: the keyword of RFC 7644, section 3.12
    #[serde(skip_serializing_if = "Option::is_none")]
    scim_type: Option<String>,
    /// Of a request: the text that was sent to the client
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Of a request: how long it took
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<f64>,
    /// Of a request: how many failed requests since the one before were not written
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<i64>,
}

/// Who did it, as it was called then.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ActivityActor {
    /// `credential`, `admin`, `command line` or `system`
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    name: String,
}

/// The connection that it came through.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityConnection {
    id: Uuid,
    name: String,
}

/// What it was done to.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ActivityTarget {
    /// The resource type, or the kind of thing that administration is about
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    name: String,
}

/// One attribute's old and new value; both are absent for what is never told, such as passwords.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangedAttribute {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<Value>,
}

/// What became of a request.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    request: Uuid,
    /// In a sentence or two
    summary: String,
    /// Why it failed, or a part of it did
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<FailedRequestView>,
    /// What became of its parts
    notes: Vec<RequestNote>,
    /// What it changed, in order
    changes: Vec<ActivityEntry>,
}

/// Why a request failed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FailedRequestView {
    at: DateTime<Utc>,
    /// The credential's name
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    method: String,
    path: String,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    scim_type: Option<String>,
    /// The text that was sent to the client
    detail: String,
    /// The rule behind it
    rule: String,
    /// The profile that the tenant had then
    profile: String,
    duration_ms: f64,
    /// The body, without passwords and shortened
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    /// What is to be known of the body, or why there is none
    #[serde(skip_serializing_if = "Option::is_none")]
    body_note: Option<String>,
    /// Who has now the value that was taken
    taken_by: Vec<ActivityTarget>,
}

/// One thing that became of a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestNote {
    /// `rewritten`, `ignored`, `policy` or `refused`
    kind: &'static str,
    /// Where in the body; empty for the whole
    at: String,
    /// In words
    text: String,
    /// How many others like it there are, in other elements or operations
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<usize>,
}

impl From<Target> for ActivityTarget {
    fn from(target: Target) -> Self {
        Self { kind: target.kind, id: target.id, name: target.name }
    }
}

impl From<AttributeChange> for ChangedAttribute {
    fn from(change: AttributeChange) -> Self {
        Self { path: change.path, old: change.old, new: change.new }
    }
}

impl From<Entry> for ActivityEntry {
    fn from(entry: Entry) -> Self {
        let common = Self {
            kind: entry.kind.as_str(),
            position: entry.position,
            at: entry.at,
            action: entry.action,
            outcome: entry.outcome.as_str(),
            actor: ActivityActor { kind: entry.actor.kind, id: entry.actor.id, name: entry.actor.name },
            connection: entry.connection.map(|through| ActivityConnection { id: through.id.0, name: through.name }),
            target: entry.target.into(),
            request: entry.request.map(|request| request.0),
            address: entry.address,
            ..Self::default()
        };
        match entry.told {
            Told::Change { version, restored, attributes, notes } => Self {
                version: Some(version),
                restored,
                attributes: Some(attributes.into_iter().map(ChangedAttribute::from).collect()),
                notes: (!notes.is_empty()).then(|| notes.into_iter().map(RequestNote::from).collect()),
                ..common
            },
            Told::Administration { details } => Self { details: Some(details), ..common },
            Told::Request { method, path, status, scim_type, detail, duration_ms, left_out } => Self {
                method: Some(method),
                path: Some(path),
                status: Some(status),
                scim_type,
                detail: Some(detail),
                duration_ms: Some(duration_ms),
                left_out: Some(left_out),
                ..common
            },
        }
    }
}

impl From<Explained> for Explanation {
    fn from(explained: Explained) -> Self {
        Self {
            request: explained.request.0,
            summary: explained.summary,
            failed: explained.failed.map(FailedRequestView::from),
            notes: explained.notes.into_iter().map(RequestNote::from).collect(),
            changes: explained.changes.into_iter().map(ActivityEntry::from).collect(),
        }
    }
}

impl From<FailedPart> for FailedRequestView {
    fn from(failed: FailedPart) -> Self {
        Self {
            at: failed.at,
            actor: failed.actor,
            address: failed.address,
            method: failed.method,
            path: failed.path,
            status: failed.status,
            scim_type: failed.scim_type,
            detail: failed.detail,
            rule: failed.rule,
            profile: failed.profile,
            duration_ms: failed.duration_ms,
            body: failed.body,
            body_note: failed.body_note,
            taken_by: failed.taken_by.into_iter().map(ActivityTarget::from).collect(),
        }
    }
}

impl From<Note> for RequestNote {
    fn from(note: Note) -> Self {
        let kind = match note.kind {
            NoteKind::Rewritten => "rewritten",
            NoteKind::Ignored => "ignored",
            NoteKind::Policy => "policy",
            NoteKind::Refused => "refused",
        };
        Self { kind, at: note.at, text: note.text, more: (note.more > 0).then_some(note.more) }
    }
}
