//! The claim that names the subject of a token.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The claim by which a token's subject is recognised. Only claims that the issuer sets and its clients cannot choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectClaim {
    /// `sub` (RFC 7519, section 4.1.2).
    Sub,
    /// Entra: the object id of the service principal.
    Oid,
    /// Entra, tokens of version 1: the application's client id.
    Appid,
    /// Entra, tokens of version 2, and others: the client id of whoever asked for the token.
    Azp,
}

impl SubjectClaim {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sub, Self::Oid, Self::Appid, Self::Azp];

    /// The claim's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sub => "sub",
            Self::Oid => "oid",
            Self::Appid => "appid",
            Self::Azp => "azp",
        }
    }
}

impl FromStr for SubjectClaim {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|claim| claim.as_str() == text);
        found.ok_or_else(|| {
            format!("\"{}\" is no claim that names a subject; choose sub, oid, appid or azp", text.escape_debug())
        })
    }
}
