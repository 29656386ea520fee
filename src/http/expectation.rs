//! `Expect: 100-continue` (RFC 9110, section 10.1.1): what can be refused by its head alone is refused before the client is told
//! to send the body.

use std::rc::Rc;

use actix_http::{Request, Response};
use actix_web::HttpMessage;
use actix_web::body::BoxBody;
use actix_web::http::header::{AUTHORIZATION, CONTENT_LENGTH};

use super::error::{HttpError, RequestError};
use super::negotiation::MediaType;
use super::request::header_value;
use super::route::{self, Space};
use crate::app::App;
use crate::auth::AuthError;
use crate::model::RequestId;

/// The answer instead of 100.
pub struct Refused(Response<BoxBody>);

impl From<Refused> for Response<BoxBody> {
    fn from(refused: Refused) -> Self {
        refused.0
    }
}

/// Lets a request go on, or refuses it. Only in the space of SCIM: elsewhere bodies are small, and errors look different.
pub async fn meet(app: Rc<App>, request: Request) -> Result<Request, Refused> {
    let Some(error) = refusal(&app, &request) else { return Ok(request) };
    let id = RequestId::new(app.clock.now());
    let media = MediaType::wanted(request.headers()).unwrap_or_default();
    let mut response = error.told(id).as_scim(media);
    response.headers_mut().insert(super::frame::REQUEST_ID, header_value(&id.to_string()));
    let (path, status) = (request.path(), response.status().as_u16());
    log::info!(target: "scimgate::access", "{} {path} {status} before its body request={id}", request.method());
    Err(Refused(response.into()))
}

fn refusal(app: &App, request: &Request) -> Option<HttpError> {
    if route::space(request.path()) != Space::Scim {
        return None;
    }
    if !request.headers().contains_key(AUTHORIZATION) {
        return Some(AuthError::Missing.into());
    }
    let length: usize = request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()?;
    let limits = &app.config.limits;
    if route::is_bulk(request.path()) {
        let limit = limits.bulk_payload;
        return (length > limit).then(|| RequestError::BulkTooLarge { limit }.into());
    }
    (length > limits.body).then(|| RequestError::BodyTooLarge { limit: limits.body }.into())
}
