//! `/console/t/{slug}/explain`: what became of one provisioning request, and why.

use serde_json::Value;

use super::error::sentence;
use super::pages::{Explain, Explanation, FailedView, Here, Link, NoteView, Notice, Status, Tone};
use super::{ConsoleAnswer, Place, Visit, activity, reply, resources};
use crate::gateway::{Explained, FailedPart};
use crate::http::error::HttpError;
use crate::model::{RequestId, Target};
use crate::scim::explain::{Note, NoteKind};

/// Asks for a request, and tells of it.
pub async fn explain(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    let asked = visit.query.get("request");
    let mut page = Explain {
        shell: visit.shell("Explain a request", Here::Activity, place),
        asked: asked.to_owned(),
        problem: None,
        found: None,
    };
    if !asked.is_empty() {
        let told = match asked.parse::<RequestId>() {
            Err(_) => Err("This is no request id. Copy it from the activity log, or from the client's log."),
            Ok(id) => {
                let explained = visit.app.gateway.explain(place.tenant.id, id).await.map_err(HttpError::from)?;
                explained
                    .ok_or("Nothing is known of it: it changed nothing and did not fail, or that is not kept any more.")
            }
        };
        match told {
            Ok(explained) => page.found = Some(view(visit, place, explained)),
            Err(told) => page.problem = Some(Notice::problem(told)),
        }
    }
    reply::page(&page)
}

fn view(visit: &Visit<'_>, place: &Place, explained: Explained) -> Explanation {
    Explanation {
        summary: explained.summary,
        failed: explained.failed.map(|failed| failed_view(visit, place, failed)),
        notes: explained.notes.into_iter().map(note).collect(),
        changes: explained.changes.iter().map(|entry| activity::view(visit, Some(place), entry)).collect(),
    }
}

fn failed_view(visit: &Visit<'_>, place: &Place, failed: FailedPart) -> FailedView {
    let keyword = failed.scim_type.as_deref().unwrap_or_default();
    let link = |target: Target| Link {
        url: format!("{}/{}", resources::url(place, &target.kind), target.id.unwrap_or_default()),
        text: target.name,
        note: (target.kind != "User").then_some(target.kind),
    };
    FailedView {
        line: format!("{} {}", failed.method, failed.path),
        status: Status::new(Tone::Danger, format!("{} {keyword}", failed.status).trim()),
        at: visit.moment(failed.at),
        actor: failed.actor,
        address: failed.address,
        detail: sentence(&failed.detail),
        rule: sentence(&failed.rule),
        profile: failed.profile,
        took: format!("{:.1} ms", failed.duration_ms),
        taken_by: failed.taken_by.into_iter().map(link).collect(),
        body: failed.body.map(|body| indented(&body)),
        body_note: failed.body_note.as_deref().map(sentence),
    }
}

fn indented(body: &Value) -> String {
    serde_json::to_string_pretty(body).unwrap_or_default()
}

/// A note as pages show it.
pub fn note(note: Note) -> NoteView {
    let status = match note.kind {
        NoteKind::Rewritten => Status::new(Tone::Ok, "Read otherwise"),
        NoteKind::Ignored => Status::new(Tone::Warn, "Left out"),
        NoteKind::Policy => Status::new(Tone::Ok, "By a setting"),
        NoteKind::Refused => Status::new(Tone::Danger, "Refused"),
    };
    NoteView { status, text: sentence(&note.told()), at: note.at }
}
