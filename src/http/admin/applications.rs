//! `/admin/v1/tenants/{tenant}/applications`

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::AdminAnswer;
use super::connections::field;
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, created, no_content, ok, page};
use crate::gateway::{ApplicationChange, ApplicationError, NewApplication};
use crate::http::list::{List, WindowParameters};
use crate::model::{AppId, Application, Licenses, RemovalBrake, TenantId};

/// An application, whose roster is published through the provisioning API
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationView {
    /// What its publishers put into their URLs
    id: String,
    /// Its name for people
    name: String,
    /// How many seats of each licence are paid for
    #[schema(value_type = BTreeMap<String, u32>)]
    licenses: Licenses,
    /// How many percent of its entries one publication may remove unasked; 100 brakes nothing
    #[schema(value_type = u8)]
    removal_brake: RemovalBrake,
    created_at: DateTime<Utc>,
    modified_at: DateTime<Utc>,
    /// When its current list was published; null if it has none
    published_at: Option<DateTime<Utc>>,
}

impl From<Application> for ApplicationView {
    fn from(app: Application) -> Self {
        Self {
            id: app.id.to_string(),
            name: app.name.to_string(),
            licenses: app.licenses,
            removal_brake: app.removal_brake,
            created_at: app.created_at,
            modified_at: app.modified_at,
            published_at: app.published_at,
        }
    }
}

/// An application to be created
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApplicationCreation {
    /// 1 to 63 of ASCII letters, digits, '-', '_' and '.'; made up if it is left out
    id: Option<String>,
    /// 1 to 100 characters, none of them a control character
    name: String,
    /// How many seats of each licence are paid for
    #[serde(default)]
    licenses: BTreeMap<String, u32>,
    /// 0 to 100; 50 if it is left out
    removal_brake: Option<i64>,
}

/// What is to become of an application. What is left out stays as it is
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApplicationPatch {
    /// 1 to 100 characters, none of them a control character
    name: Option<String>,
    /// How many seats of each licence are paid for; takes the place of all there are
    licenses: Option<BTreeMap<String, u32>>,
    /// 0 to 100
    removal_brake: Option<i64>,
}

fn licenses(seats: BTreeMap<String, u32>) -> Result<Licenses, AdminError> {
    Licenses::new(seats).map_err(|why| AdminError::field("licenses", why))
}

fn brake(percent: i64) -> Result<RemovalBrake, AdminError> {
    RemovalBrake::try_from(percent).map_err(|why| AdminError::field("removalBrake", why))
}

impl From<ApplicationError> for AdminError {
    fn from(error: ApplicationError) -> Self {
        let detail = error.to_string();
        match error {
            ApplicationError::NotFound(id) => Self::NotFound { kind: "application", id },
            ApplicationError::IdTaken(_) => Self::Conflict { field: Some("id"), detail },
            ApplicationError::Store(error) => error.into(),
        }
    }
}

/// Hands a request to the handler of its path and method.
pub async fn route(request: AdminRequest<'_>, tenant: &str, path: &[&str]) -> AdminAnswer {
    let tenant = request.tenant(tenant).await?;
    match (path, request.method()) {
        ([], "GET") => list(request, tenant.id).await,
        ([], "POST") => create(request, tenant.id, tenant.slug.as_str()).await,
        ([], _) => Err(request.takes("GET, HEAD, POST")),
        ([id], method) => {
            let id = id.parse().map_err(|_: String| ApplicationError::NotFound((*id).to_owned()))?;
            match method {
                "GET" => get(request, tenant.id, &id).await,
                "PATCH" => patch(request, tenant.id, &id).await,
                "DELETE" => delete(request, tenant.id, &id).await,
                _ => Err(request.takes("GET, HEAD, PATCH, DELETE")),
            }
        }
        _ => Err(AdminError::NoRoute),
    }
}

/// The applications of a tenant, by their ids
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/applications", tag = "applications",
    params(("tenant" = String, Path, description = "Its short name"), WindowParameters),
    responses((status = 200, body = List<ApplicationView>), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn list(request: AdminRequest<'_>, tenant: TenantId) -> AdminAnswer {
    let window = request.window()?;
    let found = request.app.store.tenant(tenant).applications(window.after.as_deref(), window.reads()).await?;
    page::<ApplicationView>(window.list(found, |app| app.id.to_string()))
}

/// One application
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/applications/{id}", tag = "applications",
    params(("tenant" = String, Path, description = "Its short name"), ("id" = String, Path)),
    responses((status = 200, body = ApplicationView), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(request: AdminRequest<'_>, tenant: TenantId, id: &AppId) -> AdminAnswer {
    let found = request.app.store.tenant(tenant).application(id).await?;
    ok(&ApplicationView::from(found.ok_or_else(|| ApplicationError::NotFound(id.to_string()))?))
}

/// Sets an application up, so that its roster can be published
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/applications", tag = "applications", request_body = ApplicationCreation,
    params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 201, body = ApplicationView), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn create(mut request: AdminRequest<'_>, tenant: TenantId, slug: &str) -> AdminAnswer {
    let body: ApplicationCreation = request.json().await?;
    let new = NewApplication {
        id: body.id.as_deref().map(|id| field("id", id)).transpose()?,
        name: field("name", &body.name)?,
        licenses: licenses(body.licenses)?,
        removal_brake: body.removal_brake.map(brake).transpose()?.unwrap_or_default(),
    };
    let app = request.app.gateway.create_application(tenant, new, &request.caller.origin).await?;
    let location = format!("/admin/v1/tenants/{slug}/applications/{}", app.id);
    created(&location, &ApplicationView::from(app))
}

/// Changes an application
#[utoipa::path(
    patch, path = "/admin/v1/tenants/{tenant}/applications/{id}", tag = "applications", request_body = ApplicationPatch,
    params(("tenant" = String, Path, description = "Its short name"), ("id" = String, Path)),
    responses((status = 200, body = ApplicationView), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn patch(mut request: AdminRequest<'_>, tenant: TenantId, id: &AppId) -> AdminAnswer {
    let body: ApplicationPatch = request.json().await?;
    let change = ApplicationChange {
        name: body.name.as_deref().map(|name| field("name", name)).transpose()?,
        licenses: body.licenses.map(licenses).transpose()?,
        removal_brake: body.removal_brake.map(brake).transpose()?,
    };
    let app = request.app.gateway.change_application(tenant, id, change, &request.caller.origin).await?;
    ok(&ApplicationView::from(app))
}

/// Removes an application and its roster
#[utoipa::path(
    delete, path = "/admin/v1/tenants/{tenant}/applications/{id}", tag = "applications",
    params(("tenant" = String, Path, description = "Its short name"), ("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn delete(request: AdminRequest<'_>, tenant: TenantId, id: &AppId) -> AdminAnswer {
    request.app.gateway.delete_application(tenant, id, &request.caller.origin).await?;
    no_content()
}
