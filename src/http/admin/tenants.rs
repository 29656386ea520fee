//! `/admin/v1/tenants`

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::AdminAnswer;
use super::list::{List, WindowParameters};
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, ok, page};
use crate::model::Tenant;

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantView {
    id: Uuid,
    /// Its short name, by which paths name it
    slug: String,
    /// Its name for people
    name: String,
    /// The profile it began with
    profile: &'static str,
    /// Its behaviour switches
    dialect: Value,
    created_at: DateTime<Utc>,
}

impl From<Tenant> for TenantView {
    fn from(tenant: Tenant) -> Self {
        Self {
            id: tenant.id.0,
            slug: tenant.slug.to_string(),
            name: tenant.name,
            profile: tenant.profile.as_str(),
            dialect: json!(tenant.dialect),
            created_at: tenant.created_at,
        }
    }
}

/// Hands a request to the handler of its path and method.
pub async fn route(request: AdminRequest<'_>, path: &[&str]) -> AdminAnswer {
    match (path, request.method()) {
        ([], "GET") => list(request).await,
        ([], _) => Err(request.takes("GET, HEAD")),
        ([slug], "GET") => get(request, slug).await,
        ([_], _) => Err(request.takes("GET, HEAD")),
        _ => Err(AdminError::NoRoute),
    }
}

/// The tenants that the caller reaches, by their short names
#[utoipa::path(
    get, path = "/admin/v1/tenants", tag = "tenants", params(WindowParameters),
    responses((status = 200, body = List<TenantView>), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn list(request: AdminRequest<'_>) -> AdminAnswer {
    let window = request.window()?;
    let tenants = request.app.store.tenants_page(request.caller.reach, window.after.as_deref(), window.reads()).await?;
    page::<TenantView>(window.list(tenants, |tenant| tenant.slug.to_string()))
}

/// One tenant
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}", tag = "tenants", params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = TenantView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    ok(&TenantView::from(request.tenant(slug).await?))
}
