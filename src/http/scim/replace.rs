//! `PUT /Users/{id}` (RFC 7644, section 3.5.1).

use actix_web::http::StatusCode;

use super::resource;
use super::view::View;
use crate::http::frame::Answer;
use crate::http::request::Request;

/// Replaces a resource and answers with it.
pub async fn replace(mut request: Request<'_>) -> Answer {
    let kind = request.resource_type()?;
    let id = request.id(kind)?;
    let view = View::of(&request, kind)?;
    let body = request.json().await?;
    let stored = request.app.gateway.replace(request.caller, kind, id, &request.preconditions(), body).await?;
    resource::answer(&request, StatusCode::OK, view, stored).await
}
