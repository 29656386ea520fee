//! Credentials as they are kept: everything but the secret.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{AllowedAddresses, ConnectionId, CredentialId, ResourceId, Scopes};

/// How a credential proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialKind {
    /// By a bearer token of ours.
    Token,
    /// As an OAuth 2.0 client, by access tokens that we sign (RFC 6749, section 4.4).
    Client,
    /// By tokens that an issuer we trust has signed (RFC 7523).
    Issuer,
}

impl CredentialKind {
    /// The name as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Client => "client",
            Self::Issuer => "issuer",
        }
    }
}

impl FromStr for CredentialKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = [Self::Token, Self::Client, Self::Issuer].into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| format!("\"{text}\" is no kind of credential"))
    }
}

/// A credential as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its id, which a bearer token carries.
    pub id: CredentialId,
    /// How it proves itself.
    pub kind: CredentialKind,
    /// Its name for people.
    pub label: String,
    /// SHA-256 of a bearer token's secret; `None` for every other kind.
    pub digest: Option<[u8; 32]>,
    /// What it may do.
    pub scopes: Scopes,
    /// The connection it belongs to; it ends with it.
    pub connection: Option<ConnectionId>,
    /// From where it may be used.
    pub allowed_addresses: AllowedAddresses,
    /// How heavy a role may be that it gives to users; any, if there is no limit.
    pub max_role_weight: Option<i64>,
    /// The user whose token it is; `None` for a client that acts for the whole tenant.
    pub user: Option<ResourceId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Since when it is out of use until it is enabled again.
    pub disabled_at: Option<DateTime<Utc>>,
    /// The token that takes its place.
    pub rotated_to: Option<CredentialId>,
}

/// Whether a token works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// It does.
    Live,
    /// It does until it expires, and another one took its place.
    Replaced,
    /// It ended by itself.
    Expired,
    /// It was revoked.
    Revoked,
}

impl TokenState {
    /// The state of a credential at `now`.
    pub fn of(credential: &Credential, now: DateTime<Utc>) -> Self {
        match credential {
            Credential { revoked_at: Some(_), .. } => Self::Revoked,
            credential if !credential.is_live(now) => Self::Expired,
            Credential { rotated_to: Some(_), .. } => Self::Replaced,
            _ => Self::Live,
        }
    }

    /// The name as answers print it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Replaced => "replaced",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl Credential {
    /// A bearer token's credential that belongs to nobody in particular and may be used from everywhere.
    pub fn token(id: CredentialId, label: String, digest: [u8; 32], scopes: Scopes, created_at: DateTime<Utc>) -> Self {
        Self {
            id,
            kind: CredentialKind::Token,
            label,
            digest: Some(digest),
            scopes,
            connection: None,
            allowed_addresses: AllowedAddresses::ANY,
            max_role_weight: None,
            user: None,
            created_at,
            expires_at: None,
            revoked_at: None,
            disabled_at: None,
            rotated_to: None,
        }
    }

    /// What it may do, for people.
    pub fn powers(&self) -> String {
        match self.max_role_weight {
            None => self.scopes.to_string(),
            Some(weight) => format!("{}; roles up to a weight of {weight}", self.scopes),
        }
    }

    /// Whether it has neither ended nor been revoked.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| end > now)
    }
}
