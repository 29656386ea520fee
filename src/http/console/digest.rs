//! `/console/t/{slug}/digest`: the weekly mail that tells administrators what became of their users.

use chrono::{DateTime, Utc};

use super::error::{ConsoleError, sentence};
use super::flash::Flash;
use super::pages::{Choice, DigestPage, DigestRow, Field, Figure, Here, Notice, Reader, Status, Tone, thousands};
use super::{ConsoleAnswer, Place, Visit, reply};
use crate::gateway::{DigestError, DigestPreview};
use crate::http::error::HttpError;
use crate::model::Reach;
use crate::model::digest::{DigestSection, DigestSettings, hour, time_zone, time_zones, weekday};
use crate::outbound::mail::digest_mail;
use crate::store::{MadeDigest, StoreError};

/// Weeks that are shown.
const WEEKS: i64 = 12;
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Hands a request to its page.
pub async fn route(visit: &Visit<'_>, place: &Place, path: &[&str]) -> ConsoleAnswer {
    match (path, visit.is_post()) {
        ([], false) => shown(visit, place, None, None).await,
        ([], true) => change(visit, place).await,
        (["html"], false) => html(visit, place).await,
        (["send"], true) => send(visit, place).await,
        (["subscribe"], true) => want(visit, place, true).await,
        (["unsubscribe"], true) => want(visit, place, false).await,
        _ => Err(ConsoleError::NotFound),
    }
}

fn url(place: &Place) -> String {
    format!("/console/t/{}/digest", place.tenant.slug)
}

impl From<DigestError> for ConsoleError {
    fn from(error: DigestError) -> Self {
        match error {
            DigestError::Store(error) => error.into(),
            DigestError::NoTenant | DigestError::NoAdmin | DigestError::NobodyWants => Self::NotFound,
        }
    }
}

/// The digest as it would be mailed now, and the mail: subject, text and HTML.
async fn read(visit: &Visit<'_>, place: &Place) -> Result<(DigestPreview, [String; 3]), ConsoleError> {
    let preview = visit.app.gateway.preview_digest(place.tenant.id).await?;
    let settings = visit.store(place).mail_settings().await?;
    let mail = digest_mail(preview.letter.clone(), &preview.tenant.name, &settings, visit.app.public_url());
    let (subject, text, html) = mail.map_err(|error| HttpError::from(StoreError::internal(error)))?;
    Ok((preview, [subject, text, html]))
}

/// The page, with what is wrong with a form that was sent, and with its time zone.
async fn shown(visit: &Visit<'_>, place: &Place, problem: Option<Notice>, wrong_zone: Option<String>) -> ConsoleAnswer {
    let (DigestPreview { tenant, digest, recipients, .. }, [subject, text, _]) = read(visit, place).await?;
    let made = visit.store(place).made_digests(WEEKS).await?;
    let is_wanted = visit.app.store.wants_digest(visit.admin.id).await?.unwrap_or_default();
    let is_me = |email: &str| email == visit.admin.email;
    let is_reader = recipients.iter().any(|(_, email)| is_me(email));
    let settings = &tenant.settings;
    let said_zone = wrong_zone.is_some().then(|| visit.form.get("time-zone").to_owned());
    let day = settings.weekday.num_days_from_monday() as usize;
    reply::page_with_frame(&DigestPage {
        shell: visit.shell("Weekly digest", Here::Digest, place),
        status: match (settings.is_enabled, recipients.is_empty()) {
            (false, _) => Status::new(Tone::Off, "Off"),
            (true, true) => Status::new(Tone::Warn, "Nobody wants it"),
            (true, false) => Status::new(Tone::Ok, "On"),
        },
        next: settings.is_enabled.then(|| visit.moment(settings.next(visit.now))),
        is_on: settings.is_enabled,
        weekdays: DAYS.iter().enumerate().map(|(at, name)| Choice::new(name, name, at == day)).collect(),
        hours: (0..24).map(|at| Choice::new(&at.to_string(), &format!("{at:02}:00"), at == settings.hour)).collect(),
        zone: Field {
            id: "time-zone",
            label: "Time zone",
            hint: "By whose clocks. The IANA name.",
            example: "Europe/Berlin",
            value: said_zone.unwrap_or_else(|| settings.time_zone.name().to_owned()),
            wrong: wrong_zone,
        },
        zones: time_zones().collect(),
        skips_empty: settings.skips_empty,
        readers: recipients.into_iter().map(|(name, email)| Reader { is_me: is_me(&email), name, email }).collect(),
        is_wanted,
        mine: mine(is_wanted, is_reader, visit.caller.reach),
        figures: vec![
            figure("Added", &digest.added),
            figure("Edited", &digest.edited),
            figure("Deactivated", &digest.deactivated),
            figure("Removed", &digest.removed),
        ],
        subject,
        text: text.trim_end().to_owned(),
        html: format!("{}/html", url(place)),
        made: made.into_iter().map(|one| week(visit, settings, one)).collect(),
        problem,
    })
}

