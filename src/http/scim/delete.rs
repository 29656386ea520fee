//! `DELETE /Users/{id}` (RFC 7644, section 3.6).

use std::sync::Arc;

use actix_web::HttpResponse;

use crate::http::frame::Answer;
use crate::http::request::{Request, resource_id};
use crate::scim::schema::ResourceType;

/// Removes a resource.
pub async fn delete(request: Request<'_>, kind: &Arc<ResourceType>, id: &str) -> Answer {
    let id = resource_id(kind, id)?;
    request.app.gateway.delete(request.caller, kind, id, &request.preconditions()).await?;
    Ok(HttpResponse::NoContent().finish())
}
