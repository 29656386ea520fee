//! `/console/t/{slug}/activity`: who did what, and when; `/console/activity` for what concerns no tenant alone.

use super::asked::Asked;
use super::error::{ConsoleError, sentence};
use super::pages::{Activity, Choice, Entry as EntryView, Here, Pager, Status, Tone};
use super::told::{act, details_of, differences, past};
use super::{ConsoleAnswer, Place, Visit, explain, reply, resources};
use crate::model::{ActivityCursor, Connection, Entry, Outcome, Reach, Told};

/// Entries on a page.
const SIZE: u32 = 50;

/// What can be asked for: the form's word, and what it says.
const KINDS: [(&str, &str); 9] = [
    ("", "Everything"),
    ("create", "Created"),
    ("update", "Updated"),
    ("deactivate", "Deactivated"),
    ("reactivate", "Reactivated"),
    ("delete", "Deleted"),
    ("change", "All changes"),
    ("request", "Refused requests"),
    ("administration", "Administration"),
];

/// Shows the log of a tenant.
pub async fn activity(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    shown(visit, Some(place)).await
}

/// Shows what concerns no tenant alone: tenants that came and went, administrators of the installation, their sign-ins.
pub async fn of_instance(visit: &Visit<'_>) -> ConsoleAnswer {
    if visit.caller.reach == Reach::Instance { shown(visit, None).await } else { Err(ConsoleError::NotFound) }
}

async fn shown(visit: &Visit<'_>, place: Option<&Place>) -> ConsoleAnswer {
    let asked = Asked::of(visit);
    let after = visit.query.get("after").parse::<ActivityCursor>().ok();
    let (page, problem) = match (asked.filter(), place) {
        (Ok(filter), Some(place)) => (Some(visit.store(place).activity(&filter, after.as_ref(), SIZE).await?), None),
        (Ok(filter), None) => (Some(visit.app.store.activity_of_instance(&filter, after.as_ref(), SIZE).await?), None),
        (Err(told), _) => (None, Some(sentence(&told))),
    };
    let (entries, next) = page.map_or_else(Default::default, |page| (page.entries, page.next));
    let (shell, here, log) = match place {
        Some(place) => {
            let (shell, slug) = (visit.shell("Activity", Here::Activity, place), &place.tenant.slug);
            (shell, format!("/console/t/{slug}/activity"), format!("/admin/v1/tenants/{slug}/activity"))
        }
        None => {
            let shell = visit.instance_shell("Activity", Here::InstanceActivity);
            (shell, "/console/activity".to_owned(), "/admin/v1/activity".to_owned())
        }
    };
    let next = next.map(|next| format!("{here}{}", asked.query(&next.to_string())));
    let previous = after.is_some().then(|| format!("{here}{}", asked.query("")));
    let kinds = KINDS.into_iter().map(|(key, text)| Choice::new(key, text, key == asked.kind));
    reply::page(&Activity {
        shell,
        kinds: kinds.filter(|_| place.is_some()).collect(),
        connections: connections(visit, place, asked.connection).await?,
        actor: asked.actor.to_owned(),
        target: asked.target.to_owned(),
        from: asked.from.to_owned(),
        to: asked.to.to_owned(),
        suffix: asked.query(""),
        exports: vec![("CSV", asked.export(&log, "csv")), ("JSON lines", asked.export(&log, "jsonl"))],
        problem,
        entries: entries.iter().map(|entry| view(visit, place, entry)).collect(),
        pager: Pager { told: count(entries.len(), after.is_some()), previous, next },
        here,
    })
}

/// How many entries a page shows.
fn count(entries: usize, is_later: bool) -> String {
    match (entries, is_later) {
        (0, _) => "Nothing here; older entries may follow".to_owned(),
        (count, false) => format!("The newest {count}"),
        (count, true) => format!("{count} older ones"),
    }
}

/// The connections to choose from; none where there is no tenant.
async fn connections(visit: &Visit<'_>, place: Option<&Place>, chosen: &str) -> Result<Vec<Choice>, ConsoleError> {
    let Some(place) = place else { return Ok(Vec::new()) };
    let all = visit.app.store.connections(place.tenant.id).await?;
    let choice = |connection: &Connection| {
        let id = connection.id.to_string();
        Choice::new(&id, connection.name.as_str(), id == chosen)
    };
    Ok(std::iter::once(Choice::new("", "Any", chosen.is_empty())).chain(all.iter().map(choice)).collect())
}

/// An entry as pages show it.
pub fn view(visit: &Visit<'_>, place: Option<&Place>, entry: &Entry) -> EntryView {
    let (told, status, attributes, detail) = match &entry.told {
        Told::Change { attributes, restored, .. } => {
            let told = match restored {
                Some(version) => format!("Restored version {version} of"),
                None => format!("{} {}", past(&entry.action), entry.target.kind.to_lowercase()),
            };
            (told, Status::new(Tone::Ok, "Done"), differences(attributes), None)
        }
        Told::Administration { details } => {
            let status = match entry.outcome {
                Outcome::Success => Status::new(Tone::Ok, "Done"),
                Outcome::Failure => Status::new(Tone::Danger, "Refused"),
            };
            (act(&entry.action), status, details_of(details), None)
        }
        Told::Request { method, path, status, scim_type, detail, left_out, .. } => {
            let keyword = scim_type.as_deref().unwrap_or_default();
            let status = Status::new(Tone::Danger, format!("{status} {keyword}").trim());
            let more = if *left_out > 0 { format!(" {left_out} more were not kept.") } else { String::new() };
            (format!("{method} {path}"), status, Vec::new(), Some(format!("{}{more}", sentence(detail))))
        }
    };
    let notes = match &entry.told {
        Told::Change { notes, .. } => notes.iter().cloned().map(explain::note).collect(),
        _ => Vec::new(),
    };
    let place = place.filter(|place| place.catalog.named(&entry.target.kind).is_some());
    let at = |place| Some(format!("{}/{}", resources::url(place, &entry.target.kind), entry.target.id.as_deref()?));
    let count = attributes.len();
    let summary = match (&entry.told, count) {
        (Told::Change { .. }, 1) => "1 attribute".to_owned(),
        (Told::Change { .. }, count) if count > 0 => format!("{count} attributes"),
        (Told::Request { .. }, _) => "Why".to_owned(),
        _ => "Details".to_owned(),
    };
    EntryView {
        at: visit.moment(entry.at),
        told,
        target: entry.target.name.clone(),
        url: place.and_then(at),
        actor: entry.actor.name.clone(),
        address: entry.address.clone(),
        status,
        summary,
        attributes,
        notes,
        detail,
        request: entry.request.map(|request| request.to_string()),
        explains: !matches!(entry.told, Told::Administration { .. }),
    }
}
