//! Compressed answers, for those who ask and where it pays.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse};

use super::error::RequestError;
use super::negotiation::MediaType;

/// Answers below this are sent as they are: compressing them saves less than a packet.
pub const WORTH_IT: usize = 1_024;

const IDENTITY: HeaderValue = HeaderValue::from_static("identity");

/// Marks an answer that is not to be compressed.
pub fn spare(response: &mut HttpResponse) {
    response.headers_mut().insert(CONTENT_ENCODING, IDENTITY);
}

/// Takes the mark off again, and gives actix's own refusal of all encodings the form that errors have here.
pub async fn settle(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    if response.status() == StatusCode::NOT_ACCEPTABLE && !response.headers().contains_key(CONTENT_TYPE) {
        let refusal = RequestError::NoEncoding.told().as_scim(MediaType::default());
        return Ok(response.into_response(refusal));
    }
    if response.headers().get(CONTENT_ENCODING) == Some(&IDENTITY) {
        response.headers_mut().remove(CONTENT_ENCODING);
    }
    Ok(response)
}
