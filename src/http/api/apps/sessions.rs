//! `/api/v1/apps/{appId}/rosters`: sessions, in which a list of any length is put together before it becomes the current one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::super::ApiAnswer;
use super::super::problem::ApiError;
use super::super::request::ApiRequest;
use super::users::{ProvisionedUserBody, PublishedView};
use crate::gateway::RosterError;
use crate::http::answer::{created, no_content, ok};
use crate::http::problem::{FieldError, Problem};
use crate::model::{Application, MAX_ROSTER_PARTS, Origin, ProvisionedUser, RosterId, RosterSession};

/// One part of a list
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RosterPartBody {
    /// Its number, from 1 to 1,000. The same number again takes the place of what was sent before, so a part can be repeated
    part: i32,
    /// At most 1,000 of those who have an account
    #[schema(value_type = Vec<ProvisionedUserBody>)]
    provisioned_users: Vec<ProvisionedUser>,
}

/// A session
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionView {
    id: String,
    /// The application's id
    app_id: String,
    /// `open`, `committed`, `aborted` or `expired`
    state: String,
    opened_at: DateTime<Utc>,
    /// When it ends by itself if it is not committed
    expires_at: DateTime<Utc>,
    committed_at: Option<DateTime<Utc>>,
    /// How many parts it has
    parts: u64,
    /// How many entries those have
    entries: u64,
    /// The name of the credential that opened it, where that is known
    opened_by: Option<String>,
}

impl From<RosterSession> for SessionView {
    fn from(session: RosterSession) -> Self {
        let RosterSession { id, app, state, opened_at, expires_at, committed_at, parts, entries, opened_by } = session;
        let (id, app_id) = (id.to_string(), app.to_string());
        Self { id, app_id, state, opened_at, expires_at, committed_at, parts, entries, opened_by }
    }
}

pub(super) async fn route(request: ApiRequest<'_>, app: &Application, path: &[&str]) -> ApiAnswer {
    let [id, path @ ..] = path else {
        return if request.method() == "POST" { open(request, app).await } else { Err(request.takes("POST")) };
    };
    let id: RosterId = id.parse().map_err(|_| ApiError::NotFound { kind: "roster session", id: (*id).to_owned() })?;
    match (path, request.method()) {
        ([], "GET") => get(request, app, id).await,
        ([], "DELETE") => abort(request, app, id).await,
        ([], _) => Err(request.takes("GET, HEAD, DELETE")),
        (["users"], "POST") => append(request, app, id).await,
        (["commit"], "POST") => commit(request, app, id).await,
        (["users" | "commit"], _) => Err(request.takes("POST")),
        _ => Err(ApiError::NoRoute),
    }
}

/// Opens a session. It expires after 24 hours; five of an application may be open
#[utoipa::path(post, path = "/api/v1/apps/{appId}/rosters", tag = "Roster sessions",
    params(("appId" = String, Path, description = "The application's id")),
    responses((status = 201, body = SessionView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn open(request: ApiRequest<'_>, app: &Application) -> ApiAnswer {
    let session = request.app.gateway.open_roster(&request.caller, &app.id).await?;
    let location = format!("/api/v1/apps/{}/rosters/{}", app.id, session.id);
    created(&location, &SessionView::from(session))
}

/// Puts a part into the session; nothing is published by that
#[utoipa::path(post, path = "/api/v1/apps/{appId}/rosters/{id}/users", tag = "Roster sessions", request_body = RosterPartBody,
    params(("appId" = String, Path, description = "The application's id"), ("id" = String, Path, description = "The session's id")),
    responses((status = 200, body = SessionView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn append(mut request: ApiRequest<'_>, app: &Application, id: RosterId) -> ApiAnswer {
    let RosterPartBody { part: number, provisioned_users } = super::body(&mut request).await?;
    if !(1..=MAX_ROSTER_PARTS).contains(&number) {
        return Err(FieldError::new("part", format!("is no number from 1 to {MAX_ROSTER_PARTS}; correct it")).into());
    }
    let part = super::part(provisioned_users)?;
    request.app.gateway.append_roster_part(&request.caller, &app.id, id, (number, &part)).await?;
    get(request, app, id).await
}

/// What became of a session
#[utoipa::path(get, path = "/api/v1/apps/{appId}/rosters/{id}", tag = "Roster sessions",
    params(("appId" = String, Path, description = "The application's id"), ("id" = String, Path, description = "The session's id")),
    responses((status = 200, body = SessionView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(request: ApiRequest<'_>, app: &Application, id: RosterId) -> ApiAnswer {
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    let session = tenant.roster_session(&app.id, id, request.app.clock.now()).await?;
    ok(&SessionView::from(session.ok_or(RosterError::NoSession(id))?))
}

/// Makes the session's list the application's current one, as a whole. Again answers the same
#[utoipa::path(post, path = "/api/v1/apps/{appId}/rosters/{id}/commit", tag = "Roster sessions",
    params(("appId" = String, Path, description = "The application's id"), ("id" = String, Path, description = "The session's id"),
        ("dryRun" = Option<bool>, Query, description = "Tell what would change, and write nothing"),
        ("confirmRemovals" = Option<bool>, Query, description = "Go on even if more entries go than the application's removal brake lets pass")),
    responses((status = 200, body = PublishedView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn commit(request: ApiRequest<'_>, app: &Application, id: RosterId) -> ApiAnswer {
    let choice = request.choice()?;
    let published = request.app.gateway.commit_roster(&request.caller, app, id, choice).await?;
    ok(&PublishedView::of(published, choice))
}

/// Ends a session without publishing anything
#[utoipa::path(delete, path = "/api/v1/apps/{appId}/rosters/{id}", tag = "Roster sessions",
    params(("appId" = String, Path, description = "The application's id"), ("id" = String, Path, description = "The session's id")),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn abort(request: ApiRequest<'_>, app: &Application, id: RosterId) -> ApiAnswer {
    let (tenant, origin) = (request.caller.tenant.id, Origin::of(&request.caller));
    request.app.gateway.abort_roster(tenant, app, id, &origin).await?;
    no_content()
}
