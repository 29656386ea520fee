//! Credentials as they are kept: everything but the secret.

use chrono::{DateTime, Utc};

use super::{CredentialId, ResourceId, Scope};

/// A bearer token as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its id, which the token carries.
    pub id: CredentialId,
    /// Its name for people.
    pub label: String,
    /// SHA-256 of the token's secret.
    pub digest: [u8; 32],
    /// What it may do.
    pub scope: Scope,
    /// The user whose token it is; `None` for a client that acts for the whole tenant.
    pub user: Option<ResourceId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}
