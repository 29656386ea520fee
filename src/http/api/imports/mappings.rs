//! `/api/v1/imports/mappings`: what a tenant has saved about its files, by name.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::ApiAnswer;
use super::super::problem::ApiError;
use super::super::request::ApiRequest;
use super::form::wrong;
use crate::gateway::ImportMappingError;
use crate::http::answer::{no_content, ok};
use crate::http::list::List;
use crate::http::problem::{FieldError, Problem};
use crate::import::ImportProfile;
use crate::model::{AskedBy, Scope};
use crate::store::ImportMapping;

/// What is saved under a name.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MappingView {
    /// The name
    name: String,
    #[serde(flatten)]
    profile: ImportProfile,
    /// When it was saved
    modified_at: DateTime<Utc>,
}

impl From<ImportMapping> for MappingView {
    fn from(ImportMapping { name, profile, modified_at }: ImportMapping) -> Self {
        Self { name, profile, modified_at }
    }
}

/// All saved mappings; a tenant has few
#[utoipa::path(get, path = "/api/v1/imports/mappings", tag = "Imports",
    responses((status = 200, body = List<MappingView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(request: ApiRequest<'_>) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let saved = request.app.store.tenant(request.caller.tenant.id).import_mappings().await?;
    ok(&List::going_on(saved.into_iter().map(MappingView::from).collect(), None))
}

/// A saved mapping
#[utoipa::path(get, path = "/api/v1/imports/mappings/{name}", tag = "Imports",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, body = MappingView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(request: ApiRequest<'_>, name: &str) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let saved = request.app.store.tenant(request.caller.tenant.id).import_mapping(name).await?;
    let saved = saved.ok_or_else(|| ApiError::NotFound { kind: "mapping", id: name.to_owned() })?;
    ok(&MappingView::from(saved))
}

/// Save a mapping, in the place of what has the name
#[utoipa::path(put, path = "/api/v1/imports/mappings/{name}", tag = "Imports",
    params(("name" = String, Path, description = "Its name, up to 100 characters")), request_body = ImportProfile,
    responses((status = 200, body = MappingView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn put(mut request: ApiRequest<'_>, name: &str) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let profile: ImportProfile = request.json().await?;
    profile.options().map_err(wrong)?;
    let (tenant, origin) = (request.caller.tenant.id, AskedBy::from(&request.caller).origin());
    request.app.gateway.save_import_mapping(tenant, name, &profile, &origin).await.map_err(told)?;
    get(request, name).await
}

/// Delete a saved mapping
#[utoipa::path(delete, path = "/api/v1/imports/mappings/{name}", tag = "Imports",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 204), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn delete(request: ApiRequest<'_>, name: &str) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let (tenant, origin) = (request.caller.tenant.id, AskedBy::from(&request.caller).origin());
    request.app.gateway.delete_import_mapping(tenant, name, &origin).await.map_err(told)?;
    no_content()
}

fn told(error: ImportMappingError) -> ApiError {
    match error {
        ImportMappingError::Name | ImportMappingError::TooMany => FieldError::new("name", error.to_string()).into(),
        ImportMappingError::NotFound(id) => ApiError::NotFound { kind: "mapping", id },
        ImportMappingError::Store(error) => error.into(),
    }
}
