//! `/api/v1/apps`: applications, and who has an account in each of them. Setting them up is administration; here their rosters are
//! published and read.

pub(super) mod report;
pub(super) mod sessions;
pub(super) mod users;

use actix_web::http::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use validator::Validate;

use super::ApiAnswer;
use super::problem::ApiError;
use super::request::ApiRequest;
use crate::gateway::RosterError;
use crate::http::answer::ok;
use crate::http::error::{HttpError, RequestError};
use crate::http::list::{List, WindowParameters};
use crate::http::problem::{FieldError, Problem, Told};
use crate::model::{Application, MAX_ROSTER_PART, Need, RosterPart, RosterPartError, Scope, Scopes};

/// An application
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppView {
    /// What its publishers put into their URLs
    id: String,
    /// Its name for people
    name: String,
    /// When its current list was published; null if it has none
    published_at: Option<chrono::DateTime<chrono::Utc>>,
}

impl From<Application> for AppView {
    fn from(app: Application) -> Self {
        Self { id: app.id.to_string(), name: app.name.to_string(), published_at: app.published_at }
    }
}

impl From<RosterError> for ApiError {
    fn from(error: RosterError) -> Self {
        let errors = match &error {
            RosterError::Duplicate(ids) => {
                let told = ids.iter().take(100);
                told.map(|id| FieldError::new("appUserId", format!("\"{id}\" is in another part"))).collect()
            }
            _ => Vec::new(),
        };
        let (status, kind, title) = match &error {
            RosterError::NoApplication(_) | RosterError::NoSession(_) | RosterError::NoUser(_) => {
                (StatusCode::NOT_FOUND, "urn:scimgate:problem:not-found", "Not found")
            }
            RosterError::Over { .. } => (StatusCode::CONFLICT, "urn:scimgate:problem:session-over", "Session over"),
            RosterError::TooManyOpen => (StatusCode::CONFLICT, "urn:scimgate:problem:sessions", "Too many open"),
            RosterError::Duplicate(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "urn:scimgate:problem:invalid", "Values that cannot be")
            }
            RosterError::Braked { .. } => (StatusCode::CONFLICT, "urn:scimgate:problem:removals", "Too many removals"),
            RosterError::Store(_) => {
                let RosterError::Store(error) = error else { return Self::NoRoute };
                return error.into();
            }
        };
        refused(status, (kind, title), error.to_string(), errors)
    }
}

fn refused(
    status: StatusCode,
    kind: (&'static str, &'static str),
    detail: String,
    errors: Vec<FieldError>,
) -> ApiError {
    ApiError::Refused(Box::new(Told { status, kind: Some(kind), detail, errors, code: None, header: None }))
}

impl From<RosterPartError> for ApiError {
    fn from(error: RosterPartError) -> Self {
        match error {
            RosterPartError::TooMany(count) => {
                too_many(&format!("there are {count} provisionedUsers, and one request takes {MAX_ROSTER_PART}"))
            }
            RosterPartError::Invalid(wrong) => {
                Self::Invalid(wrong.into_iter().map(|(field, detail)| FieldError { field, detail }).collect())
            }
        }
    }
}

/// That a list is too long for one request, and what to do.
fn too_many(what: &str) -> ApiError {
    refused(
        StatusCode::PAYLOAD_TOO_LARGE,
        ("urn:scimgate:problem:too-many", "Too many"),
        format!(
            "{what}; send a longer list in a roster session: POST /api/v1/apps/{{appId}}/rosters opens one, its parts go to \
                .../rosters/{{id}}/users, and .../rosters/{{id}}/commit makes them the list as a whole"
        ),
        Vec::new(),
    )
}

/// Leads to the handler of a path below `/api/v1/apps`.
pub(super) async fn route(request: ApiRequest<'_>, path: &[&str]) -> ApiAnswer {
    let reads = request.method() == "GET";
    if reads {
        request.needs_one_of(Scopes::from_iter([Scope::RosterWrite, Scope::Provision]))?;
    } else {
        request.needs(Scope::RosterWrite)?;
    }
    let [id, path @ ..] = path else {
        return if reads { list(request).await } else { Err(request.takes("GET, HEAD")) };
    };
    let missing = || ApiError::NotFound { kind: "application", id: (*id).to_owned() };
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    let app = match id.parse() {
        Ok(id) => tenant.application(&id).await?.ok_or_else(missing)?,
        Err(_) => return Err(missing()),
    };
    match (path, request.method()) {
        ([], "GET") => get(app),
        ([], _) => Err(request.takes("GET, HEAD")),
        (["users", path @ ..], _) => users::route(request, &app, path).await,
        (["rosters", path @ ..], _) => sessions::route(request, &app, path).await,
        (["licenses"], "GET") => report::licenses(request, &app).await,
        (["report"], "GET") => report::report(request, &app).await,
        (["publications"], "GET") => report::publications(request, &app).await,
        (["licenses" | "report" | "publications"], _) => Err(request.takes("GET, HEAD")),
        _ => Err(ApiError::NoRoute),
    }
}

impl ApiRequest<'_> {
    /// Holds that the credential has one of these scopes.
    fn needs_one_of(&self, scopes: Scopes) -> Result<(), ApiError> {
        Ok(self.caller.scopes.meet(Need::OneOf(scopes))?)
    }
}

/// The body of a request with a list, or a part of one.
async fn body<T: DeserializeOwned + Validate>(request: &mut ApiRequest<'_>) -> Result<T, ApiError> {
    request.json().await.map_err(|error| match error {
        ApiError::Http(HttpError::Request(RequestError::BodyTooLarge { limit })) => {
            too_many(&format!("the body has more than {limit} bytes"))
        }
        error => error,
    })
}

/// A part of a list that a body brought.
fn part(users: Vec<crate::model::ProvisionedUser>) -> Result<RosterPart, ApiError> {
    Ok(RosterPart::new(users)?)
}

/// The applications, by their ids
#[utoipa::path(get, path = "/api/v1/apps", tag = "Applications", params(WindowParameters),
    responses((status = 200, body = List<AppView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
async fn list(request: ApiRequest<'_>) -> ApiAnswer {
    let window = request.window()?;
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    let found = tenant.applications(window.after.as_deref(), window.reads()).await?;
    let page: List<AppView> = window.list(found, |app| app.id.to_string());
    ok(&page)
}

/// One application
#[utoipa::path(get, path = "/api/v1/apps/{appId}", tag = "Applications", params(("appId" = String, Path, description = "Its id")),
    responses((status = 200, body = AppView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
fn get(app: Application) -> ApiAnswer {
    ok(&AppView::from(app))
}
