//! Connections: the identity providers and systems of record that push into a tenant.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{ConnectionId, Label, Profile};

/// How many characters a prefix has at most.
const MAX_PREFIX: usize = 32;

/// Which product pushes: it decides what set-up guide people see, and nothing about protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ConnectionKind {
    /// Microsoft Entra ID.
    Entra,
    /// Okta.
    Okta,
    /// OneLogin.
    OneLogin,
    /// JumpCloud.
    JumpCloud,
    /// PingOne or PingFederate.
    Ping,
    /// Google Workspace.
    Google,
    /// A system of record: HR, student information.
    Hr,
    /// Anything else.
    Other,
}

impl ConnectionKind {
    /// Every kind.
    pub const ALL: [Self; 8] =
        [Self::Entra, Self::Okta, Self::OneLogin, Self::JumpCloud, Self::Ping, Self::Google, Self::Hr, Self::Other];

    /// The name as it is stored and written on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entra => "entra",
            Self::Okta => "okta",
            Self::OneLogin => "onelogin",
            Self::JumpCloud => "jumpcloud",
            Self::Ping => "ping",
            Self::Google => "google",
            Self::Hr => "hr",
            Self::Other => "other",
        }
    }
}

impl FromStr for ConnectionKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| format!("\"{text}\" is no kind; choose {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// A short text that tells a connection's people from those of others, for example in composed user names: 1 to 32 of ASCII
/// letters, digits, `-`, `_` and `.`. Unique in its tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ConnectionPrefix(String);

impl ConnectionPrefix {
    /// The prefix.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ConnectionPrefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if (1..=MAX_PREFIX).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("a prefix is 1 to {MAX_PREFIX} of ASCII letters, digits, '-', '_' and '.'"))
        }
    }
}

impl fmt::Display for ConnectionPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A connection. Its credentials are worth something only while it is enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Its name for people; unique in its tenant, compared without case.
    pub name: Label,
    /// What tells its people from those of others.
    pub prefix: Option<ConnectionPrefix>,
    /// What is at the other end.
    pub kind: ConnectionKind,
    /// Whose expectations to meet in requests that come through it; `None` for those of the tenant.
    pub profile: Option<Profile>,
    /// Whether its credentials work.
    pub enabled: bool,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub modified_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_plain() {
        let prefix = |text: &str| text.parse::<ConnectionPrefix>();
        assert_eq!(prefix("EU-west_1.a").unwrap().as_str(), "EU-west_1.a");
        for wrong in ["", "a b", "\u{fc}", "a/b", &"x".repeat(33)] {
            assert!(prefix(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_kind_comes_back_from_its_name() {
        for kind in ConnectionKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        let told = "\"x\" is no kind; choose entra, okta, onelogin, jumpcloud, ping, google, hr, other";
        assert_eq!("x".parse::<ConnectionKind>().unwrap_err(), told);
    }
}
