//! `/console/t/{slug}/applications`: programs whose accounts are published as rosters, and the seats of their licences.

use std::collections::BTreeMap;

use super::error::{ConsoleError, sentence};
use super::fields::{Fields, query};
use super::flash::Flash;
use super::pages::{
    ApplicationForm, ApplicationRow, Applications, Field, Here, LicenseBar, Notice, Pager, Tone, thousands,
};
use super::{ConsoleAnswer, Place, Visit, reply, rosters};
use crate::gateway::{ApplicationChange, ApplicationError, NewApplication};
use crate::model::{AppId, Application, LicenseSeats, LicenseUse, Licenses, RemovalBrake};

/// Applications on a page.
const SIZE: usize = 25;
/// Licences of each that are shown there.
const SHOWN: usize = 3;

/// What is wrong, by the field that it stands in.
type Wrongs = BTreeMap<&'static str, String>;

/// Hands a request to its page.
pub async fn route(visit: &Visit<'_>, place: &Place, path: &[&str]) -> ConsoleAnswer {
    match (path, visit.is_post()) {
        ([], false) => list(visit, place).await,
        ([], true) => create(visit, place).await,
        ([id, path @ ..], is_post) => {
            let app = own(visit, place, id).await?;
            match (path, is_post) {
                ([], false) => rosters::page(visit, place, &app, None).await,
                (["edit"], false) => {
                    visit.may_write()?;
                    reply::page(&form(visit, place, Some(&app), &as_fields(&app), &Wrongs::new(), None))
                }
                ([], true) => change(visit, place, &app).await,
                (["delete"], true) => delete(visit, place, &app).await,
                (["report.csv"], false) => rosters::file(visit, place, &app).await,
                (["sessions", session, "abort"], true) => rosters::abort(visit, place, &app, session).await,
                _ => Err(ConsoleError::NotFound),
            }
        }
    }
}

/// The form for a new one.
pub fn new(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    visit.may_write()?;
    let usual = Fields::of(vec![("brake", RemovalBrake::default().percent().to_string())]);
    reply::page(&form(visit, place, None, &usual, &Wrongs::new(), None))
}

async fn own(visit: &Visit<'_>, place: &Place, id: &str) -> Result<Application, ConsoleError> {
    let id: AppId = id.parse().map_err(|_: String| ConsoleError::NotFound)?;
    visit.store(place).application(&id).await?.ok_or(ConsoleError::NotFound)
}

fn list_url(place: &Place) -> String {
    format!("/console/t/{}/applications", place.tenant.slug)
}

/// The address of an application's page.
pub fn url(place: &Place, id: &AppId) -> String {
    format!("{}/{id}", list_url(place))
}

async fn list(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    let (store, after) = (visit.store(place), visit.query.get("after"));
    let mut apps = store.applications(Some(after), SIZE as i64 + 1).await?;
    let has_more = apps.len() > SIZE;
    apps.truncate(SIZE);
    let ids: Vec<&str> = apps.iter().map(|app| app.id.as_str()).collect();
    let counts = store.license_counts(&ids).await?;
    let here = list_url(place);
    let last = apps.last().map(|app| app.id.to_string()).filter(|_| has_more);
    reply::page(&Applications {
        shell: visit.shell("Applications", Here::Applications, place),
        applications: apps.iter().map(|app| row(visit, place, app, &counts)).collect(),
        pager: Pager {
            told: match apps.len() {
                1 => "1 application".to_owned(),
                count => format!("{count} applications"),
            },
            previous: (!after.is_empty()).then(|| here.clone()),
            next: last.map(|last| format!("{here}{}", query(&[("after", &last)]))),
        },
    })
}

fn row(
    visit: &Visit<'_>,
    place: &Place,
    app: &Application,
    counts: &[(String, Option<String>, u64)],
) -> ApplicationRow {
    let own = counts.iter().filter(|(id, ..)| id == app.id.as_str());
    let held = |license: &Option<String>, used| LicenseUse { license: license.clone(), used, unknown: 0, inactive: 0 };
    let uses: Vec<LicenseUse> = own.map(|(_, license, used)| held(license, *used)).collect();
    let accounts: u64 = uses.iter().map(|one| one.used).sum();
    let mut seats = LicenseSeats::of(app, uses);
    seats.retain(|seats| seats.held.license.is_some());
    ApplicationRow {
        url: url(place, &app.id),
        id: app.id.to_string(),
        name: app.name.to_string(),
        accounts: thousands(accounts),
        published: app.published_at.map(|at| visit.moment(at)),
        licenses: seats.iter().take(SHOWN).map(bar).collect(),
        more: seats.len().saturating_sub(SHOWN),
    }
}

