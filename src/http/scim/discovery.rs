//! `/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas` (RFC 7644, section 4).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::Value;

use super::roles;
use crate::http::error::{HttpError, RequestError};
use crate::http::frame::Answer;
use crate::http::request::Request;
use crate::model::Profile;
use crate::scim::discovery::{self, Features, RoleFeatures, Served};
use crate::scim::schema::RoleList;

/// What this server can do.
pub async fn service_provider_config(request: &Request<'_>) -> Answer {
    refuse_filter(request)?;
    let tenant = &request.caller.tenant;
    let has_roles = request.app.store.tenant(tenant.id).count_roles().await? > 0;
    let entitlements_are_roles = tenant.dialect.entitlements_are_roles;
    let limits = &request.app.config.limits;
    let features = Features {
        page: limits.page,
        max_operations: limits.bulk_operations,
        max_payload_size: limits.bulk_payload,
        asynchronous: tenant.provisioning.enabled && request.app.gateway.takes_bulk_tasks(),
        roles: has_roles.then_some(RoleFeatures { entitlements_are_roles }),
    };
    Ok(answer(request, &discovery::service_provider_config(&request.app.base_url, features)))
}

/// All resource types.
pub async fn resource_types(request: &Request<'_>) -> Answer {
    refuse_filter(request)?;
    let roles = named_roles(request).await?;
    Ok(answer(request, &discovery::resource_types(served(request, &roles), &request.app.base_url)))
}

/// One resource type, by its name.
pub async fn resource_type(request: &Request<'_>, name: &str) -> Answer {
    refuse_filter(request)?;
    let roles = named_roles(request).await?;
    let found = discovery::resource_type(served(request, &roles), &request.app.base_url, name);
    found.map(|found| answer(request, &found)).ok_or_else(|| not_found("ResourceType", name))
}

/// All schemas.
pub async fn schemas(request: &Request<'_>) -> Answer {
    refuse_filter(request)?;
    let roles = named_roles(request).await?;
    let dialect = &request.caller.tenant.dialect;
    Ok(answer(request, &discovery::schemas(served(request, &roles), dialect, &request.app.base_url)))
}

/// One schema, by its URN.
pub async fn schema(request: &Request<'_>, uri: &str) -> Answer {
    refuse_filter(request)?;
    let roles = named_roles(request).await?;
    let dialect = &request.caller.tenant.dialect;
    let found = discovery::schema(served(request, &roles), dialect, &request.app.base_url, uri);
    found.map(|found| answer(request, &found)).ok_or_else(|| not_found("Schema", uri))
}

/// The lists of roles that discovery names. Okta learns from it where to ask, so it is told of both whatever they hold.
///
/// Others are told of those that hold something, and those are just the ones that `RolesAndEntitlements` of the service provider's
/// configuration calls supported. An endpoint that is not named answers all the same, with an empty list. It is not named because
/// readers of discovery take every type for one that they can create (scim2-tester does, and reports a failure), which roles are
/// not: they are groups that carry one. Who has roles has asked for these lists.
async fn named_roles(request: &Request<'_>) -> Result<Vec<RoleList>, HttpError> {
    let tenant = &request.caller.tenant;
    if tenant.profile == Profile::Okta {
        return Ok(RoleList::ALL.to_vec());
    }
    let has_roles = request.app.store.tenant(tenant.id).count_roles().await? > 0;
    let is_there = |list: &RoleList| has_roles && roles::is_driven(*list, tenant);
    Ok(RoleList::ALL.into_iter().filter(is_there).collect())
}

fn served<'a>(request: &'a Request<'_>, roles: &'a [RoleList]) -> Served<'a> {
    Served { catalog: &request.caller.catalog, roles: (roles, roles::form(&request.caller.tenant)) }
}

/// These endpoints are not searched: a filter is refused (RFC 7644, section 4), and pages are not cut.
fn refuse_filter(request: &Request<'_>) -> Result<(), HttpError> {
    match request.query().get("filter")? {
        Some(_) => Err(RequestError::DiscoveryFilter.into()),
        None => Ok(()),
    }
}

fn answer(request: &Request<'_>, found: &Value) -> HttpResponse {
    request.answer(StatusCode::OK, found.to_string())
}

fn not_found(kind: &str, id: &str) -> HttpError {
    RequestError::NotFound { kind: kind.to_owned(), id: id.to_owned() }.into()
}
