//! What an access token says (RFC 9068, section 2.2).

use serde::{Deserialize, Serialize};

/// The claims. All are required, and each has one type: an `exp` that is no whole number is no `exp`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// The server's public URL.
    pub iss: String,
    /// The client: it acts for itself, no user is involved.
    pub sub: String,
    /// The same.
    pub client_id: String,
    /// The base URL of the SCIM endpoints.
    pub aud: String,
    /// Names of scopes, with blanks between them.
    pub scope: String,
    /// Told apart from every other token by this.
    pub jti: String,
    /// Seconds since 1970, as the next two.
    pub iat: i64,
    /// Not to be taken before.
    pub nbf: i64,
    /// Not to be taken from then on.
    pub exp: i64,
    /// The tenant's id. Ours alone.
    pub tenant: String,
}
