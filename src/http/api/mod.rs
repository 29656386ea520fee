//! `/api/v1`: the provisioning API, for systems of record that do not speak SCIM. One file a thing.
//!
//! A request passes [`enter`], which learns who asks, and then the `route` of the thing that its path names, which says what scope
//! it needs. Errors are problem details (RFC 9457) with a `code` from the closed list in `problem`; lists are
//! `{"items": [...], "nextCursor": "..."}`. Writes are use cases of the gateway, the same that SCIM uses; nothing is decided here.

mod apps;
mod elements;
mod idempotency;
mod identity_providers;
mod imports;
mod invitations;
mod openapi;
mod organizations;
mod problem;
mod record;
mod request;
mod roles;
mod tasks;
mod users;

use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};

pub use self::imports::{file_of, rejected_rows, template_for};
pub use self::tasks::TaskView;
use super::frame::{Incoming, authenticate, check_head, run};
use super::route;
use super::scim::offer_failure;
use crate::scim::ScimError;
use problem::ApiError;
use request::ApiRequest;

/// What a handler ends with.
type ApiAnswer = Result<HttpResponse, ApiError>;

/// Answers a request of this space.
pub async fn enter(incoming: &mut Incoming<'_>) -> HttpResponse {
    let (id, started) = (incoming.id, Instant::now());
    // Many records take longer than one request of SCIM; each is written or not by itself, as the operations of a bulk request.
    let usual = incoming.deadline() + incoming.app.config.timeouts.bulk;
    let deadline = imports::deadline(incoming.app, incoming.http).unwrap_or(usual);
    let outcome = run(deadline, answer(incoming, started, deadline)).await;
    let mut response = outcome.unwrap_or_else(|error| {
        let told = error.told(id);
        if let Some(verified) = &incoming.verified {
            let error = ScimError::new(told.status.as_u16(), told.detail.clone());
            offer_failure(incoming.app, &verified.caller(id), (incoming.http, &incoming.body), &error, started);
        }
        told.response(id)
    });
    if let Some(verified) = &incoming.verified {
        incoming
            .app
            .authenticator
            .used(verified, route::use_outcome(incoming.http.method().as_str(), response.status()));
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn answer(incoming: &mut Incoming<'_>, started: Instant, deadline: Duration) -> ApiAnswer {
    check_head(incoming.http)?;
    if incoming.http.path() == "/api/v1/openapi.json" {
        return openapi::serve(incoming.http.method().as_str());
    }
    let verified = authenticate(incoming.app, (incoming.http, incoming.id), incoming.address()).await?;
    let caller = incoming.verified.insert(verified).caller(incoming.id);
    let decoded = route::decoded(incoming.http.path()).ok_or(ApiError::NoRoute)?;
    let segments: Vec<&str> = decoded.iter().map(AsRef::as_ref).collect();
    let path = segments.strip_prefix(&["api", "v1"]).ok_or(ApiError::NoRoute)?;
    if caller.user.is_some() {
        return Err(ApiError::BoundToUser);
    }
    let request = ApiRequest::new(incoming, caller, started, deadline);
    match path {
        ["apps", path @ ..] => apps::route(request, path).await,
        ["identity-providers", path @ ..] => identity_providers::route(request, path).await,
        ["invitations", path @ ..] => invitations::route(request, path).await,
        ["imports", path @ ..] => imports::route(request, path).await,
        ["organizations", path @ ..] => organizations::route(request, path).await,
        ["roles", path @ ..] => roles::route(request, path).await,
        ["tasks", path @ ..] => tasks::route(request, path).await,
        ["users", path @ ..] => users::route(request, path).await,
        _ => Err(ApiError::NoRoute),
    }
}
