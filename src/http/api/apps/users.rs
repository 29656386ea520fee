//! `/api/v1/apps/{appId}/users`: the roster of an application. What is posted is the whole current list.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::super::ApiAnswer;
use super::super::problem::ApiError;
use super::super::request::ApiRequest;
use crate::http::answer::{no_content, ok};
use crate::http::list::{List, WindowParameters};
use crate::http::problem::{FieldError, Problem};
use crate::model::{
    Application, ProvisionedUser, PublicationChoice, Published, RosterDifference, RosterEntry, RosterFilter,
};

/// Somebody who has an account in the application
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes what the body holds")]
pub struct ProvisionedUserBody {
    /// The account's id in the application; unique in the list, at most 512 characters
    app_user_id: String,
    /// The e-mail address of the account's owner
    email: String,
    /// The account's name
    username: Option<String>,
    /// The licence that the account has
    license: Option<String>,
}

/// A whole list
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RosterBody {
    /// All who have an account, at most 1,000. Who is missing has none any more
    #[schema(value_type = Vec<ProvisionedUserBody>)]
    provisioned_users: Vec<ProvisionedUser>,
}

/// What a publication came to
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublishedView {
    /// Always true; what goes wrong is a problem instead
    success: bool,
    /// Whether nothing was written, as was asked for
    dry_run: bool,
    /// Entries that are new
    added: u64,
    /// Entries with another e-mail address, name or licence than before
    changed: u64,
    /// Entries that are there no more
    removed: u64,
    /// Entries that are as they were
    unchanged: u64,
    /// Entries of the list
    total: u64,
    /// Entries whose e-mail address no user has
    unknown_emails: u64,
    /// Of a dry run: whether it would be refused for what it removes, unless confirmRemovals=true is sent
    #[serde(skip_serializing_if = "Option::is_none")]
    needs_confirmation: Option<bool>,
    /// Of a dry run: the first 50 differences of each kind
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<DifferenceView>>)]
    changes: Option<Vec<RosterDifference>>,
    /// Of a dry run: whether there are more differences than are shown
    #[serde(skip_serializing_if = "Option::is_none")]
    is_cut_short: Option<bool>,
}

/// One entry that differs
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceView {
    /// `added`, `changed` or `removed`
    kind: String,
    /// Whose
    app_user_id: String,
    /// As it is now; null if it is new
    old: Option<ValuesView>,
    /// As it is to be; null if it goes
    new: Option<ValuesView>,
}

/// The values of an entry
#[derive(Serialize, ToSchema)]
pub struct ValuesView {
    /// The e-mail address
    email: String,
    /// The account's name
    username: Option<String>,
    /// The licence
    license: Option<String>,
}

impl PublishedView {
    /// What became of a publication.
    pub fn of(published: Published, choice: PublicationChoice) -> Self {
        let Published { counts, sample, is_braked } = published;
        let differences = counts.added + counts.changed + counts.removed;
        Self {
            success: true,
            dry_run: choice.is_trial,
            added: counts.added,
            changed: counts.changed,
            removed: counts.removed,
            unchanged: counts.unchanged(),
            total: counts.total,
            unknown_emails: counts.unknown_emails,
            needs_confirmation: choice.is_trial.then_some(is_braked),
            is_cut_short: choice.is_trial.then_some((sample.len() as u64) < differences),
            changes: choice.is_trial.then_some(sample),
        }
    }
}

/// An entry of the current list
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntryView {
    /// The account's id in the application
    app_user_id: String,
    /// The e-mail address of the account's owner
    email: String,
    /// The account's name
    username: Option<String>,
    /// The licence that the account has
    license: Option<String>,
    /// Always `provisioned`: whoever is on the list is
    state: &'static str,
    /// Since when it is on the list
    added_at: DateTime<Utc>,
    /// Since when it is as it is
    changed_at: DateTime<Utc>,
    /// The user who has the e-mail address; null if nobody has
    user: Option<KnownUser>,
}

/// The user who has an e-mail address
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KnownUser {
    /// The id, as in `/scim/v2/Users/{id}`
    id: String,
    /// The name for people
    name: Option<String>,
    /// Whether the user may sign in
    active: bool,
}

impl From<RosterEntry> for EntryView {
    fn from(entry: RosterEntry) -> Self {
        let RosterEntry { user, added_at, changed_at, known } = entry;
        let ProvisionedUser { app_user_id, email, username, license } = user;
        let known = known.map(|(id, name, active)| KnownUser { id: id.to_string(), name, active });
        Self { app_user_id, email, username, license, state: "provisioned", added_at, changed_at, user: known }
    }
}

