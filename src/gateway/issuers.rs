//! Registering issuers whose tokens are trusted. Each is written together with the row that tells who did it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::Gateway;
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
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// What its tokens have to say.
    pub trust: Trust,
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
            user: None,
            created_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
            rotated_to: None,
        };
        let trusted = TrustedIssuer { tenant, id, trust: new.trust, modified_at: now };
        let details = json!({
            "scopes": credential.scopes.names(),
            "connection": credential.connection,
            "allowedAddresses": credential.allowed_addresses.names(),
            "expiresAt": credential.expires_at,
            "trust": trusted.trust,
        });
        let issuer = Issuer { credential, trusted };
        let action = self.on_credential(tenant, &issuer.credential, "issuer.create", details, origin);
        let done = self.store.create_trusted_issuer(&issuer, &action).await?;
        if done { Ok(issuer) } else { Err(IssuersError::NoConnection(new.connection)) }
    }

    /// Changes what the tokens of an issuer have to say. Within a second every server goes by it. One that stays as it is is not
    /// written, and nothing is told.
    ///
    /// # Errors
    /// [`IssuersError`]; then nothing was written.
    pub async fn change_issuer(
        &self,
        tenant: TenantId,
        id: CredentialId,
        trust: Trust,
        origin: &Origin,
    ) -> Result<Issuer, IssuersError> {
        let before = self.store.issuer(tenant, id).await?.ok_or(IssuersError::NotFound(id))?;
        let details = differences(&before.trusted.trust, &trust);
        if details.is_empty() {
            return Ok(before);
        }
        let action = self.on_credential(tenant, &before.credential, "issuer.change", Value::Object(details), origin);
        // As the database has it too: each change has an instant of its own.
        let modified_at = self.clock.now().max(before.trusted.modified_at + TimeDelta::microseconds(1));
        let after = TrustedIssuer { trust, modified_at, ..before.trusted };
        let done = self.store.change_trusted_issuer(&after, &action).await?;
        if done { Ok(Issuer { trusted: after, ..before }) } else { Err(IssuersError::NotFound(id)) }
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

/// What differs, with the values before and after.
fn differences(before: &Trust, after: &Trust) -> Map<String, Value> {
    let (before, after) = (json!(before), json!(after));
    let names = before.as_object().into_iter().flat_map(Map::keys);
    let changed = names.filter(|name| before[name.as_str()] != after[name.as_str()]);
    changed.map(|name| (name.clone(), json!({ "old": before[name.as_str()], "new": after[name.as_str()] }))).collect()
}
