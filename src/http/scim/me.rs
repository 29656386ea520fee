//! `/Me` (RFC 7644, section 3.11): another name for the user whose token it is.
//!
//! The name is resolved before anything else looks at the request, so that `/Me` is answered like the user's own URL, verb by
//! verb. A token that belongs to a user reaches nothing but that user and discovery; whatever endpoint is added later is
//! out of its reach until it is named here.

use std::borrow::Cow;

use super::ScimEndpoint;
use crate::auth::AuthError;
use crate::gateway::GatewayError;
use crate::http::error::{HttpError, RequestError};
use crate::http::frame::Answer;
use crate::model::Caller;

/// The resource type of those to whom tokens belong.
const USER: &str = "User";

/// What the request is really about, if the caller may reach it.
pub fn resolve<'a>(endpoint: ScimEndpoint<'a>, caller: &'a Caller) -> Result<ScimEndpoint<'a>, RequestError> {
    use ScimEndpoint::{Me, Resource, ResourceType, ResourceTypes, Schema, Schemas, ServiceProviderConfig};
    match (caller.user, endpoint) {
        (None, Me) => Err(not_offered()),
        (None, endpoint) => Ok(endpoint),
        (Some(user), Me) => {
            let kind = caller.catalog.named(USER).ok_or_else(not_offered)?;
            Ok(Resource(kind, Cow::Owned(user.to_string())))
        }
        (Some(user), Resource(kind, id)) if kind.name == USER && *id == user.to_string() => Ok(Resource(kind, id)),
        (_, endpoint @ (ServiceProviderConfig | ResourceTypes | ResourceType(_) | Schemas | Schema(_))) => Ok(endpoint),
        (Some(_), _) => Err(RequestError::OutOfReach),
    }
}

/// The answer to those who act for a whole tenant, and so have nobody to be.
fn not_offered() -> RequestError {
    RequestError::NotOffered("/Me to a token without a user; create one with --user, or ask for the resource by its id")
}

/// The permanent URL of the caller, if that is whom the request is about. Every answer names it.
pub fn url(endpoint: &ScimEndpoint<'_>, caller: &Caller, base_url: &str) -> Option<String> {
    match (caller.user, endpoint) {
        (Some(user), ScimEndpoint::Resource(kind, _)) => Some(format!("{base_url}{}/{user}", kind.endpoint)),
        _ => None,
    }
}

/// Who is gone cannot ask: what would be a 404 for others is the end of the token for its user, also in the second before
/// every worker knows.
pub fn without_user(outcome: Answer) -> Answer {
    outcome.map_err(|error| match error {
        HttpError::Request(RequestError::NotFound { .. }) | HttpError::Gateway(GatewayError::NotFound { .. }) => {
            AuthError::UserGone.into()
        }
        error => error,
    })
}
