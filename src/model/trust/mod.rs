//! Trusted issuers: whose signed tokens (JWT, RFC 7519) act as which credential.
//!
//! [`TrustInput`] is what an administrator says; [`Trust`] is what is left of it once it was checked. A token acts as the
//! credential if it is signed with a key of `jwks_url` and says all that its [`Trust`] asks for.

mod algorithm;
mod entra;
mod input;
mod subject;
mod url;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Credential, CredentialId, TenantId};

pub use algorithm::SigningAlgorithm;
pub use input::{TrustInput, TrustProblem, TrustProblems};
pub use subject::SubjectClaim;
pub use url::{IssuerUrl, JwksUrl, PlainHttp};

/// The audience of every token that Entra itself sends when the "Secret Token" of a custom application is left blank. All
/// applications of all organisations share it, so it tells nothing about who sends.
pub const ENTRA_SHARED_AUDIENCE: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";

/// What a token has to be and to say to act as a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trust {
    /// The claim `iss`, exactly.
    pub issuer: IssuerUrl,
    /// One of these is in the claim `aud`; a `/.default` at the end is no part of them.
    pub audiences: Vec<String>,
    /// Which claim names the subject.
    pub subject_claim: SubjectClaim,
    /// Who the subject is.
    pub subject: String,
    /// The claim `tid` of Entra: the organisation.
    pub tid: Option<String>,
    /// Further claims and the text that each has to have.
    pub claims: BTreeMap<String, String>,
    /// Where the issuer's keys are.
    pub jwks_url: JwksUrl,
    /// The algorithms that tokens may be signed with; every one that fits the key if there are none.
    pub algorithms: Vec<SigningAlgorithm>,
    /// Whether a client assertion that has a `jti` is taken once.
    pub single_use: bool,
}

/// A trusted issuer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedIssuer {
    /// The tenant in which its tokens act.
    pub tenant: TenantId,
    /// The credential as which they act.
    pub id: CredentialId,
    /// What they have to say.
    pub trust: Trust,
    /// When that was said last; an instant of its own each time.
    pub modified_at: DateTime<Utc>,
}

/// A trusted issuer with the rest of its credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// The credential.
    pub credential: Credential,
    /// Whose tokens act as it.
    pub trusted: TrustedIssuer,
}

/// An audience without the ending by which Entra's clients ask for "all scopes of it".
pub fn bare_audience(audience: &str) -> &str {
    audience.strip_suffix("/.default").unwrap_or(audience)
}
