//! `/oauth` and the documents that describe it: how clients come to access tokens (RFC 6749, section 4.4).
//!
//! Nobody is signed in here: a client proves itself in the request. Errors are those of RFC 6749, section 5.2.

mod client;
mod error;
mod form;
mod metadata;
mod token;

use actix_web::HttpResponse;

use self::error::OAuthError;
use super::error::RequestError;
use super::frame::{Incoming, check_head, run};
use super::route;

/// The path of the token endpoint, below the public URL.
pub const TOKEN_PATH: &str = "/oauth/token";
/// The path of the key set, below the public URL.
pub const JWKS_PATH: &str = "/.well-known/jwks.json";

/// What a handler ends with.
type OAuthAnswer = Result<HttpResponse, OAuthError>;

/// Answers a request of this space.
pub async fn enter(incoming: &mut Incoming<'_>) -> HttpResponse {
    let (id, deadline) = (incoming.id, incoming.deadline());
    let outcome = run(deadline, answer(incoming)).await;
    outcome.unwrap_or_else(|error| error.render(id))
}

async fn answer(incoming: &mut Incoming<'_>) -> OAuthAnswer {
    check_head(incoming.http)?;
    let segments: Vec<&str> = route::segments(incoming.http.path()).collect();
    match segments[..] {
        ["oauth", "token"] => {
            method(incoming, "POST")?;
            token::answer(incoming).await
        }
        [".well-known", "jwks.json"] => {
            method(incoming, "GET, HEAD")?;
            metadata::keys(incoming.app).await
        }
        // Behind it stands the path of the public URL, if that has one (RFC 8414, section 3.1).
        [".well-known", "oauth-authorization-server", ..] => {
            method(incoming, "GET, HEAD")?;
            Ok(metadata::server(incoming.app))
        }
        _ => Err(OAuthError::NoRoute),
    }
}

fn method(incoming: &Incoming<'_>, allow: &'static str) -> Result<(), RequestError> {
    let method = incoming.http.method().as_str();
    if allow.split(", ").any(|allowed| allowed == method) {
        return Ok(());
    }
    Err(RequestError::Method { method: method.to_owned(), allow })
}
