//! Sessions of administrators.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use super::AdminSessionId;

/// A session as it is kept: everything but the secret in its cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminSession {
    /// Its id.
    pub id: AdminSessionId,
    /// Whether every factor was given. Until then it opens nothing but the way to the second one.
    pub is_complete: bool,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends, however much it is used.
    pub expires_at: DateTime<Utc>,
    /// Where it began.
    pub address: Option<IpAddr>,
    /// The browser, as it named itself.
    pub user_agent: Option<String>,
}

impl AdminSession {
    /// How long a session lasts at most.
    pub const LIFETIME: TimeDelta = TimeDelta::hours(12);
    /// After how long without use it ends.
    pub const IDLE: TimeDelta = TimeDelta::minutes(30);
    /// How long the second factor may take.
    pub const HALF_WAY: TimeDelta = TimeDelta::minutes(5);

    /// Whether it still holds.
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at && now < self.last_seen_at + Self::IDLE
    }
}
