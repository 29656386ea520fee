//! OAuth 2.0 clients and their secrets. Of a secret the database keeps a hash alone.

use std::collections::HashMap;
use std::marker::PhantomData;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use diesel::sql_types::{Binary, Bool, Integer, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::credentials::scope_before;
use super::statement::statement;
use super::{Store, StoreError};
use crate::model::{
    AdminAction, Client, ClientSecretId, Credential, CredentialId, CredentialKind, KeptSecret, TenantId, TokenLifetime,
};

/// The columns of a secret.
type SecretRow = (Uuid, Vec<u8>, String, DateTime<Utc>, DateTime<Utc>, Option<DateTime<Utc>>);

statement! {
    /// The secrets of a tenant's clients with the clients they belong to, or of one client.
    ReadSecrets<'a> {
        tenant: Uuid => SqlUuid,
        client: Option<Uuid> => Nullable<SqlUuid>,
    } -> (SqlUuid, Integer, (SqlUuid, Binary, Text, Timestamptz, Timestamptz, Nullable<Timestamptz>)),
    "SELECT c.credential_id, c.token_minutes, s.id, s.digest, s.hint, s.created_at, s.expires_at, s.revoked_at \
        FROM clients c JOIN client_secrets s ON s.tenant_id = c.tenant_id AND s.credential_id = c.credential_id \
        WHERE c.tenant_id = $1 AND ($2 IS NULL OR c.credential_id = $2) ORDER BY s.created_at, s.id"
}

statement! {
    /// One secret of one client, and how long the client's tokens live.
    FindSecret<'a> {
        client: Uuid => SqlUuid,
        secret: Uuid => SqlUuid,
    } -> (Integer, (SqlUuid, Binary, Text, Timestamptz, Timestamptz, Nullable<Timestamptz>)),
    "SELECT c.token_minutes, s.id, s.digest, s.hint, s.created_at, s.expires_at, s.revoked_at \
        FROM credentials k JOIN clients c ON c.tenant_id = k.tenant_id AND c.credential_id = k.id \
        JOIN client_secrets s ON s.tenant_id = c.tenant_id AND s.credential_id = c.credential_id \
        WHERE k.id = $1 AND s.id = $2"
}

statement! {
    /// Calls `create_client_2`, which the migrations describe.
    CreateClient<'a> {
        tenant: Uuid => SqlUuid,
        client: &'a Value => Json,
        secret: &'a Value => Json,
        action: &'a Value => Json,
    } -> Bool,
    "SELECT create_client_2($1, $2, $3, $4)"
}

statement! {
    /// Calls `change_client`, which the migrations describe.
    ChangeClient<'a> {
        tenant: Uuid => SqlUuid,
        client: Uuid => SqlUuid,
        change: &'a Value => Json,
        action: &'a Value => Json,
    } -> Bool,
    "SELECT change_client($1, $2, $3, $4)"
}

statement! {
    /// Calls `add_client_secret`, which the migrations describe.
    AddClientSecret<'a> {
        tenant: Uuid => SqlUuid,
        client: Uuid => SqlUuid,
        secret: &'a Value => Json,
        at: DateTime<Utc> => Timestamptz,
        most: i32 => Integer,
        action: &'a Value => Json,
    } -> Text,
    "SELECT add_client_secret($1, $2, $3, $4, $5, $6)"
}

statement! {
    /// Calls `revoke_client_secret`, which the migrations describe.
    RevokeClientSecret<'a> {
        tenant: Uuid => SqlUuid,
        client: Uuid => SqlUuid,
        secret: Uuid => SqlUuid,
        at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> Bool,
    "SELECT revoke_client_secret($1, $2, $3, $4, $5)"
}

/// What came of adding a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretAdded {
    /// It is there.
    Added,
    /// As many live as may.
    TooMany,
    /// There is no such client, or it was revoked.
    NoClient,
}

