//! `/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas` (RFC 7644, section 4).

use actix_web::http::StatusCode;
use serde_json::Value;

use crate::http::error::RequestError;
use crate::http::frame::Answer;
use crate::http::request::Request;
use crate::scim::discovery::{self, Features, RoleFeatures};

/// What this server can do.
pub async fn service_provider_config(request: &Request<'_>) -> Answer {
    let tenant = &request.caller.tenant;
    let has_roles = request.app.store.tenant(tenant.id).count_roles().await? > 0;
    let entitlements_are_roles = tenant.dialect.entitlements_are_roles;
    let limits = &request.app.config.limits;
    let features = Features {
        page: limits.page,
        max_operations: limits.bulk_operations,
        max_payload_size: limits.bulk_payload,
        roles: has_roles.then_some(RoleFeatures { entitlements_are_roles }),
    };
    let config = discovery::service_provider_config(&request.app.base_url, features);
    answer(request, Ok(config))
}

/// All resource types.
pub fn resource_types(request: &Request<'_>) -> Answer {
    answer(request, Ok(discovery::resource_types(&request.caller.catalog, &request.app.base_url)))
}

/// One resource type, by its name.
pub fn resource_type(request: &Request<'_>, name: &str) -> Answer {
    let found = discovery::resource_type(&request.caller.catalog, &request.app.base_url, name);
    answer(request, found.ok_or_else(|| not_found("ResourceType", name)))
}

/// All schemas.
pub fn schemas(request: &Request<'_>) -> Answer {
    let caller = request.caller;
    answer(request, Ok(discovery::schemas(&caller.catalog, &caller.tenant.dialect, &request.app.base_url)))
}

/// One schema, by its URN.
pub fn schema(request: &Request<'_>, uri: &str) -> Answer {
    let caller = request.caller;
    let found = discovery::schema(&caller.catalog, &caller.tenant.dialect, &request.app.base_url, uri);
    answer(request, found.ok_or_else(|| not_found("Schema", uri)))
}

/// These endpoints are not searched: a filter is refused (RFC 7644, section 4), and pages are not cut.
fn answer(request: &Request<'_>, found: Result<Value, RequestError>) -> Answer {
    if request.query().get("filter")?.is_some() {
        return Err(RequestError::DiscoveryFilter.into());
    }
    Ok(request.answer(StatusCode::OK, found?.to_string()))
}

fn not_found(kind: &str, id: &str) -> RequestError {
    RequestError::NotFound { kind: kind.to_owned(), id: id.to_owned() }
}
