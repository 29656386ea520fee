//! `/console/t/{slug}/activity`: who did what, and when.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::Value;

use super::error::{ConsoleError, sentence};
use super::fields::query;
use super::pages::{Activity, Choice, Difference, Entry as EntryView, Here, Pager, Status, Tone};
use super::resource::plain;
use super::{ConsoleAnswer, Place, Visit, reply, resources};
use crate::model::{ActionName, ActivityCursor, ActivityFilter, AttributeChange, Entry, Kind, Outcome, Told};

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

/// Shows the log.
pub async fn activity(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    let asked = Asked::of(visit);
    let after = visit.query.get("after").parse::<ActivityCursor>().ok();
    let (page, problem) = match asked.filter() {
        Ok(filter) => (Some(visit.store(place).activity(&filter, after.as_ref(), SIZE).await?), None),
        Err(told) => (None, Some(sentence(&told))),
    };
    let (entries, next) = page.map_or_else(Default::default, |page| (page.entries, page.next));
    let here = format!("/console/t/{}/activity", place.tenant.slug);
    let next = next.map(|next| format!("{here}{}", asked.query(&next.to_string())));
    let told = match (entries.len(), after.is_some()) {
        (0, _) => "Nothing here; older entries may follow".to_owned(),
        (count, false) => format!("The newest {count}"),
        (count, true) => format!("{count} older ones"),
    };
    let kinds = KINDS.into_iter().map(|(key, text)| Choice::new(key, text, key == asked.kind));
    reply::page(&Activity {
        shell: visit.shell("Activity", Here::Activity, place),
        kinds: kinds.collect(),
        connections: connections(visit, place, asked.connection).await?,
        target: asked.target.to_owned(),
        from: asked.from.to_owned(),
        to: asked.to.to_owned(),
        suffix: asked.query(""),
        exports: vec![("CSV", asked.export(place, "csv")), ("JSON lines", asked.export(place, "jsonl"))],
        problem,
        entries: entries.iter().map(|entry| view(visit, place, entry)).collect(),
        pager: Pager { told, previous: after.is_some().then(|| format!("{here}{}", asked.query(""))), next },
    })
}

async fn connections(visit: &Visit<'_>, place: &Place, chosen: &str) -> Result<Vec<Choice>, ConsoleError> {
    let all = visit.app.store.connections(place.tenant.id).await?;
    let choice = |connection: &crate::model::Connection| {
        let id = connection.id.to_string();
        Choice::new(&id, connection.name.as_str(), id == chosen)
    };
    Ok(std::iter::once(Choice::new("", "Any", chosen.is_empty())).chain(all.iter().map(choice)).collect())
}

/// What the form asks for.
struct Asked<'a> {
    kind: &'a str,
    connection: &'a str,
    target: &'a str,
    from: &'a str,
    to: &'a str,
}

impl<'a> Asked<'a> {
    fn of(visit: &'a Visit<'_>) -> Self {
        let get = |name| visit.query.get(name);
        Self {
            kind: get("kind"),
            connection: get("connection"),
            target: get("target"),
            from: get("from"),
            to: get("to"),
        }
    }

    fn query(&self, after: &str) -> String {
        let Self { kind, connection, target, from, to } = self;
        query(&[
            ("kind", kind),
            ("connection", connection),
            ("target", target),
            ("from", from),
            ("to", to),
            ("after", after),
        ])
    }

    /// The same for the admin API, which makes files of it.
    fn export(&self, place: &Place, format: &str) -> String {
        let Ok(filter) = self.filter() else { return String::new() };
        let kind = filter.kind.map_or("", Kind::as_str);
        let action = filter.action.as_ref().map_or("", ActionName::as_str);
        let instant = |at: Option<DateTime<Utc>>| at.map_or_else(String::new, |at| at.to_rfc3339());
        let (from, to) = (instant(filter.from), instant(filter.to));
        let (connection, target) = (self.connection, self.target);
        let pairs = [
            ("format", format),
            ("kind", kind),
            ("action", action),
            ("connection", connection),
            ("target", target),
            ("from", &from),
            ("to", &to),
        ];
        format!("/admin/v1/tenants/{}/activity/export{}", place.tenant.slug, query(&pairs))
    }

    fn filter(&self) -> Result<ActivityFilter, String> {
        let some = |text: &'a str| (!text.is_empty()).then_some(text);
        let term = |text: &'a str| some(text).map(|text| text.parse().map_err(|error| format!("{error}"))).transpose();
        let (kind, action) = match self.kind {
            "" => (None, None),
            "change" | "request" | "administration" => (Some(self.kind.parse()?), None),
            action => (Some(Kind::Change), Some(action.parse::<ActionName>()?)),
        };
        Ok(ActivityFilter {
            kind,
            action,
            connection: term(self.connection)?,
            target: term(self.target)?,
            from: some(self.from).map(day).transpose()?,
            to: some(self.to).map(day).transpose()?.map(|day| day + TimeDelta::days(1)),
            ..ActivityFilter::default()
        })
    }
}

