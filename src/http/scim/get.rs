//! `GET /Users/{id}` (RFC 7644, section 3.4.1).

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ETAG;

use super::resource;
use super::view::View;
use crate::gateway::GatewayError;
use crate::http::error::RequestError;
use crate::http::frame::Answer;
use crate::http::request::{Request, header_value, resource_id};
use crate::scim::schema::ResourceType;

/// Answers with a resource, or with 304 if the client has it already (RFC 7644, section 3.14).
pub async fn get(request: Request<'_>, kind: &Arc<ResourceType>, id: &str) -> Answer {
    let id = resource_id(kind, id)?;
    let view = View::of(&request, kind)?;
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    let found = tenant.find(&kind.name, id, view.wants_groups()).await?;
    let not_found = || RequestError::NotFound { kind: kind.name.clone(), id: id.to_string() };
    let stored = found.ok_or_else(not_found)?;

    let preconditions = request.preconditions();
    if preconditions.if_match.as_ref().is_some_and(|tags| !tags.contain(stored.version)) {
        return Err(GatewayError::PreconditionFailed.into());
    }
    if preconditions.if_none_match.is_some_and(|tags| tags.contain(stored.version)) {
        let etag = header_value(&stored.version.to_string());
        return Ok(HttpResponse::NotModified().insert_header((ETAG, etag)).finish());
    }
    resource::answer(&request, StatusCode::OK, view, stored).await
}
