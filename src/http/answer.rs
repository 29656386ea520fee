//! Answers in JSON, as the admin API and the provisioning API give them.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde::Serialize;

use super::compression;
use super::request::header_value;
use crate::store::StoreError;

/// 200 with JSON.
pub fn ok<T: Serialize, E: From<StoreError>>(body: &T) -> Result<HttpResponse, E> {
    json(StatusCode::OK, body)
}

/// 201 with JSON and where it is to be found from now on.
pub fn created<T: Serialize, E: From<StoreError>>(location: &str, body: &T) -> Result<HttpResponse, E> {
    let mut response = json(StatusCode::CREATED, body)?;
    response.headers_mut().insert(LOCATION, header_value(location));
    Ok(response)
}

/// 204.
pub fn no_content<E>() -> Result<HttpResponse, E> {
    Ok(HttpResponse::NoContent().finish())
}

/// A status with JSON.
pub fn json<T: Serialize, E: From<StoreError>>(status: StatusCode, body: &T) -> Result<HttpResponse, E> {
    let text = serde_json::to_string(body).map_err(StoreError::internal)?;
    let is_small = text.len() < compression::WORTH_IT;
    let mut response = HttpResponseBuilder::new(status).content_type("application/json").body(text);
    if is_small {
        compression::spare(&mut response);
    }
    Ok(response)
}
