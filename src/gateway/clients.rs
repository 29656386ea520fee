//! Handing out and taking back OAuth 2.0 clients and their secrets. Each is written together with the row that tells who did it.

use serde_json::{Map, Value, json};

use super::Gateway;
use super::credentials::disabled_at;
use super::details::differences;
use super::role_weights::{LIMITED_ADMINISTERS, begins_to_lift, could_lift_its_limit};
use crate::auth::{ClientId, ClientSecret};
use crate::model::{
    AllowedAddresses, Client, ClientSecretId, ConnectionId, Credential, CredentialId, CredentialKind, KeptSecret,
    Label, Origin, Scopes, SecretLifetime, TenantId, TokenLifetime,
};
use crate::store::{SecretAdded, StoreError};

/// How many secrets of a client live at once.
pub const MAX_SECRETS: i32 = 5;

/// What a new client is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClient {
    /// Its name; stands beside every change that is made with it.
    pub name: Label,
    /// The connection it belongs to.
    pub connection: ConnectionId,
    /// What it may do.
    pub scopes: Scopes,
    /// From where it may be used.
    pub allowed_addresses: AllowedAddresses,
    /// How heavy a role may be that it gives to users; any, if there is no limit.
    pub max_role_weight: Option<i64>,
    /// How long its access tokens live.
    pub token_lifetime: TokenLifetime,
}

/// What is to become of a client; `None` leaves a thing as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientChange {
    /// Its name.
    pub name: Option<Label>,
    /// What it may do.
    pub scopes: Option<Scopes>,
    /// From where it may be used.
    pub allowed_addresses: Option<AllowedAddresses>,
    /// How heavy a role may be that it gives to users, or that there is to be no limit.
    pub max_role_weight: Option<Option<i64>>,
    /// Whether it is taken.
    pub enabled: Option<bool>,
}

