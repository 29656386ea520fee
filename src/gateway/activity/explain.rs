//! What became of one request.

use std::collections::HashMap;
use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::Value;

use super::policies;
use crate::gateway::{Gateway, GatewayError};
use crate::model::{Entry, FailedRequest, RequestId, Target, TenantId, Told};
use crate::scim::explain::{Note, NoteKind};

/// How many changes of a request are told.
const MOST_CHANGES: u32 = 1_000;
/// How many notes are told of them that are not alike.
const MOST_NOTES: usize = 200;
/// How long before its id says and how long after it a request may have made its changes: clocks of nodes differ by seconds, and
/// bulk requests take minutes.
const BEFORE: TimeDelta = TimeDelta::seconds(10);
const AFTER: TimeDelta = TimeDelta::minutes(10);

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// The request.
    pub request: RequestId,
    /// In a sentence or two.
    pub summary: String,
    /// Why it failed, or a part of it did; only while that is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<FailedPart>,
    /// What was read otherwise than it was sent, left out, decided by a policy, or refused.
    pub notes: Vec<Note>,
    /// What it changed, in order.
    pub changes: Vec<Entry>,
}

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FailedPart {
    /// When it began.
    pub at: DateTime<Utc>,
    /// The credential's name.
    pub actor: String,
    /// The client's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The method.
    pub method: String,
    /// The path, with what may be told of the query.
    pub path: String,
    /// The status.
    pub status: u16,
    /// The keyword.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scim_type: Option<String>,
    /// The text that was sent to the client.
    pub detail: String,
    /// The rule behind it.
    pub rule: String,
    /// The profile that the tenant had then.
    pub profile: String,
    /// How long it took.
    pub duration_ms: f64,
    /// The body, without passwords and shortened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// What is to be known of the body that is kept, or why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_note: Option<String>,
    /// Who has the value now that was taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taken_by: Vec<Target>,
}

impl Gateway {
    /// What became of a request. `None` if nothing is known of it: it changed nothing and did not fail, is not kept any more, or
    /// never was.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn explain(&self, tenant: TenantId, request: RequestId) -> Result<Option<Explained>, GatewayError> {
        let store = self.store.tenant(tenant);
        let failed = store.find_failed_request(request).await?;
        let changes = match began_at(request) {
            None => Vec::new(),
            Some(at) => store.changes_of_request(request, (at - BEFORE, at + AFTER), MOST_CHANGES).await?,
        };
        if failed.is_none() && changes.is_empty() {
            return Ok(None);
        }
        let taken_by = match &failed {
            Some(failed) => self.taken_by(tenant, failed).await?,
            None => Vec::new(),
        };
        let mut notes = failed.as_ref().map(|failed| failed.explanation.notes.clone()).unwrap_or_default();
        // The notes on a body are about all of a bulk request, also about what of it succeeded.
        if failed.as_ref().is_none_or(|failed| failed.body.is_none()) {
            notes.extend(readings(&changes));
        }
        notes.extend(of_changes(&changes));
        if failed.is_none() {
            notes.extend(self.policies_of(tenant, &changes).await?);
        }
        let summary = summary(failed.as_ref(), &changes, &notes);
        let failed = failed.map(|failed| failed_part(failed, taken_by));
        Ok(Some(Explained { request, summary, failed, notes, changes }))
    }

    /// The settings that speak of what a request changed. Which of them a request met that succeeded is not kept, so that these are
    /// the settings that hold now; those of the connection that it came through go before those of the tenant.
    async fn policies_of(&self, tenant: TenantId, changes: &[Entry]) -> Result<Vec<Note>, GatewayError> {
        let Some(mut settings) = self.store.tenant_by_id(tenant).await? else { return Ok(Vec::new()) };
        if let Some(through) = changes.iter().find_map(|change| change.connection.as_ref()) {
            let connection = self.store.connection(tenant, through.id).await?;
            if let Some(profile) = connection.and_then(|connection| connection.profile) {
                settings.dialect = settings.dialect.spoken_by(&profile.dialect());
            }
        }
        let mut notes: Vec<Note> = Vec::new();
        for change in changes {
            let Told::Change { attributes, .. } = &change.told else { continue };
            for note in policies::of_change(&settings, &change.target.kind, attributes) {
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
        }
        Ok(notes)
    }

    /// The resources that have now what a request was refused for.
    async fn taken_by(&self, tenant: TenantId, failed: &FailedRequest) -> Result<Vec<Target>, GatewayError> {
        let wanted = failed.scim_type.as_deref() == Some("uniqueness");
        let attribute = failed.detail.split(" has this ").nth(1).and_then(|rest| rest.split(';').next());
        let value = attribute.filter(|_| wanted).and_then(|name| find(failed.body.as_ref()?, name));
        let Some(value) = value else { return Ok(Vec::new()) };
        let store = self.store.tenant(tenant);
        let mut targets = Vec::new();
        for id in store.resources_named(value).await?.into_iter().take(5) {
            let Some(span) = store.span(id).await? else { continue };
            if store.find(&span.resource_type, id, false).await?.is_some() {
                targets.push(Target { kind: span.resource_type, id: Some(id.to_string()), name: span.name });
            }
        }
        Ok(targets)
    }
}

