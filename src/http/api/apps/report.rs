//! `/api/v1/apps/{appId}/licenses`, `.../report` and `.../publications`: what an application's roster comes to.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::ApiAnswer;
use super::super::problem::ApiError;
use super::super::request::ApiRequest;
use super::users::EntryView;
use crate::http::answer::ok;
use crate::http::list::{List, WindowParameters};
use crate::http::problem::{FieldError, Problem};
use crate::http::roster_file::{instant, roster_file};
use crate::model::{Application, LicenseSeats, LicenseUse, Publication, PublicationId};

/// The seats of one licence
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LicenseView {
    /// Its name; null for the accounts that have none
    license: Option<String>,
    /// Accounts that have it
    used: u64,
    /// Seats that are paid for; null if there is no limit
    permitted: Option<u32>,
    /// Accounts beyond the seats
    over: u64,
    /// Seats that nobody has
    unused: u64,
    /// Of the accounts, those whose e-mail address no user has
    unknown_emails: u64,
    /// Of the accounts, those whose user is inactive
    inactive_users: u64,
}

/// The seats of an application
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LicensesView {
    /// The application's id
    app_id: String,
    /// The instant for which the numbers hold: they are counted when they are asked for
    as_of: DateTime<Utc>,
    /// When the current list was published; null if there is none
    published_at: Option<DateTime<Utc>>,
    /// When the users of all its e-mail addresses were last looked up
    emails_as_of: Option<DateTime<Utc>>,
    /// Accounts in all
    total: u64,
    /// Accounts whose e-mail address no user has
    unknown_emails: u64,
    /// Accounts whose user is inactive
    inactive_users: u64,
    /// The licences, by name
    items: Vec<LicenseView>,
}

impl LicensesView {
    fn of(app: &Application, uses: Vec<LicenseUse>, as_of: DateTime<Utc>) -> Self {
        let sum = |number: fn(&LicenseUse) -> u64| uses.iter().map(number).sum();
        let (total, unknown_emails, inactive_users) =
            (sum(|one| one.used), sum(|one| one.unknown), sum(|one| one.inactive));
        let items = LicenseSeats::of(app, uses).into_iter().map(LicenseView::from).collect();
        Self {
            app_id: app.id.to_string(),
            as_of,
            published_at: app.published_at,
            emails_as_of: app.resolved_at,
            total,
            unknown_emails,
            inactive_users,
            items,
        }
    }
}

impl From<LicenseSeats> for LicenseView {
    fn from(seats: LicenseSeats) -> Self {
        Self {
            over: seats.over(),
            unused: seats.unused(),
            license: seats.held.license,
            used: seats.held.used,
            permitted: seats.permitted,
            unknown_emails: seats.held.unknown,
            inactive_users: seats.held.inactive,
        }
    }
}

/// A publication
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublicationView {
    id: String,
    /// `request` (a whole list in one request), `session`, or `removal`
    kind: String,
    at: DateTime<Utc>,
    /// The credential that did it, by its name
    actor: String,
    added: u64,
    changed: u64,
    removed: u64,
    unchanged: u64,
    total: u64,
}

impl From<Publication> for PublicationView {
    fn from(publication: Publication) -> Self {
        let Publication { id, kind, at, actor, counts } = publication;
        Self {
            id: id.to_string(),
            kind,
            at,
            actor,
            added: counts.added,
            changed: counts.changed,
            removed: counts.removed,
            unchanged: counts.unchanged(),
            total: counts.total,
        }
    }
}

/// Who holds what, and what is wrong with it
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportView {
    /// The numbers
    licenses: LicensesView,
    /// The accounts, by their ids
    accounts: List<EntryView>,
}

/// The seats of an application: how many are used, permitted, too many, and unused
#[utoipa::path(get, path = "/api/v1/apps/{appId}/licenses", tag = "Applications",
    params(("appId" = String, Path, description = "The application's id")),
    responses((status = 200, body = LicensesView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn licenses(request: ApiRequest<'_>, app: &Application) -> ApiAnswer {
    ok(&counted(&request, app).await?)
}

async fn counted(request: &ApiRequest<'_>, app: &Application) -> Result<LicensesView, ApiError> {
    let as_of = request.app.clock.now();
    let uses = request.app.store.tenant(request.caller.tenant.id).license_uses(&app.id).await?;
    Ok(LicensesView::of(app, uses, as_of))
}

/// Who holds what, which seats are unused, and whose e-mail addresses nobody has; as JSON, or as CSV of which no cell is a formula
#[utoipa::path(get, path = "/api/v1/apps/{appId}/report", tag = "Applications",
    params(("appId" = String, Path, description = "The application's id"),
        ("format" = Option<String>, Query, description = "`json` or `csv`; `json` if absent. The file has all accounts"),
        ("license" = Option<String>, Query, description = "Those with this licence; empty for those without one"),
        ("unknown" = Option<bool>, Query, description = "Those whose e-mail address no user has (true), or some user (false)"),
        WindowParameters),
    responses((status = 200, content((ReportView = "application/json"), (String = "text/csv"))),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn report(request: ApiRequest<'_>, app: &Application) -> ApiAnswer {
    let filter = request.roster_filter()?;
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    match request.query().get("format")?.as_deref() {
        None | Some("" | "json") => {}
        Some("csv") => return Ok(roster_file(tenant, &app.id, filter, request.caller.request).await?),
        Some(_) => return Err(FieldError::new("format", "is neither json nor csv; choose one of them").into()),
    }
    let window = request.window()?;
    let found = tenant.roster_entries(&app.id, &filter, window.after.as_deref(), window.reads()).await?;
    let accounts = window.list(found, |entry| entry.user.app_user_id.clone());
    ok(&ReportView { licenses: counted(&request, app).await?, accounts })
}

/// The publications of an application, the newest first
#[utoipa::path(get, path = "/api/v1/apps/{appId}/publications", tag = "Applications",
    params(("appId" = String, Path, description = "The application's id"), WindowParameters),
    responses((status = 200, body = List<PublicationView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn publications(request: ApiRequest<'_>, app: &Application) -> ApiAnswer {
    let window = request.window()?;
    let wrong = || FieldError::new("cursor", "is no nextCursor of this list; start without one");
    let before = window.after.as_deref().map(|text| {
        let (at, id) = text.split_once(' ')?;
        Some((at.parse::<DateTime<Utc>>().ok()?, id.parse::<PublicationId>().ok()?))
    });
    let before = before.map(|place| place.ok_or_else(wrong)).transpose()?;
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    let found = tenant.roster_publications(&app.id, before, window.reads()).await?;
    let page: List<PublicationView> = window.list(found, |one| format!("{} {}", instant(one.at), one.id));
    ok(&page)
}
