//! `/console/admins` and `/console/t/{slug}/admins`: who administers.

use secrecy::ExposeSecret;

use super::error::{ConsoleError, sentence};
use super::flash::Flash;
use super::pages::{AdminRow, Admins, Here, Notice, Revealed, Secret, Status, Tone};
use super::{ConsoleAnswer, Place, Visit, reply};
use crate::gateway::{AdminChangeError, AdminDraft, AdminEdit, NewLink};
use crate::http::error::HttpError;
use crate::model::{Admin, AdminEmail, AdminId, AdminRole, Label, Reach};
use crate::store::StoreError;

/// Administrators on the page; there are never many.
const SHOWN: i64 = 200;

/// Hands a request to its page. Without a place the administrators of the installation are meant.
pub async fn route(visit: &Visit<'_>, place: Option<&Place>, path: &[&str]) -> ConsoleAnswer {
    if place.is_none() && visit.caller.reach != Reach::Instance {
        return Err(ConsoleError::NotFound);
    }
    match (path, visit.is_post()) {
        ([], false) => list(visit, place, None, None).await,
        ([], true) => invite(visit, place).await,
        ([id, act], true) => {
            let id = id.parse().map_err(|_| ConsoleError::NotFound)?;
            change(visit, place, id, act).await
        }
        _ => Err(ConsoleError::NotFound),
    }
}

fn url(place: Option<&Place>) -> String {
    place.map_or_else(|| "/console/admins".to_owned(), |place| format!("/console/t/{}/admins", place.tenant.slug))
}

fn reach(place: Option<&Place>) -> Reach {
    place.map(|place| place.tenant.id).into()
}

async fn list(
    visit: &Visit<'_>,
    place: Option<&Place>,
    revealed: Option<Revealed>,
    problem: Option<Notice>,
) -> ConsoleAnswer {
    let reach = reach(place);
    let admins = visit.app.store.admins_page(visit.caller.reach, None, SHOWN).await?;
    let shell = match place {
        Some(place) => visit.shell("Administrators", Here::Admins, place),
        None => visit.instance_shell("Administrators", Here::InstanceAdmins),
    };
    let intro = match place {
        Some(place) => format!("They reach {} and nothing else.", place.tenant.name),
        None => "They reach every tenant, and what belongs to none.".to_owned(),
    };
    reply::page(&Admins {
        shell,
        intro,
        url: url(place),
        admins: admins.iter().filter(|admin| admin.reach == reach).map(|admin| row(visit, admin)).collect(),
        revealed,
        problem,
    })
}

fn row(visit: &Visit<'_>, admin: &Admin) -> AdminRow {
    let is_locked = admin.locked_until.is_some_and(|until| until > visit.now);
    let status = match (admin.disabled_at.is_some(), admin.has_password, is_locked) {
        (true, ..) => Status::new(Tone::Off, "Disabled"),
        (false, false, _) => Status::new(Tone::Warn, "Invited"),
        (false, true, true) => Status::new(Tone::Danger, "Locked"),
        (false, true, false) => Status::new(Tone::Ok, "Active"),
    };
    let second_factor = if admin.has_totp { (Tone::Ok, "On") } else { (Tone::Warn, "Not set up") };
    AdminRow {
        id: admin.id.to_string(),
        email: admin.email.clone(),
        name: admin.name.clone(),
        role: role_name(admin.role).to_owned(),
        myself: admin.id == visit.admin.id,
        live: admin.disabled_at.is_none(),
        has_second_factor: admin.has_totp,
        status,
        second_factor: Status::new(second_factor.0, second_factor.1),
        signed_in: admin.last_sign_in_at.map(|at| visit.moment(at)),
    }
}

/// A role's name for people.
pub fn role_name(role: AdminRole) -> &'static str {
    match role {
        AdminRole::Owner => "Owner",
        AdminRole::Admin => "Admin",
        AdminRole::Auditor => "Auditor",
    }
}

fn revealed(visit: &Visit<'_>, title: String, link: &NewLink) -> Revealed {
    let origin = visit.app.base_url.trim_end_matches("/scim/v2");
    let value = link.url(origin).expose_secret().to_owned();
    let name = format!("One-time link, works until {}", visit.moment(link.expires_at).exact);
    Revealed { title, values: vec![Secret { id: "link", name, value }] }
}

async fn invite(visit: &Visit<'_>, place: Option<&Place>) -> ConsoleAnswer {
    let form = &visit.form;
    let (email, name) = (form.get("email").parse::<AdminEmail>(), form.get("name").parse::<Label>());
    let parsed = (email, name, form.get("role").parse::<AdminRole>());
    let (email, name, role) = match parsed {
        (Ok(email), Ok(name), Ok(role)) => (email, name, role),
        (Err(told), ..) | (_, Err(told), _) | (.., Err(told)) => return refused(visit, place, &told).await,
    };
    let draft = AdminDraft { email, name, role, reach: reach(place) };
    match visit.app.gateway.invite_admin(&visit.caller, &draft).await {
        Ok((admin, link)) => {
            let revealed = revealed(visit, format!("Hand this to {}", admin.email), &link);
            list(visit, place, Some(revealed), None).await
        }
        Err(error) => failed(visit, place, error).await,
    }
}

async fn change(visit: &Visit<'_>, place: Option<&Place>, id: AdminId, act: &str) -> ConsoleAnswer {
    let gateway = &visit.app.gateway;
    let edit = |enabled| AdminEdit { enabled: Some(enabled), ..AdminEdit::default() };
    let outcome = match act {
        "disable" => gateway.change_admin(&visit.caller, id, &edit(false)).await.map(|_| Flash::AdminDisabled),
        "enable" => gateway.change_admin(&visit.caller, id, &edit(true)).await.map(|_| Flash::AdminEnabled),
        "second-factor" => gateway.reset_totp(&visit.caller, id).await.map(|_| Flash::SecondFactorOff),
        "password" => {
            return match gateway.reset_password(&visit.caller, id).await {
                Ok(link) => {
                    let revealed = revealed(visit, "A link to choose a new password".to_owned(), &link);
                    list(visit, place, Some(revealed), None).await
                }
                Err(error) => failed(visit, place, error).await,
            };
        }
        _ => return Err(ConsoleError::NotFound),
    };
    match outcome {
        Ok(flash) => reply::done(&url(place), flash),
        Err(error) => failed(visit, place, error).await,
    }
}

async fn refused(visit: &Visit<'_>, place: Option<&Place>, told: &str) -> ConsoleAnswer {
    list(visit, place, None, Some(Notice::problem(sentence(told)))).await
}

async fn failed(visit: &Visit<'_>, place: Option<&Place>, error: AdminChangeError) -> ConsoleAnswer {
    match error {
        AdminChangeError::Store(error) => Err(error.into()),
        AdminChangeError::NotFound(_) => Err(ConsoleError::NotFound),
        error @ AdminChangeError::Password(_) => Err(HttpError::from(StoreError::internal(error)).into()),
        error => refused(visit, place, &error.to_string()).await,
    }
}
