//! `/admin/v1`: the admin API. One file a thing.
//!
//! A request passes [`enter`], which learns who asks and whether they may change anything, and then the `route` of the thing
//! that its path names. Errors are problem details (RFC 9457), lists are `{"items": [...], "nextCursor": "..."}`. What a
//! caller cannot reach is as if it were not there. Writes are use cases of the gateway; nothing is decided here.

mod account;
mod activity;
mod admins;
mod applications;
mod caller;
mod clients;
mod connections;
mod digest;
mod fields;
mod invitations;
mod issuers;
mod links;
mod mails;
mod openapi;
mod problem;
mod reference;
mod request;
mod resource_types;
mod resources;
mod rules;
mod schemas;
mod session;
mod statistics;
mod tasks;
mod tenants;
mod tokens;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};

use super::frame::{Incoming, check_head, run};
use super::route;
use problem::AdminError;
use request::AdminRequest;

/// What a handler ends with.
pub type AdminAnswer = Result<HttpResponse, AdminError>;

/// Answers a request of this space.
pub async fn enter(incoming: &mut Incoming<'_>) -> HttpResponse {
    let (id, deadline) = (incoming.id, incoming.deadline());
    let outcome = run(deadline, answer(incoming)).await;
    let mut response = outcome.unwrap_or_else(|error| error.told(id).response(id));
    if !response.headers().contains_key(CACHE_CONTROL) {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

async fn answer(incoming: &mut Incoming<'_>) -> AdminAnswer {
    check_head(incoming.http)?;
    let decoded = route::decoded(incoming.http.path()).ok_or(AdminError::NoRoute)?;
    let segments: Vec<&str> = decoded.iter().map(AsRef::as_ref).collect();
    let path = segments.strip_prefix(&["admin", "v1"]).ok_or(AdminError::NoRoute)?;
    match path {
        ["openapi.json"] => return openapi::serve(incoming.http),
        ["reference"] => return reference::serve(incoming.http),
        ["session", path @ ..] => return session::route(incoming, path).await,
        ["links", path @ ..] => return links::route(incoming, path).await,
        ["account", path @ ..] => return account::route(incoming, path).await,
        _ => {}
    }
    let caller = caller::of(incoming).await?;
    let request = AdminRequest::new(incoming, caller);
    if !request.only_reads() && !request.caller.may_write() {
        return Err(AdminError::Role { has: request.caller.role });
    }
    match path {
        ["admins", path @ ..] => admins::route(request, path).await,
        ["activity", path @ ..] => activity::route(request, None, path).await,
        ["tenants", slug, "activity", path @ ..] => activity::route(request, Some(slug), path).await,
        ["tenants", slug, "applications", path @ ..] => applications::route(request, slug, path).await,
        ["tenants", slug, "clients", path @ ..] => clients::route(request, slug, path).await,
        ["tenants", slug, "connections", path @ ..] => connections::route(request, slug, path).await,
        ["tenants", slug, "invitations", path @ ..] => invitations::route(request, slug, path).await,
        ["tenants", slug, "mails", path @ ..] => mails::route(request, slug, path).await,
        ["tenants", slug, "mail-settings"] => mails::route_settings(request, slug).await,
        ["tenants", slug, "bounces", path @ ..] => mails::route_bounces(request, slug, path).await,
        ["tenants", slug, "digest", path @ ..] => digest::route(request, slug, path).await,
        ["tenants", slug, "requests", id] => activity::explain(request, slug, id).await,
        ["tenants", slug, "resources", id, path @ ..] => resources::route(request, slug, id, path).await,
        ["tenants", slug, "rules", path @ ..] => rules::route(request, slug, path).await,
        ["tenants", slug, "tasks", path @ ..] => tasks::route(request, slug, path).await,
        ["tenants", slug, "tokens", path @ ..] => tokens::route(request, slug, path).await,
        ["tenants", slug, "issuers", path @ ..] => issuers::route(request, slug, path).await,
        ["tenants", path @ ..] => tenants::route(request, path).await,
        _ => Err(AdminError::NoRoute),
    }
}
