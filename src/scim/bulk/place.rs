//! What the path of an operation names: an endpoint, or a resource below it.

use std::sync::Arc;

use super::request::Method;
use super::{Target, references::PREFIX};
use crate::scim::schema::Catalog;
use crate::scim::{ScimError, ScimType};

/// Reads a path relative to the base URL: `/Users`, `/Users/{id}` or `/Users/bulkId:{bulkId}`. As in a URL, empty segments
/// do not count.
///
/// # Errors
/// 400 for a path with a query, 404 if no resource type has the endpoint.
pub(super) fn find(path: &str, catalog: &Catalog) -> Result<Target, ScimError> {
    if path.contains(['?', '#']) && !path.contains(PREFIX) {
        return Err(ScimError::bad_request(
            ScimType::InvalidValue,
            "\"path\" of an operation takes no query; leave it out, since answers of bulk operations have no body",
        ));
    }
    let (endpoint, id) = match path.trim_start_matches('/').split_once('/') {
        Some((endpoint, id)) => (endpoint, id.trim_start_matches('/')),
        None => (path.trim_start_matches('/'), ""),
    };
    let kind = Arc::clone(catalog.at_endpoint(&format!("/{endpoint}")).ok_or_else(|| nothing_at(path))?);
    // A bulkId is the client's own and may hold any character.
    let id = if id.starts_with(PREFIX) { id } else { id.trim_end_matches('/') };
    if id.contains('/') && !id.starts_with(PREFIX) {
        return Err(nothing_at(path));
    }
    Ok(Target { kind, id: (!id.is_empty()).then(|| id.to_owned()) })
}

fn nothing_at(path: &str) -> ScimError {
    let shown: String = path.chars().take(100).collect();
    ScimError::new(404, format!("there is nothing at the path {shown:?}; the endpoints are listed at /ResourceTypes"))
}

/// Holds that the method fits the path: POST goes to an endpoint, everything else to a resource.
///
/// # Errors
/// 405, as the single request would get.
pub(super) fn check(method: Method, target: &Target) -> Result<(), ScimError> {
    let endpoint = &target.kind.endpoint;
    match (method, &target.id) {
        (Method::Post, Some(_)) => {
            Err(ScimError::new(405, format!("POST creates a resource; send it to the path {endpoint}")))
        }
        (Method::Post, None) | (_, Some(_)) => Ok(()),
        (method, None) => {
            let method = method.as_str();
            Err(ScimError::new(405, format!("{method} is about one resource; send it to the path {endpoint}/{{id}}")))
        }
    }
}
