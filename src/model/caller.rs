//! Who is calling.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{CredentialId, RequestId, ResourceId, Tenant};
use crate::scim::schema::Catalog;

/// What a credential may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Read users and groups.
    Read,
    /// Read and write users and groups.
    Write,
}

impl Scope {
    /// The name as it is written on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// Whether this scope includes `needed`.
    pub fn includes(self, needed: Scope) -> bool {
        self >= needed
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            other => Err(format!("\"{other}\" is no scope; choose read or write")),
        }
    }
}

/// An authenticated request's origin: the tenant it acts in, and what the change stream tells of it.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The tenant, by way of the credential and of nothing else.
    pub tenant: Arc<Tenant>,
    /// The tenant's schemas and resource types.
    pub catalog: Arc<Catalog>,
    /// The credential.
    pub credential: CredentialId,
    /// The credential's name for people, as the change stream keeps it.
    pub label: Arc<str>,
    /// What the credential may do.
    pub scope: Scope,
    /// The user who calls, if the credential is bound to one: it reaches that user alone.
    pub user: Option<ResourceId>,
    /// The request.
    pub request: RequestId,
    /// The client's address, where it is known.
    pub address: Option<IpAddr>,
}
