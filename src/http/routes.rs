//! Which path leads where.

use actix_web::web;

use super::error::RequestError;
use super::{frame, health, scim};

/// Every route of the server.
pub fn all(service: &mut web::ServiceConfig) {
    service
        .route("/healthz", web::get().to(health::alive))
        .route("/readyz", web::get().to(health::ready))
        .service(web::scope("/scim/v2").configure(scim::routes))
        .default_service(frame::any(async |_| Err(RequestError::NoRoute.into())));
}
