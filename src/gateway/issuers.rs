//! Registering, changing and removing issuers whose tokens are trusted. Each is written together with the row that tells who did it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::credentials::disabled_at;
use super::details::differences;
use super::role_weights::{LIMITED_ADMINISTERS, begins_to_lift, could_lift_its_limit};
use super::{Gateway, ROUNDS};
use crate::model::{
    AllowedAddresses, ConnectionId, Credential, CredentialId, CredentialKind, Issuer, Label, Origin, Scopes, TenantId,
    Trust, TrustedIssuer,
};
use crate::store::StoreError;

/// What a new trusted issuer is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIssuer {
    /// Its name; stands beside every change that is made with its tokens.
    pub name: Label,
    /// The connection it belongs to.
    pub connection: ConnectionId,
    /// What its tokens may do.
    pub scopes: Scopes,
    /// From where they may be used.
    pub allowed_addresses: AllowedAddresses,
    /// How heavy a role may be that it gives to users; any, if there is no limit.
    pub max_role_weight: Option<i64>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// What its tokens have to say.
    pub trust: Trust,
}

/// What is to become of a trusted issuer; `None` leaves a thing as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IssuerChange {
    /// Its name.
    pub name: Option<Label>,
    /// What its tokens may do.
    pub scopes: Option<Scopes>,
    /// From where they may be used.
    pub allowed_addresses: Option<AllowedAddresses>,
    /// How heavy a role may be that it gives to users, or that there is to be no limit.
    pub max_role_weight: Option<Option<i64>>,
    /// Whether its tokens are taken.
    pub enabled: Option<bool>,
    /// When it ends, or that it is to have no end.
    pub expires_at: Option<Option<DateTime<Utc>>>,
    /// What its tokens have to say, all of it.
    pub trust: Option<Trust>,
}

/// Why trusted issuers stay as they were.
#[derive(Debug, thiserror::Error)]
pub enum IssuersError {
    /// The tenant has none of that id, or it was revoked.
    #[error("there is no trusted issuer with the id {0}")]
    NotFound(CredentialId),
    /// The tenant has no connection of that id.
    #[error("there is no connection with the id {0}")]
    NoConnection(ConnectionId),
    /// It could do nothing.
    #[error("a trusted issuer needs a scope; name at least one")]
    NoScope,
    /// It would have a limit, and could lift it.
    #[error("{LIMITED_ADMINISTERS}")]
    LimitedAdministers,
    /// It would end before it begins.
    #[error("the trusted issuer would have ended already; choose an end that is to come")]
    EndsInThePast,
    /// A token must not act as two credentials, here or in another tenant.
    #[error(
        "tokens of this issuer with this audience and subject act as another credential already; use an audience or a subject \
         of your own, or remove the other one"
    )]
    IdentityTaken,
    /// The database is away or at fault.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for IssuersError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Uniqueness { attribute: "identity" } => Self::IdentityTaken,
            error => Self::Store(error),
        }
    }
}