/// The beginning of a day in UTC.
fn day(text: &str) -> Result<DateTime<Utc>, String> {
    let day: NaiveDate = text.parse().map_err(|_| format!("{text} is no date; write it as 2026-11-22"))?;
    let years = NaiveDate::from_ymd_opt(1970, 1, 1)..NaiveDate::from_ymd_opt(9999, 1, 1);
    if years.contains(&Some(day)) {
        Ok(day.and_time(NaiveTime::MIN).and_utc())
    } else {
        Err(format!("{text} is too far away"))
    }
}

fn view(visit: &Visit<'_>, place: &Place, entry: &Entry) -> EntryView {
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
    let is_gone = entry.action == "delete" || matches!(entry.told, Told::Administration { .. });
    let id = entry.target.id.as_deref().filter(|_| !is_gone && place.catalog.named(&entry.target.kind).is_some());
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
        url: id.map(|id| format!("{}/{id}", resources::url(place, &entry.target.kind))),
        actor: entry.actor.name.clone(),
        address: entry.address.clone(),
        status,
        summary,
        attributes,
        detail,
        request: entry.request.map(|request| request.to_string()),
    }
}

/// An action on a resource, in the past.
pub fn past(action: &str) -> &'static str {
    match action {
        "create" => "Created",
        "update" => "Updated",
        "deactivate" => "Deactivated",
        "reactivate" => "Reactivated",
        "delete" => "Deleted",
        _ => "Changed",
    }
}

/// An act of administration (`token.create`) as a sentence begins: `Token: create`.
fn act(action: &str) -> String {
    let (noun, verb) = action.split_once('.').unwrap_or((action, ""));
    let verb = verb.replace('_', " ");
    let done = match verb.as_str() {
        "create" => "Created",
        "change" => "Changed",
        "delete" | "remove" => "Removed",
        "enable" => "Enabled",
        "disable" => "Disabled",
        "rotate" => "Rotated",
        "revoke" => "Revoked",
        "invite" => "Invited",
        "suspend" => "Suspended",
        "sign in" => return "Signed in".to_owned(),
        "sign out" => return "Signed out".to_owned(),
        other => return sentence(format!("{noun} {other}").trim()).trim_end_matches('.').to_owned(),
    };
    format!("{done} {}", noun.replace('_', " "))
}

/// What changed of a resource. Where neither value is told, the attribute is a secret.
pub fn differences(attributes: &[AttributeChange]) -> Vec<Difference> {
    let difference = |change: &AttributeChange| Difference {
        name: short(&change.path),
        before: change.old.as_ref().map(plain),
        after: change.new.as_ref().map(plain),
        is_secret: change.old.is_none() && change.new.is_none(),
    };
    attributes.iter().map(difference).collect()
}

/// An attribute's name without the URN of its schema.
fn short(path: &str) -> String {
    match path.rsplit_once(':') {
        Some((urn, name)) if urn.starts_with("urn:") => name.to_owned(),
        _ => path.to_owned(),
    }
}

/// What an act of administration tells of itself.
fn details_of(details: &Value) -> Vec<Difference> {
    let Some(details) = details.as_object() else { return Vec::new() };
    let told = details.iter().filter(|(_, value)| !value.is_null());
    let difference = |(name, value): (&String, &Value)| {
        let pair = |old: &str, new: &str| Some((value.get(old)?.clone(), value.get(new)?.clone()));
        let text = |value: &Value| (!value.is_null()).then(|| plain(value));
        match pair("old", "new") {
            Some((old, new)) => {
                Difference { name: name.clone(), before: text(&old), after: text(&new), is_secret: false }
            }
            None => Difference { name: name.clone(), before: None, after: text(value), is_secret: false },
        }
    };
    told.map(difference).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_are_told_in_words() {
        for (action, told) in [
            ("token.create", "Created token"),
            ("connection.disable", "Disabled connection"),
            ("admin.sign_in", "Signed in"),
            ("admin.totp_enable", "Admin totp enable"),
            ("x", "X"),
        ] {
            assert_eq!(act(action), told);
        }
    }

    #[test]
    fn days_are_read_and_bounded() {
        assert_eq!(day("2026-11-22").unwrap().to_rfc3339(), "2026-11-22T00:00:00+00:00");
        for wrong in ["22.11.2026", "2026-13-01", "+262142-01-01", "1600-01-01"] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn extension_attributes_lose_their_urn() {
        assert_eq!(short("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"), "department");
        assert_eq!(short("name.familyName"), "name.familyName");
    }
}
