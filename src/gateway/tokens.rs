//! Handing out and taking back bearer tokens. Each is written together with the row that tells who did it.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::Gateway;
use crate::auth::Token;
use crate::model::{
    AdminAction, AllowedAddresses, ConnectionId, Credential, CredentialId, Label, Origin, ResourceId, Scopes, TenantId,
};
use crate::store::StoreError;

/// What a new token is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Its name; stands beside every change that is made with it.
    pub name: Label,
    /// What it may do.
    pub scopes: Scopes,
    /// The connection it belongs to.
    pub connection: Option<ConnectionId>,
    /// From where it may be used.
    pub allowed_addresses: AllowedAddresses,
    /// The user whose token it is.
    pub user: Option<ResourceId>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Why no token was made or taken back.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The tenant has none of that id.
    #[error("there is no token with the id {0}")]
    NotFound(CredentialId),
    /// The tenant has no connection of that id.
    #[error("there is no connection with the id {0}")]
    NoConnection(ConnectionId),
    /// It would end before it begins.
    #[error("the token would have ended already; choose an end that is to come")]
    EndsInThePast,
    /// It could do nothing.
    #[error("a token needs a scope; name at least one")]
    NoScope,
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Gateway {
    /// Makes a token. The token itself is kept nowhere: [`Token::reveal`] is to be shown once.
    ///
    /// # Errors
    /// [`TokenError`]; then nothing was written.
    pub async fn create_token(
        &self,
        tenant: TenantId,
        new: NewToken,
        origin: &Origin,
    ) -> Result<(Token, Credential), TokenError> {
        let now = self.clock.now();
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(TokenError::EndsInThePast);
        }
        if new.scopes.is_empty() {
            return Err(TokenError::NoScope);
        }
        if let Some(connection) = new.connection {
            let found = self.store.connection(tenant, connection).await?;
            found.ok_or(TokenError::NoConnection(connection))?;
        }
        let token = Token::generate(CredentialId::new(now), &mut rand::rng());
        let label = new.name.as_str().to_owned();
        let mut credential = Credential::token(token.id(), label, *token.digest().as_bytes(), new.scopes, now);
        credential.connection = new.connection;
        credential.allowed_addresses = new.allowed_addresses;
        credential.user = new.user;
        credential.expires_at = new.expires_at;
        let action = self.told_of_token(tenant, &credential, "token.create", shown(&credential), origin);
        self.store.create_credential(tenant, &credential, &action).await?;
        Ok((token, credential))
    }

    /// Revokes a credential, of any kind: within a second every server refuses it. One that was revoked before stays as it was.
    ///
    /// # Errors
    /// [`TokenError`]; then nothing was written.
    pub async fn revoke_token(&self, tenant: TenantId, id: CredentialId, origin: &Origin) -> Result<(), TokenError> {
        let found = self.store.credential(id).await?.filter(|found| found.tenant.id == tenant);
        let credential = found.ok_or(TokenError::NotFound(id))?.credential;
        let action = self.told_of_token(tenant, &credential, "token.revoke", json!({}), origin);
        let found = self.store.revoke(tenant, id, &action).await?;
        if found { Ok(()) } else { Err(TokenError::NotFound(id)) }
    }

    fn told_of_token(
        &self,
        tenant: TenantId,
        credential: &Credential,
        action: &'static str,
        details: Value,
        origin: &Origin,
    ) -> AdminAction {
        AdminAction {
            tenant: Some(tenant),
            at: self.clock.now(),
            origin: origin.clone(),
            action,
            succeeded: true,
            target: ("token", Some(credential.id.to_string()), credential.label.clone()),
            details,
        }
    }
}

fn shown(credential: &Credential) -> Value {
    json!({
        "scopes": credential.scopes,
        "connection": credential.connection,
        "allowedAddresses": credential.allowed_addresses,
        "user": credential.user,
        "expiresAt": credential.expires_at,
    })
}
