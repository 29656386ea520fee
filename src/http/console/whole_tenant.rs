//! What administrators of the installation do with a tenant as a whole: suspend, resume, delete and restore it.

use chrono::TimeDelta;

use super::error::{ConsoleError, sentence};
use super::flash::Flash;
use super::pages::{Choice, Notice, Status, Tone, WholeTenant};
use super::{ConsoleAnswer, Place, Visit, reply, settings};
use crate::gateway::TenantError;
use crate::model::{AdminRole, Reach, TenantState};

/// For how many days a deleted tenant can be brought back.
const GRACES: [(&str, &str); 4] =
    [("30", "After 30 days"), ("7", "After 7 days"), ("90", "After 90 days"), ("0", "At once")];

/// What may be done with it by who looks at it; none for those who reach this tenant alone.
pub fn of(visit: &Visit<'_>, place: &Place) -> Option<WholeTenant> {
    if visit.caller.reach != Reach::Instance {
        return None;
    }
    let (status, told) = match place.tenant.state {
        TenantState::Active => (Status::new(Tone::Ok, "In use"), "Its credentials are taken.".to_owned()),
        TenantState::Suspended { since } => {
            let told = format!("Suspended {}; its credentials are refused.", visit.moment(since).told);
            (Status::new(Tone::Warn, "Suspended"), told)
        }
        TenantState::Deleted { purge_at, .. } => {
            let told = format!("Its credentials are refused, and its data goes {}.", visit.moment(purge_at).told);
            (Status::new(Tone::Off, "Deleted"), told)
        }
    };
    let (writes, owns) = (visit.caller.may_write(), visit.caller.role == AdminRole::Owner);
    let is_deleted = matches!(place.tenant.state, TenantState::Deleted { .. });
    Some(WholeTenant {
        status,
        told,
        suspends: writes && place.tenant.state == TenantState::Active,
        resumes: writes && matches!(place.tenant.state, TenantState::Suspended { .. }),
        deletes: owns && !is_deleted,
        restores: owns && is_deleted,
        graces: GRACES.into_iter().map(|(key, text)| Choice::new(key, text, key == GRACES[0].0)).collect(),
    })
}

/// A word on every page of a tenant that is not in use.
pub fn standing(visit: &Visit<'_>, place: &Place) -> Option<Notice> {
    let (tone, text) = match place.tenant.state {
        TenantState::Active => return None,
        TenantState::Suspended { since } => {
            let since = visit.moment(since).told;
            (Tone::Warn, format!("This tenant was suspended {since}: all its credentials are refused with 403."))
        }
        TenantState::Deleted { purge_at, .. } => {
            let end = visit.moment(purge_at).told;
            (Tone::Danger, format!("This tenant is deleted. Its data goes {end}, unless an owner restores it before."))
        }
    };
    Some(Notice { tone, text })
}

/// Does what a form asks for.
pub async fn act(visit: &Visit<'_>, place: &Place, what: &str) -> ConsoleAnswer {
    if visit.caller.reach != Reach::Instance {
        return Err(ConsoleError::Forbidden("Tenants are ended by administrators of the whole installation."));
    }
    visit.may_write()?;
    if matches!(what, "delete" | "restore") && visit.caller.role != AdminRole::Owner {
        return Err(ConsoleError::Forbidden("Tenants are deleted and restored by owners."));
    }
    let (gateway, slug, origin) = (&visit.app.gateway, &place.tenant.slug, &visit.caller.origin);
    let (outcome, flash) = match what {
        "suspend" => (gateway.suspend_tenant(slug, origin).await, Flash::TenantSuspended),
        "resume" => (gateway.resume_tenant(slug, origin).await, Flash::TenantResumed),
        "restore" => (gateway.restore_tenant(slug, origin).await, Flash::TenantRestored),
        "delete" => match grace(visit, place) {
            Ok(grace) => (gateway.delete_tenant(slug, grace, origin).await, Flash::TenantDeleted),
            Err(told) => return settings::refused(visit, place, told).await,
        },
        _ => return Err(ConsoleError::NotFound),
    };
    match outcome {
        Ok(_) if what == "delete" => reply::done("/console/tenants", flash),
        Ok(_) => reply::done(&format!("/console/t/{slug}/settings"), flash),
        Err(TenantError::Store(error)) => Err(error.into()),
        Err(error) => settings::refused(visit, place, &sentence(&error.to_string())).await,
    }
}

/// How long a deleted tenant can be restored, if its name was typed.
fn grace(visit: &Visit<'_>, place: &Place) -> Result<TimeDelta, &'static str> {
    if visit.form.get("slug") != place.tenant.slug.as_str() {
        return Err("Nothing was deleted: what you typed is not the tenant's short name.");
    }
    let days = visit.form.get("grace").parse().ok().filter(|days| (0..=365).contains(days));
    days.map(TimeDelta::days).ok_or("Nothing was deleted: choose when the data goes, 0 to 365 days from now.")
}
