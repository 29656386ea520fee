//! What a record refers to, found or not.

use serde_json::{Value, json};

use super::failure::of_field;
use super::known::{Known, KnownOrganization, KnownRole, told};
use crate::gateway::Gateway;
use crate::model::{Connection, Credentials, Provisioning, Record, RecordCode, RecordFailure, ResourceId, TenantId};
use crate::store::StoreError;

/// A role that a record gives.
#[derive(Debug, Clone)]
pub(super) enum GivenRole<'a> {
    /// One that a group carries.
    Known(&'a KnownRole),
    /// One that is created with the user.
    New(&'a str),
}

impl GivenRole<'_> {
    /// As an element of a user's `roles`.
    pub fn element(&self) -> Value {
        match self {
            Self::Known(KnownRole { id, name: Some(name), .. }) => json!({"value": id, "display": name}),
            Self::Known(KnownRole { id, .. }) => json!({"value": id}),
            Self::New(id) => json!({"value": id}),
        }
    }
}

/// What a record refers to; `None` where it says nothing, `Some(None)` where it says that there is none.
#[derive(Debug, Clone, Default)]
pub(super) struct References<'a> {
    pub roles: Option<Vec<GivenRole<'a>>>,
    pub organizations: Option<Vec<&'a KnownOrganization>>,
    pub identity_provider: Option<Option<&'a Connection>>,
    pub manager: Option<Option<ResourceId>>,
}

impl<'a> References<'a> {
    /// Finds everything but the manager, who may have to be created first.
    pub fn find(record: &'a Record, known: &'a Known, creates_roles: bool) -> Result<Self, RecordFailure> {
        let roles = record.roles.as_ref().map(|roles| find_roles(roles, known, creates_roles)).transpose()?;
        let organizations = record.organizations.as_ref().map(|named| find_organizations(named, known)).transpose()?;
        let identity_provider = match (&record.identity_provider, told(&record.identity_provider)) {
            (None, _) => None,
            (Some(_), None) => Some(None),
            (Some(_), Some(reference)) => Some(Some(find_identity_provider(reference, known)?)),
        };
        Ok(Self { roles, organizations, identity_provider, manager: None })
    }
}

impl References<'_> {
    /// How somebody new comes to sign in: as the first of the organizations says that says anything of it, else as the tenant
    /// does.
    pub fn credentials(&self, tenant: &Provisioning) -> Credentials {
        let mut organizations = self.organizations.iter().flatten();
        match organizations.find_map(|organization| organization.joins_keychain) {
            Some(true) => Credentials::Invite,
            Some(false) => Credentials::ReturnOnce,
            None => tenant.credentials,
        }
    }

    /// Whether no invitation is mailed to somebody new, by the same order.
    pub fn suppresses_email(&self, tenant: &Provisioning) -> bool {
        let mut organizations = self.organizations.iter().flatten();
        let told = organizations.find_map(|organization| organization.suppresses_email);
        told.unwrap_or(tenant.suppress_invitation_email)
    }
}

fn find_roles<'a>(roles: &'a [String], known: &'a Known, creates: bool) -> Result<Vec<GivenRole<'a>>, RecordFailure> {
    let mut given = Vec::with_capacity(roles.len());
    let mut unknown = Vec::new();
    for reference in roles.iter().map(|role| role.trim()).filter(|role| !role.is_empty()) {
        match known.role(reference) {
            Some(role) => given.push(GivenRole::Known(role)),
            None if creates => given.push(GivenRole::New(reference)),
            None => unknown.push(reference),
        }
    }
    if unknown.is_empty() {
        return Ok(given);
    }
    let message = format!("There is no role {}; /api/v1/roles lists them", unknown.join(", "));
    Err(of_field(RecordCode::UnknownRole, "roles", message))
}

fn find_organizations<'a>(named: &[String], known: &'a Known) -> Result<Vec<&'a KnownOrganization>, RecordFailure> {
    let mut found = Vec::with_capacity(named.len());
    let mut unknown = Vec::new();
    for reference in named.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        match known.organization(reference) {
            Some(organization) => found.push(organization),
            None => unknown.push(reference),
        }
    }
    if unknown.is_empty() {
        return Ok(found);
    }
    let message = format!("There is no organization {}; /api/v1/organizations lists them", unknown.join(", "));
    Err(of_field(RecordCode::UnknownOrganization, "organizations", message))
}

/// Why no record can name an identity provider.
#[derive(Debug, thiserror::Error)]
pub enum IdentityProviderError {
    /// There is none of that id, name or prefix.
    #[error("there is no identity provider {0}")]
    Unknown(String),
    /// It is disabled.
    #[error("the identity provider {0} is disabled; enable it first, or name another one")]
    Disabled(String),
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Gateway {
    /// Holds that records can name an identity provider, before many of them do.
    ///
    /// # Errors
    /// [`IdentityProviderError`].
    pub async fn check_identity_provider(
        &self,
        tenant: TenantId,
        reference: &str,
    ) -> Result<(), IdentityProviderError> {
        let known = Known::of_connections(self.store.connections(tenant).await?);
        match known.identity_provider(reference.trim()) {
            Some(found) if found.enabled => Ok(()),
            Some(found) => Err(IdentityProviderError::Disabled(found.name.to_string())),
            None => Err(IdentityProviderError::Unknown(reference.to_owned())),
        }
    }
}

fn find_identity_provider<'a>(reference: &str, known: &'a Known) -> Result<&'a Connection, RecordFailure> {
    let field = "identityProvider";
    let Some(found) = known.identity_provider(reference) else {
        let message = format!("There is no identity provider {reference}; /api/v1/identity-providers lists them");
        return Err(of_field(RecordCode::UnknownIdentityProvider, field, message));
    };
    if !found.enabled {
        let message = format!("The identity provider {} is disabled; enable it first, or name another one", found.name);
        return Err(of_field(RecordCode::IdentityProviderDisabled, field, message));
    }
    Ok(found)
}