/// When a request began, as its id tells.
fn began_at(request: RequestId) -> Option<DateTime<Utc>> {
    let (seconds, nanoseconds) = request.0.get_timestamp()?.to_unix();
    let at = DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)?;
    // What no clock of ours has shown is no instant to look at.
    (at.timestamp() < 100_000_000_000).then_some(at)
}

/// The value of an attribute in a body, by its name or by the path of an operation.
fn find<'a>(body: &'a Value, attribute: &str) -> Option<&'a str> {
    let is_meant = |name: &str| name.rsplit(':').next().is_some_and(|name| name.eq_ignore_ascii_case(attribute));
    match body {
        Value::Array(elements) => elements.iter().find_map(|element| find(element, attribute)),
        Value::Object(members) => {
            let member = |wanted: &str| {
                members.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
            };
            let by_path = member("path").and_then(Value::as_str).is_some_and(is_meant);
            let here = members.iter().find(|(name, _)| is_meant(name)).map(|(_, value)| value);
            let here = here.or_else(|| member("value").filter(|_| by_path)).and_then(Value::as_str);
            here.or_else(|| members.values().find_map(|value| find(value, attribute)))
        }
        _ => None,
    }
}

fn failed_part(failed: FailedRequest, taken_by: Vec<Target>) -> FailedPart {
    FailedPart {
        rule: rule(failed.status, failed.scim_type.as_deref()).to_owned(),
        at: failed.at,
        actor: failed.actor,
        address: failed.address,
        method: failed.method,
        path: failed.query.map_or(failed.path.clone(), |query| format!("{}?{query}", failed.path)),
        status: failed.status,
        scim_type: failed.scim_type,
        detail: failed.detail,
        profile: failed.explanation.profile,
        duration_ms: failed.duration_us as f64 / 1e3,
        body: failed.body,
        body_note: failed.explanation.body,
        taken_by,
    }
}

/// What was read otherwise than it was sent, or left out, by those parts of a request that succeeded. What is alike in several
/// of them is told once.
fn readings(changes: &[Entry]) -> Vec<Note> {
    let of = |change: &Entry| if let Told::Change { notes, .. } = &change.told { notes.clone() } else { Vec::new() };
    let several = changes.iter().filter(|change| !of(change).is_empty()).nth(1).is_some();
    let (mut told, mut places, mut left_out) = (Vec::<Note>::new(), HashMap::new(), 0);
    for change in changes {
        for note in of(change) {
            let key = (note.kind as u8, note.at.clone(), note.text.clone());
            if let Some(place) = places.get(&key) {
                let alike: &mut Note = &mut told[*place];
                alike.more += note.more + 1;
            } else if told.len() >= MOST_NOTES {
                left_out += note.more + 1;
            } else {
                places.insert(key, told.len());
                let of = format!("{} {}", change.target.kind, change.target.name);
                let at = match note.at.as_str() {
                    _ if !several => note.at,
                    "" => of,
                    at => format!("{of}: {at}"),
                };
                told.push(Note { at, ..note });
            }
        }
    }
    if left_out > 0 {
        told.push(Note::new(NoteKind::Ignored, "", format!("{left_out} further notes stand with the changes")));
    }
    told
}