impl Store {
    /// Keeps a new client with its first secret.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn create_client(
        &self,
        tenant: TenantId,
        client: &Client,
        secret: &KeptSecret,
        action: &AdminAction,
    ) -> Result<(), StoreError> {
        let Credential { id, label, scopes, connection, allowed_addresses, created_at, .. } = &client.credential;
        let row = &json!({
            "id": id.0,
            "label": label,
            "scopeBefore": scope_before(*scopes),
            "scopes": scopes.names(),
            "connection": connection.map(|connection| connection.0),
            "allowedAddresses": allowed_addresses.names(),
            "createdAt": created_at,
            "maxRoleWeight": client.credential.max_role_weight,
            "tokenMinutes": client.token_lifetime.minutes(),
        });
        let (secret, action) = (&secret_row(secret), &action.to_json());
        let statement = CreateClient { tenant: tenant.0, client: row, secret, action, lifetime: PhantomData };
        let _: Vec<bool> = self.save(statement).await?;
        Ok(())
    }

    /// Writes what differs between a client's credential as it was and as it is to be. Answers whether there is such a client that is
    /// not revoked.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn change_client(
        &self,
        tenant: TenantId,
        before: &Credential,
        after: &Credential,
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let mut change = Map::new();
        if before.label != after.label {
            change.insert("label".into(), json!(after.label));
        }
        if before.scopes != after.scopes {
            change.insert("scope".into(), json!(scope_before(after.scopes)));
            change.insert("scopes".into(), json!(after.scopes.names()));
        }
        if before.allowed_addresses != after.allowed_addresses {
            change.insert("allowedAddresses".into(), json!(after.allowed_addresses.names()));
        }
        if before.max_role_weight != after.max_role_weight {
            change.insert("maxRoleWeight".into(), json!(after.max_role_weight));
        }
        if before.disabled_at != after.disabled_at {
            change.insert("disabledAt".into(), json!(after.disabled_at));
        }
        let (change, action) = (&Value::Object(change), &action.to_json());
        let statement = ChangeClient { tenant: tenant.0, client: before.id.0, change, action, lifetime: PhantomData };
        let done: Vec<bool> = self.save(statement).await?;
        Ok(done == [true])
    }

    /// Adds a secret to a client of which less than `most` live at `at`.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn add_client_secret(
        &self,
        tenant: TenantId,
        client: CredentialId,
        secret: &KeptSecret,
        most: i32,
        action: &AdminAction,
    ) -> Result<SecretAdded, StoreError> {
        let (row, at, action) = (&secret_row(secret), secret.created_at, &action.to_json());
        let (tenant, client) = (tenant.0, client.0);
        let statement = AddClientSecret { tenant, client, secret: row, at, most, action, lifetime: PhantomData };
        let outcome: Vec<String> = self.save(statement).await?;
        match outcome.first().map(String::as_str) {
            Some("added") => Ok(SecretAdded::Added),
            Some("too many") => Ok(SecretAdded::TooMany),
            _ => Ok(SecretAdded::NoClient),
        }
    }

    /// Revokes a secret; one that was revoked before keeps its instant. Answers whether the client has such a secret.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn revoke_client_secret(
        &self,
        tenant: TenantId,
        client: CredentialId,
        secret: ClientSecretId,
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let (tenant, client, secret, at) = (tenant.0, client.0, secret.0, action.at);
        let action = &action.to_json();
        let statement = RevokeClientSecret { tenant, client, secret, at, action, lifetime: PhantomData };
        let found: Vec<bool> = self.save(statement).await?;
        Ok(found == [true])
    }

    /// A secret of a client, whatever its state, and how long the client's access tokens live.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn client_secret(
        &self,
        client: CredentialId,
        secret: ClientSecretId,
    ) -> Result<Option<(TokenLifetime, KeptSecret)>, StoreError> {
        let statement = FindSecret { client: client.0, secret: secret.0, lifetime: PhantomData };
        let rows: Vec<(i32, SecretRow)> = self.read(statement).await?;
        let found = rows.into_iter().next();
        found.map(|(minutes, secret)| Ok((token_lifetime(minutes)?, kept(secret)?))).transpose()
    }

    /// The clients of a tenant, the oldest first.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn clients(&self, tenant: TenantId) -> Result<Vec<Client>, StoreError> {
        let credentials = self.credentials(tenant).await?;
        let credentials = credentials.into_iter().filter(|credential| credential.kind == CredentialKind::Client);
        let mut more = self.secrets(tenant, None).await?;
        // One that was made between the two reads is not told of yet.
        let clients = credentials.filter_map(|credential| {
            let (token_lifetime, secrets) = more.remove(&credential.id)?;
            Some(Client { credential, token_lifetime, secrets })
        });
        Ok(clients.collect())
    }

    /// A client of a tenant.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn client(&self, tenant: TenantId, id: CredentialId) -> Result<Option<Client>, StoreError> {
        let found = self.credential(id).await?.filter(|found| found.tenant.id == tenant);
        let Some(credential) = found.map(|found| found.credential) else { return Ok(None) };
        let more = self.secrets(tenant, Some(id)).await?.remove(&id);
        Ok(more.map(|(token_lifetime, secrets)| Client { credential, token_lifetime, secrets }))
    }

    /// What clients have besides their credentials.
    async fn secrets(
        &self,
        tenant: TenantId,
        client: Option<CredentialId>,
    ) -> Result<HashMap<CredentialId, (TokenLifetime, Vec<KeptSecret>)>, StoreError> {
        let client = client.map(|client| client.0);
        let statement = ReadSecrets { tenant: tenant.0, client, lifetime: PhantomData };
        let rows: Vec<(Uuid, i32, SecretRow)> = self.read(statement).await?;
        let mut found: HashMap<_, (TokenLifetime, Vec<KeptSecret>)> = HashMap::new();
        for (client, minutes, secret) in rows {
            let entry = found.entry(CredentialId(client)).or_insert((token_lifetime(minutes)?, Vec::new()));
            entry.1.push(kept(secret)?);
        }
        Ok(found)
    }
}

fn token_lifetime(minutes: i32) -> Result<TokenLifetime, StoreError> {
    TokenLifetime::of_minutes(minutes.into()).map_err(StoreError::internal)
}

fn kept((id, digest, hint, created_at, expires_at, revoked_at): SecretRow) -> Result<KeptSecret, StoreError> {
    let digest = digest.try_into().map_err(|_| StoreError::internal("a digest is not 32 bytes long"))?;
    Ok(KeptSecret { id: ClientSecretId(id), digest, hint, created_at, expires_at, revoked_at })
}

fn secret_row(secret: &KeptSecret) -> Value {
    json!({
        "id": secret.id.0,
        "digest": STANDARD.encode(secret.digest),
        "hint": secret.hint,
        "createdAt": secret.created_at,
        "expiresAt": secret.expires_at,
    })
}
