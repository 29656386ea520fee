//! `DELETE /Users/{id}` (RFC 7644, section 3.6).

use actix_web::HttpResponse;

use crate::http::frame::Answer;
use crate::http::request::Request;

/// Removes a resource.
pub async fn delete(request: Request<'_>) -> Answer {
    let kind = request.resource_type()?;
    let id = request.id(kind)?;
    request.app.gateway.delete(request.caller, kind, id, &request.preconditions()).await?;
    Ok(HttpResponse::NoContent().finish())
}
