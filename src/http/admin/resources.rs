//! `/admin/v1/tenants/{tenant}/resources/{id}`: how one resource became what it is, and the way back.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::AdminAnswer;
use super::activity::{ActivityEntry, ChangedAttribute};
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, ok, page};
use crate::gateway::{GatewayError, Restoration, RestoreError, Restored};
use crate::http::error::HttpError;
use crate::http::list::{List, WindowParameters};
use crate::model::{ActivityCursor, ActivityFilter, Kind, ResourceId};

/// A resource as it was in a version, and what differs from what it is now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RestoredVersion {
    resource_type: String,
    id: Uuid,
    /// Its name for people in that version
    name: String,
    /// The version that is, or would be, restored
    restored: i64,
    /// The version that the resource has now; of a removed one, the last
    version: i64,
    /// Whether anything changed, or would
    changed: bool,
    /// Whether the resource was gone
    was_removed: bool,
    /// What differs from what was before
    attributes: Vec<ChangedAttribute>,
    /// The resource as it was in that version, without members and groups
    document: Value,
    /// What cannot be brought back, and why
    notes: Vec<String>,
}

impl From<Restored> for RestoredVersion {
    fn from(restored: Restored) -> Self {
        Self {
            resource_type: restored.resource_type,
            id: restored.id.0,
            name: restored.name,
            restored: restored.restored,
            version: restored.version,
            changed: restored.changed,
            was_removed: restored.was_removed,
            attributes: restored.attributes.into_iter().map(ChangedAttribute::from).collect(),
            document: restored.document,
            notes: restored.notes,
        }
    }
}

impl From<RestoreError> for AdminError {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::NotFound(id) => Self::NotFound { kind: "resource", id: id.to_string() },
            RestoreError::NoSuchVersion { .. }
            | RestoreError::Forgotten { .. }
            | RestoreError::TooFar
            | RestoreError::NoSuchType(_) => Self::Conflict { field: None, detail: error.to_string() },
            RestoreError::Refused(GatewayError::Scim(error)) if error.status == 409 => {
                Self::Conflict { field: None, detail: error.detail }
            }
            RestoreError::Refused(error @ GatewayError::Taken { .. }) => {
                Self::Conflict { field: None, detail: error.to_string() }
            }
            RestoreError::Refused(error) => Self::Http(HttpError::from(error)),
        }
    }
}

/// Hands a request to the handler of its path and method.
pub async fn route(request: AdminRequest<'_>, slug: &str, id: &str, path: &[&str]) -> AdminAnswer {
    match (path, request.method()) {
        (["history"], "GET") => history(request, slug, id).await,
        (["versions", number], "GET") => version(request, slug, id, number).await,
        (["versions", number, "restore"], "POST") => restore(request, slug, id, number).await,
        (["history"] | ["versions", _], _) => Err(request.takes("GET, HEAD")),
        (["versions", _, "restore"], _) => Err(request.takes("POST")),
        _ => Err(AdminError::NoRoute),
    }
}

/// How a resource became what it is, the newest change first; also of a removed one
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/resources/{resource}/history", tag = "activity",
    params(
        ("tenant" = String, Path, description = "Its short name"), ("resource" = Uuid, Path, description = "The resource's id"),
        WindowParameters
    ),
    responses((status = 200, body = List<ActivityEntry>), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn history(request: AdminRequest<'_>, slug: &str, id: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let resource = resource(id)?;
    let window = request.window()?;
    let after = window.after.as_deref().map(str::parse::<ActivityCursor>).transpose();
    let after = after.map_err(|error| AdminError::field("cursor", error.to_string()))?;
    let target = resource.to_string().parse().ok();
    let filter = ActivityFilter { kind: Some(Kind::Change), target, ..ActivityFilter::default() };
    let store = request.app.store.tenant(tenant.id);
    let read = store.activity(&filter, after.as_ref(), window.limit.into()).await?;
    if read.entries.is_empty() && after.is_none() {
        return Err(unknown(id));
    }
    let items = read.entries.into_iter().map(ActivityEntry::from).collect();
    page(List::going_on(items, read.next.map(|cursor| cursor.to_string())))
}

/// A resource as it was in a version, and what restoring it would change
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/resources/{resource}/versions/{version}", tag = "activity",
    params(
        ("tenant" = String, Path, description = "Its short name"), ("resource" = Uuid, Path, description = "The resource's id"),
        ("version" = i64, Path, description = "The version, as the history tells it", minimum = 1)
    ),
    responses((status = 200, body = RestoredVersion), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn version(request: AdminRequest<'_>, slug: &str, id: &str, number: &str) -> AdminAnswer {
    let wanted = wanted(&request, slug, id, number).await?;
    ok(&RestoredVersion::from(request.app.gateway.preview(&wanted).await?))
}

/// Brings a resource back to a version, or back at all
///
/// A new change, which tells what it restored. Passwords do not come back, nor members who do not exist any more. 409 if the
/// resource as it was is not allowed now.
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/resources/{resource}/versions/{version}/restore", tag = "activity",
    params(
        ("tenant" = String, Path, description = "Its short name"), ("resource" = Uuid, Path, description = "The resource's id"),
        ("version" = i64, Path, description = "The version, as the history tells it", minimum = 1)
    ),
    responses((status = 200, body = RestoredVersion), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn restore(request: AdminRequest<'_>, slug: &str, id: &str, number: &str) -> AdminAnswer {
    let wanted = wanted(&request, slug, id, number).await?;
    ok(&RestoredVersion::from(request.app.gateway.restore(&wanted).await?))
}

async fn wanted(request: &AdminRequest<'_>, slug: &str, id: &str, number: &str) -> Result<Restoration, AdminError> {
    let tenant = request.tenant(slug).await?;
    let version = number.parse().ok().filter(|version| *version >= 1);
    let unknown_version = || AdminError::NotFound { kind: "version", id: number.to_owned() };
    Ok(Restoration {
        resource: resource(id)?,
        version: version.ok_or_else(unknown_version)?,
        catalog: Arc::new(request.app.store.tenant(tenant.id).catalog().await?.1),
        tenant: Arc::new(tenant),
        origin: request.caller.origin.clone(),
    })
}

fn resource(id: &str) -> Result<ResourceId, AdminError> {
    id.parse().map_err(|_| unknown(id))
}

fn unknown(id: &str) -> AdminError {
    AdminError::NotFound { kind: "resource", id: id.to_owned() }
}
