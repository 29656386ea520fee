//! The SCIM endpoints (RFC 7644, section 3.2): one file a verb.

mod create;
mod delete;
mod discovery;
mod get;
mod list;
mod patch;
mod replace;
mod resource;
mod stream;
mod view;

use actix_web::http::Method;
use actix_web::web;

use super::error::RequestError;
use super::frame::{any, route};
use crate::model::Scope;

const DISCOVERY: &str = "GET, HEAD";
const COLLECTION: &str = "GET, HEAD, POST";
const RESOURCE: &str = "GET, HEAD, PUT, PATCH, DELETE";

/// The routes below `/scim/v2`.
pub fn routes(service: &mut web::ServiceConfig) {
    service
        .service(read("/ServiceProviderConfig", discovery::service_provider_config))
        .service(read("/ResourceTypes", discovery::resource_types))
        .service(read("/ResourceTypes/{id}", discovery::resource_type))
        .service(read("/Schemas", discovery::schemas))
        .service(read("/Schemas/{id}", discovery::schema))
        .service(not_offered("/Me", "/Me; ask for the resource by its id"))
        .service(not_offered("/Bulk", "bulk requests; send the operations one by one"))
        .service(not_offered("/.search", "searches by POST; send the same parameters with GET"))
        .service(not_offered("/{endpoint}/.search", "searches by POST; send the same parameters with GET"))
        .service(
            web::resource("/{endpoint}")
                .route(route(Method::GET, Scope::Read, list::list))
                .route(route(Method::HEAD, Scope::Read, list::list))
                .route(route(Method::POST, Scope::Write, create::create))
                .default_service(method_not_allowed(COLLECTION)),
        )
        .service(
            web::resource("/{endpoint}/{id}")
                .route(route(Method::GET, Scope::Read, get::get))
                .route(route(Method::HEAD, Scope::Read, get::get))
                .route(route(Method::PUT, Scope::Write, replace::replace))
                .route(route(Method::PATCH, Scope::Write, patch::patch))
                .route(route(Method::DELETE, Scope::Write, delete::delete))
                .default_service(method_not_allowed(RESOURCE)),
        )
        .default_service(any(async |_| Err(RequestError::NoRoute.into())));
}

/// An endpoint that can only be read.
fn read<H>(path: &'static str, handler: H) -> actix_web::Resource
where
    H: AsyncFn(super::request::Request<'_>) -> super::frame::Answer + Clone + 'static,
{
    web::resource(path)
        .route(route(Method::GET, Scope::Read, handler.clone()))
        .route(route(Method::HEAD, Scope::Read, handler))
        .default_service(method_not_allowed(DISCOVERY))
}

/// An endpoint that the protocol has and this server does not (RFC 7644, sections 3.7 and 3.11).
fn not_offered(path: &'static str, what: &'static str) -> actix_web::Resource {
    web::resource(path).default_service(any(async move |_| Err(RequestError::NotOffered(what).into())))
}

/// For every method that a path does not know. Below an endpoint that does not exist there is nothing at all.
fn method_not_allowed(allow: &'static str) -> actix_web::Route {
    any(async move |request| {
        if request.http.match_info().get("endpoint").is_some() {
            request.resource_type()?;
        }
        Err(RequestError::Method { method: request.http.method().to_string(), allow }.into())
    })
}
