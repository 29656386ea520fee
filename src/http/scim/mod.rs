//! The SCIM endpoints (RFC 7644, section 3.2): one file a verb.

mod bulk;
mod bulk_outcome;
mod create;
mod delete;
mod discovery;
mod entrance;
mod failures;
mod get;
mod list;
pub mod me;
mod members;
mod patch;
mod reference;
mod replace;
mod resource;
mod roles;
mod search;
mod stream;
mod view;

pub use entrance::{check_scopes, enter};
pub use failures::{offer as offer_failure, offer_refused};

use super::error::RequestError;
use super::frame::Answer;
use super::request::Request;
use super::route::ScimEndpoint::{self, *};

/// Hands a request to the handler of its endpoint and method. Handlers are boxed: a future is moved several times before it
/// runs, and theirs are tens of kilobytes.
pub async fn answer(request: Request<'_>, endpoint: ScimEndpoint<'_>) -> Answer {
    let allow = endpoint.allow();
    match (endpoint, request.http.method().as_str()) {
        (ServiceProviderConfig, "GET" | "HEAD") => discovery::service_provider_config(&request).await,
        (ResourceTypes, "GET" | "HEAD") => discovery::resource_types(&request).await,
        (ResourceType(name), "GET" | "HEAD") => discovery::resource_type(&request, &name).await,
        (Schemas, "GET" | "HEAD") => discovery::schemas(&request).await,
        (Schema(urn), "GET" | "HEAD") => discovery::schema(&request, &urn).await,
        (Root(kinds), "GET" | "HEAD") => Box::pin(list::list(request, kinds)).await,
        (Collection(kind), "GET" | "HEAD") => Box::pin(list::list(request, std::slice::from_ref(kind))).await,
        (Search(kinds), "POST") => Box::pin(search::search(request, kinds)).await,
        (Bulk, "POST") => Box::pin(bulk::bulk(request)).await,
        (BulkOutcome(id), "GET" | "HEAD") => Box::pin(bulk_outcome::get(request, &id)).await,
        (Collection(kind), "POST") => Box::pin(create::create(request, kind)).await,
        (Resource(kind, id), "GET" | "HEAD") => Box::pin(get::get(request, kind, &id)).await,
        (Resource(kind, id), "PUT") => Box::pin(replace::replace(request, kind, &id)).await,
        (Resource(kind, id), "PATCH") => Box::pin(patch::patch(request, kind, &id)).await,
        (Resource(kind, id), "DELETE") => Box::pin(delete::delete(request, kind, &id)).await,
        (Members(kind, id), "GET" | "HEAD") => Box::pin(members::members(request, kind, &id)).await,
        (RoleList(list), "GET" | "HEAD") => Box::pin(roles::list(request, list)).await,
        (Role(list, id), "GET" | "HEAD") => Box::pin(roles::get(request, list, &id)).await,
        (_, method) => Err(RequestError::Method { method: method.to_owned(), allow }.into()),
    }
}
