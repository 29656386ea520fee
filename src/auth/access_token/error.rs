//! Why an access token was not taken, or not made.

use crate::auth::SealError;
use crate::store::StoreError;

/// Why an access token was not taken. No variant holds any part of it.
#[derive(Debug, thiserror::Error)]
pub enum AccessTokenError {
    /// It is none, or none as this server makes them.
    #[error("this is no access token of this server; get one from its token endpoint")]
    Malformed,
    /// Its key is not among ours, or not any more.
    #[error("the access token is signed with a key that is not in use; get a new one from the token endpoint")]
    UnknownKey,
    /// The signature is not that of its key.
    #[error("the signature of the access token is wrong; get a new one from the token endpoint")]
    Signature,
    /// It is meant for somebody else.
    #[error("the access token is meant for another server; get one from the token endpoint of this one")]
    Audience,
    /// Its time has not come.
    #[error("the access token is not valid yet; set the clocks right")]
    NotYet,
    /// Its time is over.
    #[error("the access token has expired; get a new one from the token endpoint")]
    Expired,
    /// The keys could not be read.
    #[error("the access token could not be checked now; try again")]
    Unchecked(#[source] StoreError),
}

/// Why nothing could be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// The private key does not open.
    #[error("the signing key cannot be opened: {0}")]
    Sealed(#[from] SealError),
    /// It opens, and does not sign.
    #[error("the signing key does not sign")]
    Signature,
    /// None could be made.
    #[error("no key could be generated")]
    Generation,
}
