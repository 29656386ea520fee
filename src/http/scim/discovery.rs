//! `/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas` (RFC 7644, section 4).

use actix_web::http::StatusCode;
use serde_json::Value;

use crate::http::error::{HttpError, RequestError};
use crate::http::frame::Answer;
use crate::http::request::Request;
use crate::scim::discovery::{self, Features};

/// What this server can do.
pub async fn service_provider_config(request: Request<'_>) -> Answer {
    let features = Features { max_results: request.app.config.limits.page.max as usize };
    let config = discovery::service_provider_config(&request.app.base_url, features);
    answer(&request, Some(config), "ServiceProviderConfig")
}

/// All resource types.
pub async fn resource_types(request: Request<'_>) -> Answer {
    answer(&request, Some(discovery::resource_types(&request.app.catalog, &request.app.base_url)), "ResourceType")
}

/// One resource type, by its name.
pub async fn resource_type(request: Request<'_>) -> Answer {
    let (app, name) = (request.app, request.http.match_info().query("id"));
    answer(&request, discovery::resource_type(&app.catalog, &app.base_url, name), "ResourceType")
}

/// All schemas.
pub async fn schemas(request: Request<'_>) -> Answer {
    answer(&request, Some(discovery::schemas(&request.app.catalog, &request.app.base_url)), "Schema")
}

/// One schema, by its URN.
pub async fn schema(request: Request<'_>) -> Answer {
    let (app, uri) = (request.app, request.http.match_info().query("id"));
    answer(&request, discovery::schema(&app.catalog, &app.base_url, uri), "Schema")
}

/// These endpoints are not searched: a filter is refused (RFC 7644, section 4), and pages are not cut.
fn answer(request: &Request<'_>, found: Option<Value>, kind: &str) -> Answer {
    if request.query().get("filter")?.is_some() {
        return Err(HttpError::Request(RequestError::DiscoveryFilter));
    }
    let id = request.http.match_info().query("id").to_owned();
    let found = found.ok_or_else(|| RequestError::NotFound { kind: kind.to_owned(), id })?;
    Ok(request.answer(StatusCode::OK, found.to_string()))
}
