//! `POST /Users` (RFC 7644, section 3.3).

use std::sync::Arc;

use actix_web::http::StatusCode;

use super::resource;
use super::view::View;
use crate::http::frame::Answer;
use crate::http::request::Request;
use crate::scim::schema::ResourceType;

/// Creates a resource and answers with it.
pub async fn create(mut request: Request<'_>, kind: &Arc<ResourceType>) -> Answer {
    let view = View::of(&request, kind)?;
    let body = request.json().await?;
    let stored = request.app.gateway.create(request.caller, kind, body).await?;
    resource::answer(&request, StatusCode::CREATED, view, stored).await
}