/// Removed entries
#[derive(Debug, Serialize, ToSchema)]
pub struct EmptiedView {
    /// Always true; what goes wrong is a problem instead
    success: bool,
    /// How many entries there were
    removed: u64,
}

pub(super) async fn route(request: ApiRequest<'_>, app: &Application, path: &[&str]) -> ApiAnswer {
    match (path, request.method()) {
        ([], "GET") => list(request, app).await,
        ([], "POST") => publish(request, app).await,
        ([], "DELETE") => empty(request, app).await,
        ([], _) => Err(request.takes("GET, HEAD, POST, DELETE")),
        ([id], "DELETE") => remove(request, app, id).await,
        ([_], _) => Err(request.takes("DELETE")),
        _ => Err(ApiError::NoRoute),
    }
}

impl ApiRequest<'_> {
    /// How a list is to be published.
    pub(super) fn choice(&self) -> Result<PublicationChoice, ApiError> {
        Ok(PublicationChoice { is_trial: self.flag("dryRun")?, is_confirmed: self.flag("confirmRemovals")? })
    }

    /// Which entries are asked for.
    pub(super) fn roster_filter(&self) -> Result<RosterFilter, ApiError> {
        let query = self.query();
        let is_unknown = match query.get("unknown")?.as_deref() {
            None => None,
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) => return Err(FieldError::new("unknown", "is neither true nor false; choose one of them").into()),
        };
        let license = query.get("license")?.map(|license| license.into_owned());
        Ok(RosterFilter { license, is_unknown, containing: None })
    }
}

/// Publishes the whole current list of an application's users: who is on it and was not is added, who is not on it is removed.
/// All of it or nothing is written
#[utoipa::path(post, path = "/api/v1/apps/{appId}/users", tag = "Applications", request_body = RosterBody,
    params(("appId" = String, Path, description = "The application's id"),
        ("dryRun" = Option<bool>, Query, description = "Tell what would change, and write nothing"),
        ("confirmRemovals" = Option<bool>, Query, description = "Go on even if more entries go than the application's removal brake lets pass")),
    responses((status = 200, body = PublishedView),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "More entries would go than the brake lets pass"),
        (status = 413, body = Problem, content_type = "application/problem+json", description = "More than 1,000 entries: use a roster session"),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn publish(mut request: ApiRequest<'_>, app: &Application) -> ApiAnswer {
    let choice = request.choice()?;
    let part = super::part(super::body::<RosterBody>(&mut request).await?.provisioned_users)?;
    let published = request.app.gateway.publish_roster(&request.caller, app, &part, choice).await?;
    ok(&PublishedView::of(published, choice))
}

/// The current list, by the accounts' ids
#[utoipa::path(get, path = "/api/v1/apps/{appId}/users", tag = "Applications",
    params(("appId" = String, Path, description = "The application's id"),
        ("license" = Option<String>, Query, description = "Those with this licence; empty for those without one"),
        ("unknown" = Option<bool>, Query, description = "Those whose e-mail address no user has (true), or some user (false)"),
        WindowParameters),
    responses((status = 200, body = List<EntryView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(request: ApiRequest<'_>, app: &Application) -> ApiAnswer {
    let (window, filter) = (request.window()?, request.roster_filter()?);
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    let found = tenant.roster_entries(&app.id, &filter, window.after.as_deref(), window.reads()).await?;
    let page: List<EntryView> = window.list(found, |entry| entry.user.app_user_id.clone());
    ok(&page)
}

/// Empties the list
#[utoipa::path(delete, path = "/api/v1/apps/{appId}/users", tag = "Applications",
    params(("appId" = String, Path, description = "The application's id")),
    responses((status = 200, body = EmptiedView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn empty(request: ApiRequest<'_>, app: &Application) -> ApiAnswer {
    let removed = request.app.gateway.empty_roster(&request.caller, app).await?;
    ok(&EmptiedView { success: true, removed })
}

/// Takes one account off the list
#[utoipa::path(delete, path = "/api/v1/apps/{appId}/users/{appUserId}", tag = "Applications",
    params(("appId" = String, Path, description = "The application's id"), ("appUserId" = String, Path, description = "The account's id")),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn remove(request: ApiRequest<'_>, app: &Application, app_user: &str) -> ApiAnswer {
    request.app.gateway.remove_roster_user(&request.caller, app, app_user).await?;
    no_content()
}
