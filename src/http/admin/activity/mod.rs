//! `/admin/v1/tenants/{tenant}/activity`, `/admin/v1/activity` for what concerns no tenant alone, and what became of single
//! requests.

pub mod export;
mod view;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::AdminAnswer;
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, ok, page};
use crate::http::error::HttpError;
use crate::http::list::{List, WindowParameters};
use crate::http::query::Query;
use crate::model::{
    ActivityCursor, ActivityFilter, ActivityPage, KeepActivity, Reach, RequestId, Tenant, TenantId, parse_instant,
};
use crate::store::{Store, StoreError};
pub use export::{export, export_of_instance};
pub use view::{ActivityEntry, ChangedAttribute, Explanation};

/// Which entries are wanted; those that every parameter holds for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes what filter reads")]
pub struct ActivityParameters {
    /// The source: `change`, `administration` or `request` (those that failed)
    kind: Option<String>,
    /// `create`, `update`, `deactivate`, `reactivate`, `delete`, `read`, `bulk`, `token.create`, `token.*` and the like
    action: Option<String>,
    /// `success` or `failure`
    outcome: Option<String>,
    /// A resource type such as `User`
    resource_type: Option<String>,
    /// A credential or administrator, by name or id
    actor: Option<String>,
    /// A connection, by name or id
    connection: Option<String>,
    /// What it was done to: id, userName, displayName, externalId or employeeNumber, also former ones
    target: Option<String>,
    /// From this day or instant on
    from: Option<String>,
    /// Before this day or instant
    to: Option<String>,
}

/// How long a tenant's activity is kept.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Retention {
    /// `30d` to `3653d`, or `forever`
    #[validate(length(max = 20))]
    #[schema(pattern = "^([0-9]{2,4}d|forever)$")]
    keep_activity: String,
}

/// Hands a request to the handler of its path and method.
pub async fn route(request: AdminRequest<'_>, slug: Option<&str>, path: &[&str]) -> AdminAnswer {
    match (slug, path, request.method()) {
        (Some(slug), [], "GET") => list(request, slug).await,
        (None, [], "GET") => list_of_instance(request).await,
        (Some(slug), ["export"], "GET") => export(request, slug).await,
        (None, ["export"], "GET") => export_of_instance(request).await,
        (_, [] | ["export"], _) => Err(request.takes("GET, HEAD")),
        (Some(slug), ["retention"], "GET") => retention(request, slug).await,
        (Some(slug), ["retention"], "PUT") => keep(request, slug).await,
        (Some(_), ["retention"], _) => Err(request.takes("GET, HEAD, PUT")),
        _ => Err(AdminError::NoRoute),
    }
}

/// What was done in a tenant and what failed, the newest first
///
/// A page may have fewer entries than asked for, or none, although `nextCursor` leads on: each looks at a bounded part of the log.
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/activity", tag = "activity",
    params(("tenant" = String, Path, description = "Its short name"), ActivityParameters, WindowParameters),
    responses((status = 200, body = List<ActivityEntry>), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn list(request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?.id;
    listed(&request, Some(tenant)).await
}

/// What was done that concerns no tenant alone, the newest first
#[utoipa::path(
    get, path = "/admin/v1/activity", tag = "activity", params(ActivityParameters, WindowParameters),
    responses((status = 200, body = List<ActivityEntry>), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn list_of_instance(request: AdminRequest<'_>) -> AdminAnswer {
    instance(&request)?;
    listed(&request, None).await
}

/// How long a tenant keeps its activity
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/activity/retention", tag = "activity",
    params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = Retention), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn retention(request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let keeps = request.app.store.tenant(tenant.id).keeps_activity().await?;
    ok(&Retention { keep_activity: keeps.to_string() })
}

/// Sets how long a tenant keeps its activity; what is older goes, and does not come back
#[utoipa::path(
    put, path = "/admin/v1/tenants/{tenant}/activity/retention", tag = "activity", request_body = Retention,
    params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = Retention), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn keep(mut request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let tenant: Tenant = request.tenant(slug).await?;
    let wanted: Retention = request.json().await?;
    let keep: KeepActivity =
        wanted.keep_activity.parse().map_err(|error: String| AdminError::field("keepActivity", error))?;
    let gateway = &request.app.gateway;
    if !gateway
        .keep_activity(&tenant, keep, &request.caller.origin)
        .await
        .map_err(HttpError::from)
        .map_err(AdminError::Http)?
    {
        return Err(AdminError::NotFound { kind: "tenant", id: slug.to_owned() });
    }
    ok(&Retention { keep_activity: keep.to_string() })
}