/// The bar of a licence.
pub fn bar(seats: &LicenseSeats) -> LicenseBar {
    let used = seats.held.used;
    let (percent, tone) = match seats.permitted.map(u64::from) {
        None => (None, Tone::Off),
        Some(limit) if used > limit => (Some(100), Tone::Danger),
        Some(limit) if used == limit => (Some(100), Tone::Warn),
        // The first account is seen, and the last seat that is free too.
        Some(limit) => (Some(if used == 0 { 0 } else { (used * 100 / limit).clamp(1, 99) }), Tone::Ok),
    };
    LicenseBar {
        name: seats.held.license.clone().unwrap_or_else(|| "Without a licence".to_owned()),
        url: None,
        told: match seats.permitted {
            Some(limit) => format!("{} of {}", thousands(used), thousands(limit.into())),
            None => thousands(used),
        },
        percent,
        tone,
    }
}

/// What forms say of an application as it is.
fn as_fields(app: &Application) -> Fields {
    let lines: Vec<String> = app.licenses.iter().map(|(name, seats)| format!("{name} = {seats}")).collect();
    Fields::of(vec![
        ("name", app.name.to_string()),
        ("licenses", lines.join("\n")),
        ("brake", app.removal_brake.percent().to_string()),
    ])
}

fn form(
    visit: &Visit<'_>,
    place: &Place,
    app: Option<&Application>,
    said: &Fields,
    wrongs: &Wrongs,
    refused: Option<String>,
) -> ApplicationForm {
    let field = |id: &'static str, label, hint, example| Field {
        id,
        label,
        hint,
        example,
        value: said.raw(id).to_owned(),
        wrong: wrongs.get(id).cloned(),
    };
    let title = app.map_or_else(|| "New application".to_owned(), |app| format!("Edit {}", app.name));
    let marked = (!wrongs.is_empty()).then(|| "Nothing was saved. Look at the fields that are marked.".to_owned());
    ApplicationForm {
        shell: visit.shell(&title, Here::Applications, place),
        action: app.map_or_else(|| list_url(place), |app| url(place, &app.id)),
        known: app.map(|app| (app.name.to_string(), url(place, &app.id))),
        id: app.is_none().then(|| {
            field(
                "id",
                "Id",
                "Stands in the address that its publisher sends to. Made up if you leave it empty.",
                "crm",
            )
        }),
        name: field("name", "Name", "For people.", "Sales CRM"),
        licenses: field(
            "licenses",
            "Licences and their seats",
            "Each on a line of its own. Licences without a limit need not be told.",
            "Pro = 200",
        ),
        brake: field(
            "brake",
            "Removal brake",
            "How many percent of the accounts, if they are 20 or more, one publication may remove before it has to be \
                confirmed. 100 brakes nothing.",
            "50",
        ),
        problem: refused.or(marked).map(Notice::problem),
    }
}

/// What a form says: the name, the licences, the brake.
fn asked(form: &Fields) -> Result<(crate::model::Label, Licenses, RemovalBrake), Wrongs> {
    let mut wrongs = Wrongs::new();
    let mut note = |field, told: String| wrongs.insert(field, sentence(&told));
    let name = form.get("name").parse().map_err(|told| note("name", told));
    let licenses = licenses(form.raw("licenses")).map_err(|told| note("licenses", told));
    let brake = form.get("brake").parse::<RemovalBrake>().map_err(|told| note("brake", told));
    match (name, licenses, brake) {
        (Ok(name), Ok(licenses), Ok(brake)) => Ok((name, licenses, brake)),
        _ => Err(wrongs),
    }
}

