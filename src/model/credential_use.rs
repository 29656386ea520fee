//! When credentials were used, and with what outcome.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::{ConnectionId, ConnectionKind, CredentialId, Label, TenantId, TenantSlug};

/// How a request that came with a credential ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseOutcome {
    /// As the client wanted.
    Success,
    /// In a way that its administrator would want to know.
    Failure,
}

/// The last uses of one credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialUse {
    /// Whose it is.
    pub tenant: TenantId,
    /// Which one.
    pub credential: CredentialId,
    /// When it was last presented, whether it was let in or not.
    pub last_used_at: DateTime<Utc>,
    /// From where, if that is known.
    pub last_address: Option<IpAddr>,
    /// When a request with it last succeeded.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When a request with it last failed.
    pub last_failure_at: Option<DateTime<Utc>>,
}

impl CredentialUse {
    /// Takes in what is known of other uses of the same credential.
    pub fn merge(&mut self, other: &Self) {
        if other.last_used_at >= self.last_used_at {
            self.last_used_at = other.last_used_at;
            self.last_address = other.last_address;
        }
        self.last_success_at = self.last_success_at.max(other.last_success_at);
        self.last_failure_at = self.last_failure_at.max(other.last_failure_at);
    }
}

/// The last uses of a connection: of all its credentials together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionUse {
    /// The tenant's short name.
    pub tenant: TenantSlug,
    /// Which connection.
    pub connection: ConnectionId,
    /// Its name for people.
    pub name: Label,
    /// What is at the other end.
    pub kind: ConnectionKind,
    /// Whether its credentials work.
    pub enabled: bool,
    /// When a credential of it was last presented.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When a request through it last succeeded: its last sync.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When a request through it last failed.
    pub last_failure_at: Option<DateTime<Utc>>,
}

impl ConnectionUse {
    /// Whether the last thing known of it is a failure.
    pub fn is_failing(&self) -> bool {
        self.last_failure_at.is_some() && self.last_failure_at >= self.last_success_at
    }
}

/// A credential that ends soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiringCredential {
    /// Whose it is.
    pub tenant: TenantId,
    /// The tenant's short name.
    pub slug: TenantSlug,
    /// Which one.
    pub credential: CredentialId,
    /// Its name for people.
    pub label: String,
    /// The name of its connection, if it belongs to one.
    pub connection: Option<String>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Whether another one took its place already, so that its end was meant.
    pub is_replaced: bool,
}