/// What became of one provisioning request, and why
///
/// What was read otherwise than it was sent, what was left out, which setting decided something, why it was refused, and what it
/// changed. 404 if nothing is known of it: it changed nothing and did not fail, or that is not kept any more.
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/requests/{request}", tag = "activity",
    params(
        ("tenant" = String, Path, description = "Its short name"),
        ("request" = Uuid, Path, description = "The request's id, as X-Request-Id of its answer names it")
    ),
    responses((status = 200, body = Explanation), (status = "default", body = Problem, content_type = "application/problem+json"))
)]
pub async fn explain(request: AdminRequest<'_>, slug: &str, id: &str) -> AdminAnswer {
    if request.method() != "GET" {
        return Err(request.takes("GET, HEAD"));
    }
    let tenant = request.tenant(slug).await?;
    let unknown = || AdminError::NotFound { kind: "request", id: id.to_owned() };
    let wanted: RequestId = id.parse().map_err(|_| unknown())?;
    let explained = request.app.gateway.explain(tenant.id, wanted).await.map_err(HttpError::from);
    let explained = explained.map_err(AdminError::Http)?.ok_or_else(unknown)?;
    ok(&Explanation::from(explained))
}

async fn listed(request: &AdminRequest<'_>, tenant: Option<TenantId>) -> AdminAnswer {
    let window = request.window()?;
    let filter = filter(&request.query())?;
    let after = window.after.as_deref().map(str::parse::<ActivityCursor>).transpose();
    let after = after.map_err(|error| AdminError::field("cursor", error.to_string()))?;
    let read = read(&request.app.store, tenant, &filter, after.as_ref(), window.limit.into()).await?;
    let items = read.entries.into_iter().map(ActivityEntry::from).collect();
    page(List::going_on(items, read.next.map(|cursor| cursor.to_string())))
}

async fn read(
    store: &Store,
    tenant: Option<TenantId>,
    filter: &ActivityFilter,
    after: Option<&ActivityCursor>,
    limit: u32,
) -> Result<ActivityPage, StoreError> {
    match tenant {
        Some(tenant) => store.tenant(tenant).activity(filter, after, limit).await,
        None => store.activity_of_instance(filter, after, limit).await,
    }
}

/// Holds that the caller reaches what belongs to no tenant.
fn instance(request: &AdminRequest<'_>) -> Result<(), AdminError> {
    match request.caller.reach {
        Reach::Instance => Ok(()),
        Reach::Tenant(_) => Err(AdminError::Forbidden(
            "what concerns no tenant alone is for administrators of the whole instance; read /admin/v1/tenants/{tenant}/activity"
                .to_owned(),
        )),
    }
}

fn filter(query: &Query<'_>) -> Result<ActivityFilter, AdminError> {
    Ok(ActivityFilter {
        kind: parsed(query, "kind", str::parse)?,
        action: parsed(query, "action", str::parse)?,
        outcome: parsed(query, "outcome", str::parse)?,
        resource_type: parsed(query, "resourceType", str::parse)?,
        actor: parsed(query, "actor", str::parse)?,
        connection: parsed(query, "connection", str::parse)?,
        target: parsed(query, "target", str::parse)?,
        from: parsed(query, "from", parse_instant)?,
        to: parsed(query, "to", parse_instant)?,
    })
}

/// A parameter, if it is there and not empty: forms send empty ones.
fn parsed<T, E: ToString>(
    query: &Query<'_>,
    name: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, AdminError> {
    let text = query.get(name)?.filter(|text| !text.is_empty());
    let value = text.map(|text| parse(&text).map_err(|error| AdminError::field(name, error.to_string())));
    value.transpose()
}
