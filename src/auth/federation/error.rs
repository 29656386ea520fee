//! Why a token of somebody else's was not taken.

use std::time::Duration;

use super::key_sets::FetchError;
use crate::model::Trust;
use crate::store::StoreError;

/// Why a token was not taken. What stands behind a good signature is told in detail; before it, as little as possible.
#[derive(Debug, thiserror::Error)]
pub enum FederationError {
    /// It is no signed JWT, or is signed in a way that is never accepted.
    #[error("the token is no JWT that is signed with RS256, PS256, ES256, EdDSA or one of their kin; send one that is")]
    NotAJwt,
    /// Nobody is trusted who signed it, as far as one may tell before the signature is known to be good.
    #[error(
        "the token is not signed by an issuer that is trusted here; compare its iss, its kid and the keys of the issuer with \
         what `scimgate issuer test` finds"
    )]
    Untrusted,
    /// The signature is good and what the token says is not.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The keys of its issuer cannot be had now.
    #[error("the keys of the token's issuer cannot be fetched now; try again")]
    NoKeys(#[from] FetchError),
    /// Too many wrong credentials came, so nothing is looked up for this one now.
    #[error("too many wrong credentials were sent; wait as long as Retry-After says, and check the token")]
    HeldUp(Duration),
    /// The database cannot be asked.
    #[error("the token could not be checked now; try again")]
    Unchecked(#[from] StoreError),
}

/// Which check a rightly signed token fails. Values are the token's own, which its bearer knows, shortened and harmless.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the texts say it")]
pub enum ClaimError {
    #[error("the token has no claim {0} of the right type")]
    Missing(&'static str),
    #[error("the token has neither nbf nor iat, so its age is not known")]
    NoBeginning,
    #[error("the token has expired (exp {exp}, it is {now} now); get a new one")]
    Expired { exp: String, now: String },
    #[error("the token is not valid yet (nbf {nbf}, it is {now} now); compare the clocks")]
    NotYet { nbf: String, now: String },
    #[error("the token was issued in the future (iat {iat}, it is {now} now); compare the clocks")]
    FromTheFuture { iat: String, now: String },
    #[error("the token lives for {hours} hours, and at most 25 are taken; have the issuer make shorter ones")]
    TooLong { hours: i64 },
    #[error("the token's audience (aud) is {got}, which is not the one registered for this issuer and subject")]
    Audience { got: String },
    #[error("the token's audience (aud) is {got}, and this issuer was registered with {accepted}")]
    AudienceOf { got: String, accepted: String },
    #[error("the token's subject ({claim} {got}) is not registered for this issuer")]
    Subject { claim: &'static str, got: String },
    #[error("the token's organisation (tid {got}) is not the one registered for this issuer")]
    Organisation { got: String },
    #[error("the token's claim {0} is not what was registered for this issuer")]
    Claim(String),
    #[error(
        "the token fits more than one trusted issuer, so it is not told as whom it acts; remove all but one of them"
    )]
    Ambiguous,
    #[error("the assertion was used before (jti); get a new one for each request")]
    Replayed,
}

impl ClaimError {
    /// Tells the accepted audiences too: to a client that named the credential and proved who signed its token.
    pub(super) fn with_audiences_of(self, trust: &Trust) -> Self {
        match self {
            Self::Audience { got } => Self::AudienceOf { got, accepted: trust.audiences.join(" or ") },
            other => other,
        }
    }
}