/// Why clients stay as they were.
#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    /// The tenant has none of that id, or it was revoked.
    #[error("there is no client {0}")]
    NotFound(ClientId),
    /// The client has no such secret.
    #[error("the client {0} has no secret with the id {1}")]
    NoSecret(ClientId, ClientSecretId),
    /// The tenant has no connection of that id.
    #[error("there is no connection with the id {0}")]
    NoConnection(ConnectionId),
    /// It could do nothing.
    #[error("a client needs a scope; name at least one")]
    NoScope,
    /// It would have a limit, and could lift it.
    #[error("{LIMITED_ADMINISTERS}")]
    LimitedAdministers,
    /// It has as many secrets as may live at once.
    #[error("{MAX_SECRETS} secrets of this client live, and more may not; revoke one that is not in use any more")]
    TooManySecrets,
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Gateway {
    /// Makes a client and its first secret. The secret itself is kept nowhere: [`ClientSecret::reveal`] is to be shown once.
    ///
    /// # Errors
    /// [`ClientsError`]; then nothing was written.
    pub async fn create_client(
        &self,
        tenant: TenantId,
        new: NewClient,
        secret_lifetime: SecretLifetime,
        origin: &Origin,
    ) -> Result<(Client, ClientSecret), ClientsError> {
        if new.scopes.is_empty() {
            return Err(ClientsError::NoScope);
        }
        if could_lift_its_limit(new.scopes, new.max_role_weight) {
            return Err(ClientsError::LimitedAdministers);
        }
        let connection = self.store.connection(tenant, new.connection).await?;
        let connection = connection.ok_or(ClientsError::NoConnection(new.connection))?.id;
        let now = self.clock.now();
        let credential = Credential {
            id: CredentialId::new(now),
            kind: CredentialKind::Client,
            label: new.name.as_str().to_owned(),
            digest: None,
            scopes: new.scopes,
            connection: Some(connection),
            allowed_addresses: new.allowed_addresses,
            max_role_weight: new.max_role_weight,
            user: None,
            created_at: now,
            expires_at: None,
            revoked_at: None,
            disabled_at: None,
            rotated_to: None,
        };
        let (secret, kept) = self.new_secret(secret_lifetime);
        let client = Client { credential, token_lifetime: new.token_lifetime, secrets: vec![kept.clone()] };
        let details = json!({
            "scopes": client.credential.scopes.names(),
            "connection": client.credential.connection,
            "allowedAddresses": client.credential.allowed_addresses.names(),
            "maxRoleWeight": client.credential.max_role_weight,
            "tokenMinutes": client.token_lifetime.minutes(),
            "secret": shown(&kept),
        });
        let action = self.on_credential(tenant, &client.credential, "client.create", details, origin);
        self.store.create_client(tenant, &client, &kept, &action).await?;
        Ok((client, secret))
    }

    /// Adds a secret to a client; the others stay as they are.
    ///
    /// # Errors
    /// [`ClientsError`]; then nothing was written.
    pub async fn add_client_secret(
        &self,
        tenant: TenantId,
        id: CredentialId,
        lifetime: SecretLifetime,
        origin: &Origin,
    ) -> Result<(KeptSecret, ClientSecret), ClientsError> {
        let credential = self.client(tenant, id).await?;
        let (secret, kept) = self.new_secret(lifetime);
        let action = self.on_credential(tenant, &credential, "client.add_secret", shown(&kept), origin);
        match self.store.add_client_secret(tenant, id, &kept, MAX_SECRETS, &action).await? {
            SecretAdded::Added => Ok((kept, secret)),
            SecretAdded::TooMany => Err(ClientsError::TooManySecrets),
            SecretAdded::NoClient => Err(ClientsError::NotFound(ClientId(id))),
        }
    }

    /// Changes a client. Within a second every server goes by it. One that stays as it is is not written, and nothing is told.
    ///
    /// # Errors
    /// [`ClientsError`]; then nothing was written.
    pub async fn change_client(
        &self,
        tenant: TenantId,
        id: CredentialId,
        change: ClientChange,
        origin: &Origin,
    ) -> Result<Client, ClientsError> {
        if change.scopes.is_some_and(Scopes::is_empty) {
            return Err(ClientsError::NoScope);
        }
        let found = self.store.client(tenant, id).await?;
        let live = found.filter(|client| client.credential.revoked_at.is_none());
        let mut client = live.ok_or(ClientsError::NotFound(ClientId(id)))?;
        let (before, now) = (client.credential.clone(), self.clock.now());
        let ClientChange { name, scopes, allowed_addresses, max_role_weight, enabled } = change;
        client.credential = Credential {
            label: name.map_or(before.label.clone(), |name| name.as_str().to_owned()),
            scopes: scopes.unwrap_or(before.scopes),
            allowed_addresses: allowed_addresses.unwrap_or(before.allowed_addresses.clone()),
            max_role_weight: max_role_weight.unwrap_or(before.max_role_weight),
            disabled_at: disabled_at(enabled, &before, now),
            ..before.clone()
        };
        if begins_to_lift(&before, &client.credential) {
            return Err(ClientsError::LimitedAdministers);
        }
        let details = differences(changeable(&before), &changeable(&client.credential));
        if details.is_empty() {
            return Ok(client);
        }
        let action = self.on_credential(tenant, &before, "client.change", Value::Object(details), origin);
        let done = self.store.change_client(tenant, &before, &client.credential, &action).await?;
        if done { Ok(client) } else { Err(ClientsError::NotFound(ClientId(id))) }
    }

    /// Revokes a secret: no access token is made for it any more. Those that were made for it stay good for their hour or hours;
    /// revoking the client ends them.
    ///
    /// # Errors
    /// [`ClientsError`]; then nothing was written.
    pub async fn revoke_client_secret(
        &self,
        tenant: TenantId,
        id: CredentialId,
        secret: ClientSecretId,
        origin: &Origin,
    ) -> Result<(), ClientsError> {
        let credential = self.client(tenant, id).await?;
        let details = json!({ "id": secret });
        let action = self.on_credential(tenant, &credential, "client.revoke_secret", details, origin);
        let found = self.store.revoke_client_secret(tenant, id, secret, &action).await?;
        if found { Ok(()) } else { Err(ClientsError::NoSecret(ClientId(id), secret)) }
    }

    /// Revokes a client: within a second every server refuses it and its access tokens. One that was revoked before stays as it
    /// was.
    ///
    /// # Errors
    /// [`ClientsError`]; then nothing was written.
    pub async fn revoke_client(&self, tenant: TenantId, id: CredentialId, origin: &Origin) -> Result<(), ClientsError> {
        let credential = self.client(tenant, id).await?;
        let action = self.on_credential(tenant, &credential, "client.revoke", json!({}), origin);
        let found = self.store.revoke(tenant, id, &action).await?;
        if found { Ok(()) } else { Err(ClientsError::NotFound(ClientId(id))) }
    }

    async fn client(&self, tenant: TenantId, id: CredentialId) -> Result<Credential, ClientsError> {
        let found = self.store.credential(id).await?.filter(|found| found.tenant.id == tenant);
        let client = found.map(|found| found.credential).filter(|found| found.kind == CredentialKind::Client);
        client.ok_or(ClientsError::NotFound(ClientId(id)))
    }

    fn new_secret(&self, lifetime: SecretLifetime) -> (ClientSecret, KeptSecret) {
        let now = self.clock.now();
        let secret = ClientSecret::generate(ClientSecretId::new(now), &mut rand::rng());
        let kept = KeptSecret {
            id: secret.id(),
            digest: *secret.digest().as_bytes(),
            hint: secret.hint(),
            created_at: now,
            expires_at: lifetime.end(now),
            revoked_at: None,
        };
        (secret, kept)
    }
}

fn shown(secret: &KeptSecret) -> Value {
    json!({ "id": secret.id, "hint": secret.hint, "expiresAt": secret.expires_at })
}

/// What people may change of a client.
fn changeable(credential: &Credential) -> Map<String, Value> {
    let shown = json!({
        "name": credential.label,
        "scopes": credential.scopes.names(),
        "allowedAddresses": credential.allowed_addresses.names(),
        "maxRoleWeight": credential.max_role_weight,
        "enabled": credential.disabled_at.is_none(),
    });
    shown.as_object().cloned().unwrap_or_default()
}