/// What changes tell of themselves.
fn of_changes(changes: &[Entry]) -> Vec<Note> {
    let mut notes = Vec::new();
    let first = changes.first().and_then(|change| change.target.id.clone());
    for change in changes {
        let Told::Change { restored, attributes, .. } = &change.told else { continue };
        if let Some(version) = restored {
            let text = format!("{} was brought back to version {version}", change.target.name);
            notes.push(Note::new(NoteKind::Policy, "", text));
        }
        let only_members = attributes.iter().all(|line| line.path == "members");
        if change.target.kind == "Group" && only_members && change.target.id != first && changes.len() > 1 {
            let text = format!(
                "members of the group {} followed from roles, or from what the request did before",
                change.target.name
            );
            notes.push(Note::new(NoteKind::Policy, "", text));
        }
        if attributes.iter().any(|line| line.old.is_none() && line.new.is_none()) {
            let text = "a value changed that is never told, such as a password".to_owned();
            notes.push(Note::new(NoteKind::Policy, "", text));
        }
    }
    notes
}

fn summary(failed: Option<&FailedRequest>, changes: &[Entry], notes: &[Note]) -> String {
    let mut text = String::new();
    if let Some(failed) = failed {
        let keyword = failed.scim_type.as_deref().map(|keyword| format!(" {keyword}")).unwrap_or_default();
        // Writing to memory cannot fail.
        let _ = write!(
            text,
            "{} {} was answered with {}{keyword}: {}.",
            failed.method, failed.path, failed.status, failed.detail
        );
    }
    if let Some(first) = changes.first() {
        let more = changes.len() - 1;
        let also = if more == 0 { String::new() } else { format!(", and made {more} more changes") };
        let space = if text.is_empty() { "" } else { " " };
        let _ = write!(
            text,
            "{space}It made version {} of the {} {} ({}){also}.",
            version(first),
            first.target.kind,
            first.target.name,
            first.action
        );
    }
    let count = |kind: NoteKind| notes.iter().filter(|note| note.kind == kind).map(|note| note.more + 1).sum::<usize>();
    let (rewritten, ignored) = (count(NoteKind::Rewritten), count(NoteKind::Ignored));
    let were = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("one {one}")),
        count => Some(format!("{count} {many}")),
    };
    let parts = [
        were(rewritten, "was read otherwise than it was sent", "were read otherwise than they were sent"),
        were(ignored, "was left out", "were left out"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if !parts.is_empty() {
        let _ = write!(text, " Of its parts {}.", parts.join(", and "));
    }
    text
}

fn version(entry: &Entry) -> i64 {
    if let Told::Change { version, .. } = entry.told { version } else { 0 }
}

/// The rule behind an answer.
fn rule(status: u16, scim_type: Option<&str>) -> &'static str {
    match (status, scim_type) {
        (_, Some("invalidFilter")) => {
            "RFC 7644, section 3.4.2.2: a filter has to follow the grammar, with names and types of the schema"
        }
        (_, Some("invalidPath")) => {
            "RFC 7644, section 3.5.2: the path of an operation has to be well formed and name an attribute"
        }
        (_, Some("noTarget")) => "RFC 7644, section 3.5.2: a path has to select something that is there",
        (_, Some("mutability")) => {
            "RFC 7643, section 2.2 and RFC 7644, section 3.5: readOnly and immutable attributes are not changed"
        }
        (_, Some("invalidSyntax")) => "RFC 7644, section 3.12: the body has to have the form of its message",
        (_, Some("invalidValue")) => {
            "RFC 7644, section 3.12: a required value is missing, or a value is not what its attribute takes"
        }
        (_, Some("uniqueness")) => {
            "RFC 7643, section 2.2 and RFC 7644, section 3.3: a unique value belongs to one resource"
        }
        (_, Some("tooMany")) => "RFC 7644, section 3.12: the answer would be larger than the server calculates",
        (_, Some("invalidCursor" | "invalidCount")) => "RFC 9865, section 2.1: a walk by cursor goes on as it began",
        (401, _) => "RFC 6750, section 3.1: a request needs a valid credential",
        (403, _) => "RFC 7644, section 3.12: the credential may not do this",
        (404, _) => "RFC 7644, section 3.12: the path names nothing that this tenant has",
        (405, _) => "RFC 9110, section 15.5.6: the path does not take the method",
        (409, _) => "RFC 7644, section 3.12: the request does not fit the state of the resource",
        (412, _) => "RFC 7644, section 3.14: the resource is not in the version that the request asks for",
        (413, _) => "RFC 7644, section 3.7.4: the request is larger than the server takes",
        (415, _) => "RFC 7644, section 3.8: bodies are application/scim+json",
        (429, _) => "RFC 6585, section 4: too many requests in too short a time",
        (500, _) => "the server failed; its log has the cause beside the request id",
        (503, _) => "the server or its database could not answer in time; the same request may succeed later",
        _ => "RFC 7644, section 3.12",
    }
}
