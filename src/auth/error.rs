//! Why a request's credential was not accepted.

use super::NotAToken;
use crate::store::StoreError;

/// Why a request's credential was not accepted. No variant holds any part of the credential.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The request carries none.
    #[error("this request carries no credential; send the header \"Authorization: Bearer <token>\"")]
    Missing,
    /// It carries more than one; which of them a proxy looked at nobody can tell.
    #[error("this request carries more than one Authorization header; send one")]
    Repeated,
    /// It carries something else than a bearer token.
    #[error("the Authorization header is not of the form \"Bearer <token>\"; send it so")]
    Scheme,
    /// The text is none of our tokens.
    #[error("{0}")]
    NotAToken(#[from] NotAToken),
    /// The token is unknown or was revoked; the two are not told apart.
    #[error("the token is unknown or was revoked; create a new one")]
    Refused,
    /// The token's time is over.
    #[error("the token has expired; create a new one")]
    Expired,
    /// The user whose token it is was removed.
    #[error("the user of this token does not exist any more, and the token ended with it; use another token")]
    UserGone,
    /// The user whose token it is may not sign in.
    #[error("the user of this token is inactive; set \"active\" to true with a token that may change users")]
    UserInactive,
    /// The token could not be looked up.
    #[error("the token could not be checked now; try again")]
    Unchecked(#[source] StoreError),
}
