//! Tenants and what they may choose.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Provisioning, TenantId};
use crate::scim::dialect::{Dialect, GroupPatchAnswer, UnknownAttributes, UnknownMembers, UnknownRoles};

/// A ready-made dialect. A tenant starts from one and may change single switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// What the RFCs say, lenient where they leave room.
    Rfc,
    /// What Microsoft Entra ID expects.
    Entra,
    /// What Okta expects.
    Okta,
    /// As `rfc`, and unknown attributes, members and roles are refused.
    Strict,
}

impl Profile {
    /// The name as it is written on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rfc => "rfc",
            Self::Entra => "entra",
            Self::Okta => "okta",
            Self::Strict => "strict",
        }
    }

    /// The switches it stands for.
    pub fn dialect(self) -> Dialect {
        let rfc = Dialect::default();
        let exact = Dialect { unknown_members: UnknownMembers::Refuse, ..rfc.clone() };
        match self {
            Self::Rfc => rfc,
            Self::Okta => exact,
            Self::Entra => Dialect { group_patch_answer: GroupPatchAnswer::NoContent, ..exact },
            Self::Strict => {
                Dialect { unknown_attributes: UnknownAttributes::Refuse, unknown_roles: UnknownRoles::Refuse, ..exact }
            }
        }
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Rfc, Self::Entra, Self::Okta, Self::Strict]
            .into_iter()
            .find(|profile| profile.as_str() == text)
            .ok_or_else(|| format!("\"{text}\" is no profile; choose rfc, entra, okta or strict"))
    }
}

/// A tenant's short name: 1 to 63 of `a-z`, `0-9` and `-`, beginning and ending with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct TenantSlug(String);

impl TenantSlug {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantSlug {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let fits = (1..=63).contains(&text.len()) && text.bytes().all(inner);
        if fits && !text.starts_with('-') && !text.ends_with('-') {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "\"{text}\" is no tenant name; use 1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or digit"
            ))
        }
    }
}

impl fmt::Display for TenantSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How often a tenant's schemas and resource types have changed; 0 if it never registered any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct CatalogVersion(pub i64);

impl CatalogVersion {
    /// That of a tenant with the built-in resource types alone.
    pub const BUILTIN: Self = Self(0);
}

/// Whether a tenant's credentials are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TenantState {
    /// They are.
    #[default]
    Active,
    /// They are refused until the tenant is resumed.
    Suspended {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// They are refused, and everything goes at `purge_at` unless the tenant is restored before.
    Deleted {
        /// Since when.
        since: DateTime<Utc>,
        /// When everything goes.
        purge_at: DateTime<Utc>,
    },
}

impl TenantState {
    /// The name, as it is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended { .. } => "suspended",
            Self::Deleted { .. } => "deleted",
        }
    }
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its short name, unique.
    pub slug: TenantSlug,
    /// Its name for people.
    pub name: String,
    /// The profile it began with.
    pub profile: Profile,
    /// Its behaviour switches.
    pub dialect: Dialect,
    /// What it chose for systems of record that do not speak SCIM.
    pub provisioning: Provisioning,
    /// Whether its credentials are taken.
    pub state: TenantState,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

impl Tenant {
    /// Starts over from a profile. That is what clients expect; whether connections are fenced against each other is the tenant's
    /// own word, and stays.
    pub fn take_profile(&mut self, profile: Profile) {
        let fence_connections = self.dialect.fence_connections;
        self.profile = profile;
        self.dialect = Dialect { fence_connections, ..profile.dialect() };
    }
}
