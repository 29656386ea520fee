//! Administrators: the people who run the gateway. They are no SCIM users, and no SCIM data makes anybody one.

use std::net::IpAddr;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Actor, AdminId, Origin, RequestId, TenantId};

/// What an administrator may do, within its reach. Each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AdminRole {
    /// Look at everything, change nothing.
    Auditor,
    /// Change everything but administrators above it.
    Admin,
    /// Everything.
    Owner,
}

impl AdminRole {
    /// The name as it is stored and written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auditor => "auditor",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

impl FromStr for AdminRole {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Auditor, Self::Admin, Self::Owner]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| format!("\"{text}\" is no role; choose owner, admin or auditor"))
    }
}

/// How far an administrator reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Every tenant, and what belongs to none.
    Instance,
    /// One tenant. Everything else is as if it were not there.
    Tenant(TenantId),
}

impl Reach {
    /// Whether a tenant lies within it.
    pub fn includes(self, tenant: TenantId) -> bool {
        self == Self::Instance || self == Self::Tenant(tenant)
    }

    /// The tenant, unless it is the instance.
    pub fn tenant(self) -> Option<TenantId> {
        match self {
            Self::Instance => None,
            Self::Tenant(tenant) => Some(tenant),
        }
    }
}

impl From<Option<TenantId>> for Reach {
    fn from(tenant: Option<TenantId>) -> Self {
        tenant.map_or(Self::Instance, Self::Tenant)
    }
}

/// The e-mail address that an administrator signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminEmail(String);

impl AdminEmail {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AdminEmail {
    type Err = String;

    /// Takes what may be an address; whether mail arrives there shows when it is sent.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = |part: &str| {
            !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;\"@".contains(c))
        };
        match text.split_once('@') {
            Some((local, host)) if text.len() <= 254 && is_plain(local) && is_plain(host) => Ok(Self(text.to_owned())),
            _ => Err("is no e-mail address; write for example ada@example.com".into()),
        }
    }
}

/// An administrator, without anything secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    /// Its id.
    pub id: AdminId,
    /// The e-mail address that it signs in with, unique without regard to case.
    pub email: String,
    /// Its name for people.
    pub name: String,
    /// What it may do.
    pub role: AdminRole,
    /// Where.
    pub reach: Reach,
    /// Whether it has a password; an invited one has none yet.
    pub has_password: bool,
    /// Whether it signs in with a second factor.
    pub has_totp: bool,
    /// Until when nobody can sign in as it, after failed attempts.
    pub locked_until: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last signed in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// Since when it may not sign in at all.
    pub disabled_at: Option<DateTime<Utc>>,
}

impl Admin {
    /// The administrator as the one who makes a request.
    pub fn caller(&self, request: RequestId, address: Option<IpAddr>) -> AdminCaller {
        let actor = Actor::Admin { id: self.id.0, name: self.email.clone() };
        let origin = Origin { actor, request: Some(request), address };
        AdminCaller { origin, role: self.role, reach: self.reach }
    }
}

/// Who asks for an act of administration: an administrator who signed in, or a credential with an `admin:` scope.
#[derive(Debug, Clone)]
pub struct AdminCaller {
    /// Who, and from where; goes into the row that tells of the act.
    pub origin: Origin,
    /// What it may do.
    pub role: AdminRole,
    /// Where.
    pub reach: Reach,
}

impl AdminCaller {
    /// Whether it may change anything.
    pub fn may_write(&self) -> bool {
        self.role >= AdminRole::Admin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_ordered_and_have_one_spelling() {
        assert!(AdminRole::Auditor < AdminRole::Admin && AdminRole::Admin < AdminRole::Owner);
        for role in [AdminRole::Auditor, AdminRole::Admin, AdminRole::Owner] {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert!("Owner".parse::<AdminRole>().is_err());
    }

    #[test]
    fn an_address_has_two_parts_and_nothing_that_a_header_could_be_made_of() {
        assert_eq!("Ada@example.com".parse::<AdminEmail>().unwrap().as_str(), "Ada@example.com");
        for wrong in [
            "",
            "ada",
            "@x",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b\r\nBcc: x",
            "<a@b>",
            "a@b,c@d",
            &format!("a@{}", "b".repeat(254)),
        ] {
            assert!(wrong.parse::<AdminEmail>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_tenant_is_reached_by_its_own_and_by_the_instance() {
        let (one, other) = (TenantId::new(DateTime::UNIX_EPOCH), TenantId::new(DateTime::UNIX_EPOCH));
        assert!(Reach::Instance.includes(one) && Reach::Tenant(one).includes(one));
        assert!(!Reach::Tenant(one).includes(other));
    }
}