/// Lines of the form `Pro = 200`.
fn licenses(text: &str) -> Result<Licenses, String> {
    let mut seats = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let read = line.rsplit_once('=').and_then(|(name, seats)| Some((name.trim(), seats.trim().parse().ok()?)));
        let Some((name, number)) = read else {
            return Err("write each licence on a line of its own with the number of its seats, as Pro = 200".into());
        };
        if seats.insert(name.to_owned(), number).is_some() {
            return Err(format!("the licence {name} stands there twice; keep one of the two"));
        }
    }
    Licenses::new(seats)
}

async fn create(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    visit.may_write()?;
    let said = &visit.form;
    let id = Some(said.get("id")).filter(|id| !id.is_empty()).map(str::parse::<AppId>).transpose();
    let (id, (name, licenses, removal_brake)) = match (id, asked(said)) {
        (Ok(id), Ok(asked)) => (id, asked),
        (id, asked) => {
            let mut wrongs = asked.err().unwrap_or_default();
            if let Err(told) = id {
                wrongs.insert("id", sentence(&told));
            }
            return reply::page(&form(visit, place, None, said, &wrongs, None));
        }
    };
    let new = NewApplication { id, name, licenses, removal_brake };
    match visit.app.gateway.create_application(place.tenant.id, new, &visit.caller.origin).await {
        Ok(app) => reply::done(&url(place, &app.id), Flash::ApplicationCreated),
        Err(ApplicationError::Store(error)) => Err(error.into()),
        Err(error) => {
            let told = Wrongs::from([("id", sentence(&error.to_string()))]);
            reply::page(&form(visit, place, None, said, &told, None))
        }
    }
}

async fn change(visit: &Visit<'_>, place: &Place, app: &Application) -> ConsoleAnswer {
    visit.may_write()?;
    let said = &visit.form;
    let (name, licenses, brake) = match asked(said) {
        Ok(asked) => asked,
        Err(wrongs) => return reply::page(&form(visit, place, Some(app), said, &wrongs, None)),
    };
    let change = ApplicationChange { name: Some(name), licenses: Some(licenses), removal_brake: Some(brake) };
    match visit.app.gateway.change_application(place.tenant.id, &app.id, change, &visit.caller.origin).await {
        Ok(_) => reply::done(&url(place, &app.id), Flash::Saved),
        Err(ApplicationError::Store(error)) => Err(error.into()),
        Err(ApplicationError::NotFound(_)) => Err(ConsoleError::NotFound),
        Err(error) => {
            let told = Some(sentence(&error.to_string()));
            reply::page(&form(visit, place, Some(app), said, &Wrongs::new(), told))
        }
    }
}

async fn delete(visit: &Visit<'_>, place: &Place, app: &Application) -> ConsoleAnswer {
    visit.may_write()?;
    match visit.app.gateway.delete_application(place.tenant.id, &app.id, &visit.caller.origin).await {
        Ok(()) => reply::done(&list_url(place), Flash::ApplicationDeleted),
        Err(ApplicationError::Store(error)) => Err(error.into()),
        Err(_) => Err(ConsoleError::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_written_one_a_line() {
        let read =
            |text| licenses(text).map(|all| all.iter().map(|(name, n)| (name.to_owned(), n)).collect::<Vec<_>>());
        assert_eq!(read(" \n"), Ok(vec![]));
        assert_eq!(read("Pro = 200\r\n\r\na=b=3"), Ok(vec![("Pro".into(), 200), ("a=b".into(), 3)]));
        for wrong in ["Pro", "Pro = many", "Pro = -1", "= 3", "Pro = 1\nPro = 2"] {
            assert!(licenses(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_bar_is_full_when_no_seat_is_free_and_not_before() {
        let bar = |used, permitted| {
            let held = LicenseUse { license: None, used, unknown: 0, inactive: 0 };
            let bar = bar(&LicenseSeats { held, permitted });
            (bar.percent, bar.tone)
        };
        assert_eq!(bar(3, None), (None, Tone::Off));
        assert_eq!((bar(0, Some(0)), bar(0, Some(9))), ((Some(100), Tone::Warn), (Some(0), Tone::Ok)));
        assert_eq!((bar(1, Some(900)), bar(899, Some(900))), ((Some(1), Tone::Ok), (Some(99), Tone::Ok)));
        assert_eq!((bar(5, Some(5)), bar(6, Some(5))), ((Some(100), Tone::Warn), (Some(100), Tone::Danger)));
    }
}