fn mine(is_wanted: bool, is_reader: bool, reach: Reach) -> &'static str {
    match (is_wanted, is_reader, reach) {
        (true, true, Reach::Tenant(_)) => "You get it.",
        (true, true, Reach::Instance) => "You get it, as you do of every tenant without administrators of its own.",
        (true, false, _) => "You want digests. This one goes to the tenant's own administrators alone.",
        (false, _, Reach::Tenant(_)) => "You do not get it.",
        (false, _, Reach::Instance) => "You get no digest, of this tenant or another.",
    }
}

fn figure(name: &'static str, section: &DigestSection) -> Figure {
    let by: Vec<&str> = section.by.iter().take(2).map(|(name, _)| name.as_str()).collect();
    let more = section.by.len().saturating_sub(by.len());
    let note = match (by.is_empty(), more) {
        (true, _) => "nobody".to_owned(),
        (false, 0) => format!("by {}", by.join(" and ")),
        (false, more) => format!("by {} and {more} more", by.join(", ")),
    };
    Figure { name, value: thousands(section.count), note }
}

fn week(visit: &Visit<'_>, settings: &DigestSettings, made: MadeDigest) -> DigestRow {
    let day = |at: DateTime<Utc>| at.with_timezone(&settings.time_zone).format("%-d %b %Y").to_string();
    let MadeDigest { week, period: (from, to), at, mails, counts } = made;
    DigestRow {
        week,
        period: format!("{} to {}", day(from), day(to)),
        at: visit.moment(at),
        status: match (mails, counts.iter().sum::<u64>()) {
            (0, 0) => Status::new(Tone::Off, "Skipped: nothing happened"),
            (0, _) => Status::new(Tone::Warn, "Nobody wanted it"),
            (1, _) => Status::new(Tone::Ok, "1 mail"),
            (mails, _) => Status::new(Tone::Ok, format!("{} mails", thousands(mails))),
        },
        counts: counts.map(thousands),
    }
}

/// The mail as HTML, for the frame on the page.
async fn html(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    let (_, [_, _, html]) = read(visit, place).await?;
    Ok(reply::document(html, None))
}

async fn change(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    visit.may_write()?;
    let said = &visit.form;
    let zone = match time_zone(said.get("time-zone")) {
        Ok(zone) => zone,
        Err(told) => {
            let problem = Notice::problem("Nothing was saved. Look at the field that is marked.");
            return shown(visit, place, Some(problem), Some(sentence(&told))).await;
        }
    };
    let at = said.get("hour").parse().unwrap_or(-1);
    let (day, at) = match (weekday(said.get("weekday")), hour(at)) {
        (Ok(day), Ok(at)) => (day, at),
        (Err(told), _) => return refused(visit, place, &format!("the day {told}")).await,
        (_, Err(told)) => return refused(visit, place, &format!("the hour {told}")).await,
    };
    let settings = DigestSettings {
        is_enabled: said.get("enabled") == "yes",
        weekday: day,
        hour: at,
        time_zone: zone,
        skips_empty: said.get("skip-empty") == "yes",
    };
    visit.app.gateway.set_digest(place.tenant.id, settings, &visit.caller.origin).await?;
    reply::done(&url(place), Flash::Saved)
}

async fn refused(visit: &Visit<'_>, place: &Place, told: &str) -> ConsoleAnswer {
    shown(visit, place, Some(Notice::problem(sentence(told))), None).await
}

async fn send(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    visit.may_write()?;
    match visit.app.gateway.send_digest(place.tenant.id, &visit.caller.origin).await {
        Ok(_) => reply::done(&url(place), Flash::DigestSent),
        Err(DigestError::NobodyWants) => {
            refused(visit, place, "nothing was sent: no administrator of this tenant wants the digest").await
        }
        Err(error) => Err(error.into()),
    }
}

/// Everybody decides for themselves, whatever else they may change.
async fn want(visit: &Visit<'_>, place: &Place, wanted: bool) -> ConsoleAnswer {
    visit.app.gateway.want_digest(visit.admin.id, wanted, &visit.caller.origin).await?;
    reply::done(&url(place), if wanted { Flash::DigestWanted } else { Flash::DigestUnwanted })
}
