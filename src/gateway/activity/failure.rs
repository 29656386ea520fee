//! A request that failed, from what the server knows of it to what is kept.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::policies;
use crate::model::{Caller, Explanation, FailedRequest, ResourceId};
use crate::scim::explain::{Notes, Sensitive, explain_body, explain_bulk, explain_patch, masked_query, shortened};
use crate::scim::fold::fold;
use crate::scim::schema::ResourceType;
use crate::scim::{ScimError, json};

/// How many bytes of a body are kept.
const KEPT_BODY: usize = 8 << 10;
/// How many characters are kept of a path and of an error's text.
const KEPT_CHARS: usize = 2_000;

/// A request that failed, as the server knows it.
#[derive(Debug)]
pub struct Failure {
    /// Who asked.
    pub caller: Caller,
    /// When.
    pub at: DateTime<Utc>,
    /// The HTTP method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query as it was sent.
    pub query: Option<String>,
    /// What the client was told.
    pub error: ScimError,
    /// The body as it was sent, if there was one and it is short enough.
    pub body: Option<Vec<u8>>,
    /// How many bytes it had.
    pub body_length: usize,
    /// How long it took.
    pub duration: Duration,
}

/// What a path below `/scim/v2` names.
#[derive(Default)]
struct Place {
    kind: Option<Arc<ResourceType>>,
    id: Option<ResourceId>,
    is_bulk: bool,
    is_search: bool,
}

impl Failure {
    /// Longer bodies are not looked at.
    pub const LONGEST_BODY: usize = 128 << 10;

    /// What is kept of it: redacted, shortened, and explained by the settings that hold now. Takes milliseconds for a large
    /// body, and so has to run where nobody waits for it.
    pub fn examine(self, left_out: u64) -> FailedRequest {
        let place = self.place();
        let (tenant, catalog) = (&self.caller.tenant, &self.caller.catalog);
        let (body, mut told) = self.read_body(&Sensitive::of(catalog));
        let mut notes = Notes::default();
        let kind = place.kind.as_ref();
        match (&body, kind, self.method.as_str()) {
            (Some(body), _, _) if place.is_bulk => explain_bulk(body, catalog, &tenant.dialect, &mut notes),
            (Some(body), Some(kind), "POST") if !place.is_search => {
                explain_body(body, kind, &tenant.dialect, false, &mut notes);
            }
            (Some(body), Some(kind), "PUT") => explain_body(body, kind, &tenant.dialect, true, &mut notes),
            (Some(body), Some(kind), "PATCH") => explain_patch(body, kind, &tenant.dialect, &mut notes),
            _ => {}
        }
        if self.action(&place) != "read" {
            let name = kind.map_or("", |kind| kind.name.as_str());
            policies::explain(tenant, &self.method, name, body.as_ref(), &mut notes);
        }
        let (target_name, target_keys) = body.as_ref().map(names).unwrap_or_default();
        let kept = body.map(|body| shortened(body, KEPT_BODY));
        if kept.as_ref().is_some_and(|(_, is_cut)| *is_cut) {
            told = Some(format!("the body had {} bytes and is shown shortened", self.body_length));
        }
        FailedRequest {
            tenant: tenant.id,
            id: self.caller.request,
            at: self.at,
            credential: self.caller.credential,
            actor: self.caller.label.to_string(),
            address: self.caller.address.map(|address| address.to_string()),
            action: self.action(&place).to_owned(),
            path: begin(&self.path),
            query: self.query.as_deref().filter(|query| !query.is_empty()).map(masked_query),
            resource_type: place.kind.as_ref().map(|kind| kind.name.clone()),
            target_id: place.id.map(|id| id.0),
            target_name,
            target_keys,
            status: self.error.status,
            scim_type: self.error.scim_type.map(|keyword| keyword.as_str().to_owned()),
            detail: begin(&self.error.detail),
            duration_us: u64::try_from(self.duration.as_micros()).unwrap_or(u64::MAX),
            body: kept.map(|(body, _)| body),
            explanation: Explanation {
                profile: tenant.profile.as_str().to_owned(),
                notes: notes.into_vec(),
                body: told,
            },
            left_out,
            method: self.method,
        }
    }

    fn place(&self) -> Place {
        let mut segments = self.path.split('/').filter(|segment| !segment.is_empty()).skip(2);
        let (first, second) = (segments.next().unwrap_or_default(), segments.next());
        let is_search = first == ".search" || second == Some(".search");
        Place {
            kind: self.caller.catalog.at_endpoint(&format!("/{first}")).cloned(),
            id: second.and_then(|id| id.parse().ok()),
            is_bulk: first == "Bulk",
            is_search,
        }
    }

    fn action(&self, place: &Place) -> &'static str {
        match self.method.as_str() {
            "POST" if place.is_bulk => "bulk",
            "POST" if !place.is_search => "create",
            "PUT" | "PATCH" => "update",
            "DELETE" => "delete",
            _ => "read",
        }
    }

    /// The body without what is sensitive, or why it is not kept.
    fn read_body(&self, sensitive: &Sensitive) -> (Option<Value>, Option<String>) {
        let Some(bytes) = &self.body else {
            let is_long = self.body_length > Self::LONGEST_BODY;
            return (
                None,
                is_long.then(|| format!("the body had {} bytes; so long ones are not kept", self.body_length)),
            );
        };
        if bytes.is_empty() {
            return (None, None);
        }
        // What is refused for names that stand twice is still JSON, and can be kept.
        let read = json::parse(bytes).ok().or_else(|| serde_json::from_slice(bytes).ok());
        match read {
            Some(body) => (Some(sensitive.redact(body)), None),
            None => (
                None,
                Some("the body is no JSON: it is not kept, since a password in it could not be found".to_owned()),
            ),
        }
    }
}

fn begin(text: &str) -> String {
    text.chars().take(KEPT_CHARS).filter(|c| *c != '\0').collect()
}

/// What a body calls its resource, and the keys by which it may be looked for.
fn names(body: &Value) -> (Option<String>, Vec<String>) {
    let text = |members: &Value, wanted: &str| {
        let found = members.as_object()?.iter().find(|(name, _)| {
            name.eq_ignore_ascii_case(wanted)
                || name.rsplit(':').next().is_some_and(|name| name.eq_ignore_ascii_case(wanted))
        });
        found
            .and_then(|(_, value)| value.as_str())
            .filter(|text| !text.is_empty() && text.len() <= 2_400)
            .map(str::to_owned)
    };
    let nested = body
        .as_object()
        .into_iter()
        .flat_map(|members| members.values())
        .find_map(|value| text(value, "employeeNumber"));
    let name = text(body, "userName").or_else(|| text(body, "displayName"));
    let folded = [name.clone(), text(body, "displayName"), text(body, "employeeNumber").or(nested)];
    let mut keys: Vec<String> = folded.into_iter().flatten().map(|text| fold(&text).into_owned()).collect();
    keys.extend(text(body, "externalId"));
    keys.dedup();
    (name, keys)
}