impl Gateway {
    /// Registers an issuer.
    ///
    /// # Errors
    /// [`IssuersError`]; then nothing was written.
    pub async fn create_issuer(
        &self,
        tenant: TenantId,
        new: NewIssuer,
        origin: &Origin,
    ) -> Result<Issuer, IssuersError> {
        let now = self.clock.now();
        if new.scopes.is_empty() {
            return Err(IssuersError::NoScope);
        }
        if could_lift_its_limit(new.scopes, new.max_role_weight) {
            return Err(IssuersError::LimitedAdministers);
        }
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(IssuersError::EndsInThePast);
        }
        let id = CredentialId::new(now);
        let credential = Credential {
            id,
            kind: CredentialKind::Issuer,
            label: new.name.as_str().to_owned(),
            digest: None,
            scopes: new.scopes,
            connection: Some(new.connection),
            allowed_addresses: new.allowed_addresses,
            max_role_weight: new.max_role_weight,
            user: None,
            created_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
            disabled_at: None,
            rotated_to: None,
        };
        let trusted = TrustedIssuer { tenant, id, trust: new.trust, modified_at: now };
        let details = json!({
            "scopes": credential.scopes.names(),
            "connection": credential.connection,
            "allowedAddresses": credential.allowed_addresses.names(),
            "maxRoleWeight": credential.max_role_weight,
            "expiresAt": credential.expires_at,
            "trust": trusted.trust,
        });
        let issuer = Issuer { credential, trusted };
        let action = self.on_credential(tenant, &issuer.credential, "issuer.create", details, origin);
        let done = self.store.create_trusted_issuer(&issuer, &action).await?;
        if done { Ok(issuer) } else { Err(IssuersError::NoConnection(new.connection)) }
    }

    /// Changes an issuer. Within a second every server goes by it. One that stays as it is is not written, and nothing is told.
    ///
    /// # Errors
    /// [`IssuersError`]; then nothing was written.
    pub async fn change_issuer(
        &self,
        tenant: TenantId,
        id: CredentialId,
        change: &IssuerChange,
        origin: &Origin,
    ) -> Result<Issuer, IssuersError> {
        let now = self.clock.now();
        if change.scopes.is_some_and(Scopes::is_empty) {
            return Err(IssuersError::NoScope);
        }
        if change.expires_at.flatten().is_some_and(|end| end <= now) {
            return Err(IssuersError::EndsInThePast);
        }
        for _ in 0..ROUNDS {
            let before = self.store.issuer(tenant, id).await?.ok_or(IssuersError::NotFound(id))?;
            let mut after = change.applied(&before, now);
            if begins_to_lift(&before.credential, &after.credential) {
                return Err(IssuersError::LimitedAdministers);
            }
            let details = differences(shown(&before), &shown(&after));
            if details.is_empty() {
                return Ok(before);
            }
            let seen = before.trusted.modified_at;
            // As the database has it too: each change has an instant of its own.
            after.trusted.modified_at = now.max(seen + TimeDelta::microseconds(1));
            let action =
                self.on_credential(tenant, &before.credential, "issuer.change", Value::Object(details), origin);
            if self.store.change_issuer(&after, seen, &action).await? {
                return Ok(after);
            }
        }
        Err(IssuersError::Store(StoreError::Conflict))
    }

    /// Revokes an issuer: within a second every server refuses its tokens, and those that were traded for them.
    ///
    /// # Errors
    /// [`IssuersError`]; then nothing was written.
    pub async fn remove_issuer(&self, tenant: TenantId, id: CredentialId, origin: &Origin) -> Result<(), IssuersError> {
        let issuer = self.store.issuer(tenant, id).await?.ok_or(IssuersError::NotFound(id))?;
        let details = json!({ "trust": issuer.trusted.trust });
        let action = self.on_credential(tenant, &issuer.credential, "issuer.remove", details, origin);
        let done = self.store.remove_trusted_issuer(tenant, id, &action).await?;
        if done { Ok(()) } else { Err(IssuersError::NotFound(id)) }
    }
}

impl IssuerChange {
    fn applied(&self, before: &Issuer, now: DateTime<Utc>) -> Issuer {
        let Self { name, scopes, allowed_addresses, max_role_weight, enabled, expires_at, trust } = self.clone();
        let Issuer { credential, trusted } = before.clone();
        let disabled_at = disabled_at(enabled, &credential, now);
        Issuer {
            credential: Credential {
                label: name.map_or(credential.label, |name| name.as_str().to_owned()),
                scopes: scopes.unwrap_or(credential.scopes),
                allowed_addresses: allowed_addresses.unwrap_or(credential.allowed_addresses),
                max_role_weight: max_role_weight.unwrap_or(credential.max_role_weight),
                disabled_at,
                expires_at: expires_at.unwrap_or(credential.expires_at),
                ..credential
            },
            trusted: TrustedIssuer { trust: trust.unwrap_or(trusted.trust), ..trusted },
        }
    }
}

/// What people may change of an issuer.
fn shown(issuer: &Issuer) -> Map<String, Value> {
    let Issuer { credential, trusted } = issuer;
    let mut shown = Map::new();
    shown.insert("name".into(), json!(credential.label));
    shown.insert("scopes".into(), json!(credential.scopes.names()));
    shown.insert("allowedAddresses".into(), json!(credential.allowed_addresses.names()));
    shown.insert("maxRoleWeight".into(), json!(credential.max_role_weight));
    shown.insert("enabled".into(), json!(credential.disabled_at.is_none()));
    shown.insert("expiresAt".into(), json!(credential.expires_at));
    if let Value::Object(trust) = json!(trusted.trust) {
        shown.extend(trust);
    }
    shown
}
