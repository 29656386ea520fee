//! An application's page: who has an account, which seats are used, what is being published.

use super::applications::{bar, url};
use super::error::{ConsoleError, sentence};
use super::fields::query;
use super::flash::Flash;
use super::pages::{
    AccountRow, ApplicationPage, Choice, Figure, Here, LicenseBar, LicenseRow, Notice, Pager, PublicationRow,
    RosterPart, SessionRow, Status, Tone, thousands,
};
use super::{ConsoleAnswer, Place, Visit, reply, resources};
use crate::gateway::RosterError;
use crate::http::roster_file::roster_file;
use crate::model::{
    Application, LicenseSeats, LicenseUse, Publication, RosterEntry, RosterFilter, RosterId, RosterSession,
};

/// Accounts on a page.
const SIZE: usize = 25;
/// Publications that are shown.
const PUBLICATIONS: i64 = 10;
/// What can be searched for is no longer than an account's id may be.
const MAX_TEXT: usize = 512;
/// What stands for accounts that have no licence; a licence's name has no blank before it.
const WITHOUT: &str = " ";

/// Whose accounts can be asked for.
const USERS: [(&str, &str); 3] = [("", "All"), ("known", "Known"), ("unknown", "Unknown e-mails")];

/// The page, with why something was refused.
pub async fn page(visit: &Visit<'_>, place: &Place, app: &Application, problem: Option<Notice>) -> ConsoleAnswer {
    let (store, here) = (visit.store(place), url(place, &app.id));
    let uses = store.license_uses(&app.id).await?;
    let sessions = store.open_roster_sessions(&app.id, visit.now).await?;
    let publications = store.roster_publications(&app.id, None, PUBLICATIONS).await?;
    let figures = figures(app, &uses);
    let seats = LicenseSeats::of(app, uses);
    reply::page(&ApplicationPage {
        shell: visit.shell(app.name.as_str(), Here::Applications, place),
        id: app.id.to_string(),
        name: app.name.to_string(),
        publish: format!("{}/api/v1/apps/{}/users", visit.app.public_url(), app.id),
        brake: match app.removal_brake.percent() {
            100 => "none: a publication may remove everybody".to_owned(),
            percent => format!("a publication that removes more than {percent} % has to be confirmed"),
        },
        created: visit.moment(app.created_at),
        changed: visit.moment(app.modified_at),
        published: app.published_at.map(|at| visit.moment(at)),
        figures,
        roster: roster(visit, place, app, &seats).await?,
        licenses: seats.iter().map(|seats| license(&here, seats)).collect(),
        sessions: sessions.iter().map(|session| session_row(visit, session)).collect(),
        publications: publications.iter().map(|one| publication(visit, one)).collect(),
        problem,
        here,
    })
}

fn figures(app: &Application, uses: &[LicenseUse]) -> Vec<Figure> {
    let sum = |number: fn(&LicenseUse) -> u64| -> u64 { uses.iter().map(number).sum() };
    let paid: u64 = app.licenses.iter().map(|(_, seats)| u64::from(seats)).sum();
    let seats = LicenseSeats::of(app, uses.to_vec());
    let unused: u64 = seats.iter().map(LicenseSeats::unused).sum();
    let over: u64 = seats.iter().map(LicenseSeats::over).sum();
    let figure = |name, value: u64, note: String| Figure { name, value: thousands(value), note };
    let (accounts, unknown) = (sum(|one| one.used), sum(|one| one.unknown));
    vec![
        figure(
            "Accounts",
            accounts,
            match sum(|one| one.inactive) {
                0 if accounts == 0 => "none was published".to_owned(),
                0 => "none of an inactive user".to_owned(),
                count => format!("{} of inactive users", thousands(count)),
            },
        ),
        figure(
            "Seats paid for",
            paid,
            match over {
                0 if paid == 0 => "no licence has a limit".to_owned(),
                0 => "of all licences with a limit".to_owned(),
                over => format!("{} more are in use", thousands(over)),
            },
        ),
        figure(
            "Unused seats",
            unused,
            match unused {
                0 if paid == 0 => "no seat is paid for".to_owned(),
                0 => "every seat is taken".to_owned(),
                _ => "could be given up".to_owned(),
            },
        ),
        figure(
            "Unknown e-mails",
            unknown,
            match unknown {
                0 if accounts == 0 => "no account is known yet".to_owned(),
                0 => "every account is a user's".to_owned(),
                _ => "accounts of nobody who is known here".to_owned(),
            },
        ),
    ]
}

fn license(here: &str, seats: &LicenseSeats) -> LicenseRow {
    let name = seats.held.license.as_deref().unwrap_or(WITHOUT);
    LicenseRow {
        bar: LicenseBar { url: Some(format!("{here}{}#roster", query(&[("license", name)]))), ..bar(seats) },
        unused: seats.permitted.map_or_else(|| "—".to_owned(), |_| thousands(seats.unused())),
        status: match (seats.permitted, seats.over()) {
            (None, _) => Status::new(Tone::Off, "No limit"),
            (Some(_), 0) if seats.unused() == 0 => Status::new(Tone::Warn, "Full"),
            (Some(_), 0) => Status::new(Tone::Ok, "Within its limit"),
            (Some(_), over) => Status::new(Tone::Danger, format!("{} too many", thousands(over))),
        },
        unknown: seats.held.unknown,
        inactive: seats.held.inactive,
    }
}

