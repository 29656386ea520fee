//! Why a request's credential was not accepted.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use super::federation::FederationError;
use super::{AccessTokenError, NotAToken, Refusal};
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
    /// The connection that the token belongs to is disabled.
    #[error("the connection of this token is disabled; enable it, or use a token of another one")]
    ConnectionDisabled,
    /// The credential itself is disabled.
    #[error("this credential is disabled; enable it, or use another one")]
    CredentialDisabled,
    /// The token is bound to other addresses.
    #[error("this token may not be used from {}; add the address to those that it is allowed to be used from", Shown(*.0))]
    AddressRefused(Option<IpAddr>),
    /// The user whose token it is was removed.
    #[error("the user of this token does not exist any more, and the token ended with it; use another token")]
    UserGone,
    /// The user whose token it is may not sign in.
    #[error("the user of this token is inactive; set \"active\" to true with a token that may change users")]
    UserInactive,
    /// The access token is not worth anything.
    #[error(transparent)]
    AccessToken(AccessTokenError),
    /// Too many wrong credentials came.
    #[error("too many wrong credentials were sent; wait as long as Retry-After says, and check the token")]
    TooManyFailures(Duration),
    /// The token of somebody else is not worth anything, or cannot be checked now.
    #[error(transparent)]
    Federation(FederationError),
    /// The tenant is suspended.
    #[error("this tenant is suspended; its administrators can resume it (`scimgate tenant resume`)")]
    TenantSuspended,
    /// The tenant is deleted, and can be restored for some time yet.
    #[error(
        "this tenant is deleted; until its data is gone, an administrator can restore it (`scimgate tenant restore`)"
    )]
    TenantDeleted,
    /// The token could not be looked up.
    #[error("the token could not be checked now; try again")]
    Unchecked(#[source] StoreError),
}

impl AuthError {
    /// Why a credential that was proved is refused with 401.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused => Some(Refusal::Revoked),
            Self::Expired => Some(Refusal::Expired),
            Self::CredentialDisabled => Some(Refusal::Disabled),
            Self::ConnectionDisabled => Some(Refusal::ConnectionDisabled),
            Self::AddressRefused(_) => Some(Refusal::Address),
            Self::UserGone => Some(Refusal::UserGone),
            Self::UserInactive => Some(Refusal::UserInactive),
            _ => None,
        }
    }

    /// Whether somebody sent a credential that is none, and not one whose time is over or whose holder may not.
    pub(super) fn is_wrong_credential(&self) -> bool {
        match self {
            Self::NotAToken(_) | Self::Refused => true,
            Self::AccessToken(error) => {
                !matches!(error, AccessTokenError::Expired | AccessTokenError::NotYet | AccessTokenError::Unchecked(_))
            }
            Self::Federation(error) => matches!(error, FederationError::NotAJwt | FederationError::Untrusted),
            _ => false,
        }
    }
}

impl From<AccessTokenError> for AuthError {
    fn from(error: AccessTokenError) -> Self {
        match error {
            AccessTokenError::Unchecked(error) => Self::Unchecked(error),
            error => Self::AccessToken(error),
        }
    }
}

impl From<FederationError> for AuthError {
    fn from(error: FederationError) -> Self {
        match error {
            FederationError::Unchecked(error) => Self::Unchecked(error),
            FederationError::HeldUp(wait) => Self::TooManyFailures(wait),
            error => Self::Federation(error),
        }
    }
}

/// An address, where it is known.
struct Shown(Option<IpAddr>);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => write!(f, "the address {}", address.to_canonical()),
            None => f.write_str("an address that is not known"),
        }
    }
}
