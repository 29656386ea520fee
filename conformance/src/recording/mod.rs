//! What identity providers send, as data: scenarios of exchanges, each with the answer it must get.
//!
//! `recordings/README.md` describes the format and maps each fact about a client to the exchange that shows it.
//! Only types and loading live here; sending is the player's.

mod embedded;
mod load;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

pub use self::embedded::embedded;
pub use self::load::{LoadError, directory, parse};
use crate::matcher::Matcher;

/// An ordered list of exchanges; each may use what earlier ones captured.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The name, which is also the file's path without extension: `entra/match`.
    pub name: String,
    /// What the scenario shows, one sentence.
    pub about: String,
    /// Short names of the sources, as listed in `recordings/README.md`.
    pub source: Vec<String>,
    /// The behaviour that the tenant must be set to.
    pub profile: Profile,
    /// Headers of every request that does not set its own.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// The exchanges in their order.
    pub exchanges: Vec<Exchange>,
}

/// The choices a server offers where clients disagree; the names are those of scimgate's tenant profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// The RFCs' defaults.
    Rfc,
    /// What Microsoft Entra ID wants.
    Entra,
    /// What Okta wants.
    Okta,
}

impl Profile {
    /// The name as written in recordings and on scimgate's command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rfc => "rfc",
            Self::Entra => "entra",
            Self::Okta => "okta",
        }
    }
}

/// One request and what its answer must be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The name, unique within the scenario.
    pub name: String,
    /// The fact that the exchange shows: a row of `recordings/README.md`.
    pub row: String,
    /// What is sent.
    pub request: Request,
    /// What must come back.
    pub expect: Expectation,
    /// Variables to take from the answer: name to JSON pointer (`""` takes the whole body).
    #[serde(default)]
    pub capture: BTreeMap<String, String>,
}

/// What is sent; every text may hold `{{variable}}` places.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query below the base URL, sent byte for byte.
    pub path: String,
    /// Headers beside or instead of the usual ones; `null` leaves a usual one out.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// The JSON body. `{"@with": "variable", ..}` is a captured object with other keys laid over it.
    #[serde(default)]
    pub body: Option<Value>,
}

/// The methods that SCIM knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "they are the methods of RFC 7644 section 3.2")]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What must come back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The status or statuses that are right.
    pub status: Statuses,
    /// Headers by lower-case name; a header that is missing counts as absent.
    #[serde(default)]
    pub headers: BTreeMap<String, Matcher>,
    /// The body; not looked at when the answer is a `204`.
    #[serde(default)]
    pub body: Option<Matcher>,
}

/// One status, or several that are equally right.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Statuses {
    /// Exactly this one.
    One(u16),
    /// Any of these.
    AnyOf(Vec<u16>),
}

impl Statuses {
    /// Whether `status` is right.
    pub fn allow(&self, status: u16) -> bool {
        match self {
            Self::One(one) => *one == status,
            Self::AnyOf(several) => several.contains(&status),
        }
    }
}

impl fmt::Display for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(one) => write!(f, "{one}"),
            Self::AnyOf(several) => {
                let texts: Vec<_> = several.iter().map(u16::to_string).collect();
                f.write_str(&texts.join(" or "))
            }
        }
    }
}
