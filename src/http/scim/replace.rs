//! `PUT /Users/{id}` (RFC 7644, section 3.5.1).

use std::sync::Arc;

use actix_web::http::StatusCode;

use super::resource;
use super::view::View;
use crate::http::frame::Answer;
use crate::http::request::{Request, resource_id};
use crate::scim::schema::ResourceType;

/// Replaces a resource and answers with it.
pub async fn replace(mut request: Request<'_>, kind: &Arc<ResourceType>, id: &str) -> Answer {
    let id = resource_id(kind, id)?;
    let view = View::of(&request, kind)?;
    let body = request.json().await?;
    let stored = request.app.gateway.replace(request.caller, kind, id, &request.preconditions(), body).await?;
    resource::answer(&request, StatusCode::OK, view, stored).await
}