/// Which accounts are asked for.
fn filter(visit: &Visit<'_>) -> RosterFilter {
    let text: String = visit.query.get("q").chars().take(MAX_TEXT).collect();
    RosterFilter {
        license: Some(visit.query.raw("license"))
            .filter(|name| !name.is_empty())
            .map(|name| if name == WITHOUT { String::new() } else { name.to_owned() }),
        is_unknown: match visit.query.get("user") {
            "known" => Some(false),
            "unknown" => Some(true),
            _ => None,
        },
        containing: Some(text).filter(|text| !text.is_empty()),
    }
}

async fn roster(
    visit: &Visit<'_>,
    place: &Place,
    app: &Application,
    seats: &[LicenseSeats],
) -> Result<RosterPart, ConsoleError> {
    let (filter, after, here) = (filter(visit), visit.query.raw("after"), url(place, &app.id));
    let mut entries = visit.store(place).roster_entries(&app.id, &filter, Some(after), SIZE as i64 + 1).await?;
    let has_more = entries.len() > SIZE;
    entries.truncate(SIZE);
    let (text, chosen, user) = (visit.query.get("q"), visit.query.raw("license"), visit.query.get("user"));
    let at = |path: &str, after: &str| {
        let query = query(&[("q", text), ("license", chosen), ("user", user), ("after", after)]);
        format!("{here}{path}{query}")
    };
    let next = entries.last().filter(|_| has_more).map(|last| format!("{}#roster", at("", &last.user.app_user_id)));
    let license = |seats: &LicenseSeats| {
        let name = seats.held.license.as_deref();
        Choice::new(name.unwrap_or(WITHOUT), name.unwrap_or("None"), name.unwrap_or(WITHOUT) == chosen)
    };
    let is_filtered = filter != RosterFilter::default();
    let total: u64 = seats.iter().map(|seats| seats.held.used).sum();
    Ok(RosterPart {
        query: text.to_owned(),
        licenses: std::iter::once(Choice::new("", "All", chosen.is_empty())).chain(seats.iter().map(license)).collect(),
        users: USERS.into_iter().map(|(key, text)| Choice::new(key, text, key == user)).collect(),
        is_filtered,
        file: at("/report.csv", ""),
        pager: Pager {
            told: match (entries.len(), is_filtered, after.is_empty()) {
                (count, false, true) => format!("{count} of {}", thousands(total)),
                (count, true, true) => format!("{count} found{}", if has_more { ", and more" } else { "" }),
                (count, _, false) => format!("{count} more"),
            },
            previous: (!after.is_empty()).then(|| format!("{}#roster", at("", ""))),
            next,
        },
        accounts: entries.into_iter().map(|entry| account(visit, place, entry)).collect(),
    })
}

fn account(visit: &Visit<'_>, place: &Place, entry: RosterEntry) -> AccountRow {
    let RosterEntry { user, added_at, known, .. } = entry;
    let status = match &known {
        None => Status::new(Tone::Warn, "Unknown e-mail"),
        Some((_, _, true)) => Status::new(Tone::Ok, "Active"),
        Some((_, _, false)) => Status::new(Tone::Off, "Inactive"),
    };
    let users = resources::url(place, "User");
    AccountRow {
        id: user.app_user_id,
        username: user.username,
        email: user.email,
        license: user.license,
        user: known.map(|(id, name, _)| (name.unwrap_or_else(|| id.to_string()), format!("{users}/{id}"))),
        status,
        added: visit.moment(added_at),
    }
}

fn session_row(visit: &Visit<'_>, session: &RosterSession) -> SessionRow {
    SessionRow {
        id: session.id.to_string(),
        by: session.opened_by.clone().unwrap_or_else(|| "somebody".to_owned()),
        opened: visit.moment(session.opened_at),
        expires: visit.moment(session.expires_at),
        told: match session.parts {
            0 => "nothing yet".to_owned(),
            1 => format!("{} accounts in one part", thousands(session.entries)),
            parts => format!("{} accounts in {} parts", thousands(session.entries), thousands(parts)),
        },
    }
}

fn publication(visit: &Visit<'_>, publication: &Publication) -> PublicationRow {
    let counts = &publication.counts;
    let signed =
        |sign: &str, count: u64| if count == 0 { "0".to_owned() } else { format!("{sign}{}", thousands(count)) };
    PublicationRow {
        at: visit.moment(publication.at),
        by: publication.actor.clone(),
        kind: match publication.kind.as_str() {
            "request" => "In one request",
            "session" => "In a session",
            _ => "Taken off the list",
        },
        added: signed("+", counts.added),
        changed: thousands(counts.changed),
        removed: signed("−", counts.removed),
        total: thousands(counts.total),
    }
}

/// The accounts that are asked for as a file.
pub async fn file(visit: &Visit<'_>, place: &Place, app: &Application) -> ConsoleAnswer {
    Ok(roster_file(visit.store(place), &app.id, filter(visit), visit.id).await?)
}

/// Ends a session without a commit.
pub async fn abort(visit: &Visit<'_>, place: &Place, app: &Application, session: &str) -> ConsoleAnswer {
    visit.may_write()?;
    let session: RosterId = session.parse().map_err(|_| ConsoleError::NotFound)?;
    match visit.app.gateway.abort_roster(place.tenant.id, app, session, &visit.caller.origin).await {
        Ok(()) => reply::done(&url(place, &app.id), Flash::RosterAborted),
        Err(RosterError::Store(error)) => Err(error.into()),
        Err(RosterError::NoSession(_)) => Err(ConsoleError::NotFound),
        Err(error) => page(visit, place, app, Some(Notice::problem(sentence(&error.to_string())))).await,
    }
}
