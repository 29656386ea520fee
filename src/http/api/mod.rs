//! `/api/v1`: the provisioning API, for systems of record that do not speak SCIM. One file a thing.
//!
//! A request passes [`enter`], which learns who asks, and then the `route` of the thing that its path names, which says what scope
//! it needs. Errors are problem details (RFC 9457) with a `code` from the closed list in `problem`; lists are
//! `{"items": [...], "nextCursor": "..."}`. Writes are use cases of the gateway, the same that SCIM uses; nothing is decided here.

mod identity_providers;
mod openapi;
mod problem;
mod request;
mod roles;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};

use super::frame::{Incoming, authenticate, check_head, run};
use super::query::percent_decode;
use super::route;
use problem::ApiError;
use request::ApiRequest;

/// What a handler ends with.
type ApiAnswer = Result<HttpResponse, ApiError>;

/// Answers a request of this space.
pub async fn enter(incoming: &mut Incoming<'_>) -> HttpResponse {
    let (id, deadline) = (incoming.id, incoming.deadline());
    let outcome = run(deadline, answer(incoming)).await;
    let mut response = outcome.unwrap_or_else(|error| error.told(id).response(id));
    if let Some(verified) = &incoming.verified {
        incoming
            .app
            .authenticator
            .used(verified, route::use_outcome(incoming.http.method().as_str(), response.status()));
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn answer(incoming: &mut Incoming<'_>) -> ApiAnswer {
    check_head(incoming.http)?;
    if incoming.http.path() == "/api/v1/openapi.json" {
        return openapi::serve(incoming.http.method().as_str());
    }
    let verified = authenticate(incoming.app, incoming.http, incoming.address()).await?;
    let caller = incoming.verified.insert(verified).caller(incoming.id);
    let decoded: Option<Vec<_>> = route::segments(incoming.http.path()).map(percent_decode).collect();
    let decoded = decoded.ok_or(ApiError::NoRoute)?;
    let segments: Vec<&str> = decoded.iter().map(AsRef::as_ref).collect();
    let path = segments.strip_prefix(&["api", "v1"]).ok_or(ApiError::NoRoute)?;
    if caller.user.is_some() {
        return Err(ApiError::BoundToUser);
    }
    let request = ApiRequest::new(incoming, caller);
    match path {
        ["identity-providers", path @ ..] => identity_providers::route(request, path).await,
        ["roles", path @ ..] => roles::route(request, path).await,
        _ => Err(ApiError::NoRoute),
    }
}
