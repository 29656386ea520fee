//! Credentials. Of a token the database keeps a hash alone.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::connections::ConnectionRow;
use super::statement::statement;
use super::tables::{connections, credentials, tenants};
use super::tenants::TenantRow;
use super::{Store, StoreError, TenantStore};
use crate::model::{
    AdminAction, AllowedAddresses, CatalogVersion, Connection, ConnectionId, Credential, CredentialId, CredentialKind,
    ResourceId, Scopes, Tenant, TenantId,
};
use crate::scim::fold::fold;

/// A row of `credentials`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = credentials, check_for_backend(diesel::pg::Pg))]
pub(super) struct CredentialRow {
    id: Uuid,
    kind: String,
    label: String,
    secret_hash: Vec<u8>,
    scope: String,
    scopes: Option<Vec<String>>,
    connection_id: Option<Uuid>,
    allowed_addresses: Vec<String>,
    user_id: Option<Uuid>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    rotated_to: Option<Uuid>,
    max_role_weight: Option<i64>,
    disabled_at: Option<DateTime<Utc>>,
}

impl CredentialRow {
    /// The credential.
    pub fn credential(self) -> Result<Credential, StoreError> {
        let kind: CredentialKind = self.kind.parse().map_err(|error: String| StoreError::internal(error))?;
        let digest = match kind {
            CredentialKind::Token => {
                let digest = self.secret_hash.try_into();
                Some(digest.map_err(|_| StoreError::internal("a digest is not 32 bytes long"))?)
            }
            CredentialKind::Client | CredentialKind::Issuer => None,
        };
        let scopes = match &self.scopes {
            Some(names) => Scopes::known(names.iter().map(String::as_str)),
            // The version before made it.
            None => Scopes::known([self.scope.as_str()]),
        };
        let addresses = AllowedAddresses::parse(self.allowed_addresses.iter().map(String::as_str));
        Ok(Credential {
            id: CredentialId(self.id),
            kind,
            label: self.label,
            digest,
            scopes,
            connection: self.connection_id.map(ConnectionId),
            allowed_addresses: addresses.map_err(StoreError::internal)?,
            user: self.user_id.map(ResourceId),
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
            rotated_to: self.rotated_to.map(CredentialId),
            max_role_weight: self.max_role_weight,
            disabled_at: self.disabled_at,
        })
    }
}

/// The nearest that the version before knows to some scopes; it reads nothing else, and while both run it is what counts there.
/// It never says more than the scopes allow of writing.
pub(super) fn scope_before(scopes: Scopes) -> &'static str {
    if scopes.includes(Scopes::WRITE) { "write" } else { "read" }
}

/// A credential with what a check of it needs besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Whose it is.
    pub tenant: Tenant,
    /// The version of the tenant's resource types.
    pub catalog: CatalogVersion,
    /// The credential, whatever its state.
    pub credential: Credential,
    /// The connection it belongs to.
    pub connection: Option<Connection>,
}

statement! {
    /// Keeps a credential. Answers the position of the row that tells of it.
    InsertCredential<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        kind: &'a str => Text,
        label: &'a str => Text,
        secret_hash: &'a [u8] => Binary,
        scope: &'a str => Text,
        scopes: &'a [&'a str] => Array<Text>,
        connection: Option<Uuid> => Nullable<SqlUuid>,
        allowed_addresses: &'a [String] => Array<Text>,
        user: Option<Uuid> => Nullable<SqlUuid>,
        created_at: DateTime<Utc> => Timestamptz,
        expires_at: Option<DateTime<Utc>> => Nullable<Timestamptz>,
        max_role_weight: Option<i64> => Nullable<BigInt>,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (INSERT INTO credentials (tenant_id, id, kind, label, secret_hash, scope, scopes, connection_id, \
        allowed_addresses, user_id, created_at, expires_at, max_role_weight) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
        RETURNING id) SELECT log_admin_action($14) FROM done"
}

statement! {
    /// Revokes a credential, unless it was revoked before. Answers how many rows tell of it now, and how many such credentials
    /// there are.
    RevokeCredential<'a> {
        at: DateTime<Utc> => Timestamptz,
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        action: &'a Value => Json,
    } -> (BigInt, BigInt),
    "WITH done AS (UPDATE credentials SET revoked_at = $1 WHERE tenant_id = $2 AND id = $3 AND revoked_at IS NULL RETURNING id), \
        told AS (SELECT log_admin_action($4) FROM done) \
        SELECT (SELECT count(*) FROM told), (SELECT count(*) FROM credentials WHERE tenant_id = $2 AND id = $3)"
}

statement! {
    /// Whether a user may sign in; no row if there is no such user. Who is not said to be inactive may.
    MaySignIn<'a> {
        tenant: Uuid => SqlUuid,
        user: Uuid => SqlUuid,
    } -> Bool,
    "SELECT coalesce(active, true) FROM resources WHERE tenant_id = $1 AND id = $2 AND resource_type = 'User'"
}

statement! {
    /// The user of that id, or else of that folded userName.
    FindUser<'a> {
        tenant: Uuid => SqlUuid,
        id: Option<Uuid> => Nullable<SqlUuid>,
        name_key: &'a str => Text,
    } -> SqlUuid,
    "SELECT id FROM resources WHERE tenant_id = $1 AND resource_type = 'User' AND (id = $2 OR name_key = $3) \
        ORDER BY id = $2 DESC NULLS LAST LIMIT 1"
}

impl TenantStore {
    /// Whether a user may sign in; `None` if there is no such user.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn may_sign_in(&self, user: ResourceId) -> Result<Option<bool>, StoreError> {
        let statement = MaySignIn { tenant: self.tenant.0, user: user.0, lifetime: PhantomData };
        let found: Vec<bool> = self.store.read(statement).await?;
        Ok(found.into_iter().next())
    }

    /// The user that people name by id or by userName.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn find_user(&self, id_or_name: &str) -> Result<Option<ResourceId>, StoreError> {
        let id = id_or_name.parse::<ResourceId>().ok().map(|id| id.0);
        let name_key = &fold(id_or_name);
        let statement = FindUser { tenant: self.tenant.0, id, name_key, lifetime: PhantomData };
        let found: Vec<Uuid> = self.store.read(statement).await?;
        Ok(found.into_iter().next().map(ResourceId))
    }
}

impl Store {
    /// Keeps a new credential of `tenant`.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn create_credential(
        &self,
        tenant: TenantId,
        credential: &Credential,
        action: &AdminAction,
    ) -> Result<(), StoreError> {
        let statement = InsertCredential {
            tenant: tenant.0,
            id: credential.id.0,
            kind: credential.kind.as_str(),
            label: &credential.label,
            secret_hash: credential.digest.as_ref().map_or(&[][..], |digest| digest.as_slice()),
            scope: scope_before(credential.scopes),
            scopes: &credential.scopes.names(),
            connection: credential.connection.map(|connection| connection.0),
            allowed_addresses: &credential.allowed_addresses.names(),
            user: credential.user.map(|user| user.0),
            created_at: credential.created_at,
            expires_at: credential.expires_at,
            max_role_weight: credential.max_role_weight,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let _: Vec<i64> = self.save(statement).await?;
        Ok(())
    }

    /// The credential of that id, whatever its kind and state, with its tenant and its connection.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn credential(&self, id: CredentialId) -> Result<Option<Found>, StoreError> {
        let of_connection = connections::tenant_id
            .eq(credentials::tenant_id)
            .and(connections::id.nullable().eq(credentials::connection_id));
        let query = credentials::table
            .inner_join(tenants::table)
            .left_join(connections::table.on(of_connection))
            .filter(credentials::id.eq(id.0))
            .select((
                TenantRow::as_select(),
                tenants::catalog_version,
                CredentialRow::as_select(),
                Option::<ConnectionRow>::as_select(),
            ));
        let rows: Vec<(TenantRow, i64, CredentialRow, Option<ConnectionRow>)> = self.read(query).await?;
        let found = rows.into_iter().next();
        found
            .map(|(tenant, version, credential, connection)| {
                Ok(Found {
                    tenant: tenant.tenant()?,
                    catalog: CatalogVersion(version),
                    credential: credential.credential()?,
                    connection: connection.map(ConnectionRow::connection).transpose()?,
                })
            })
            .transpose()
    }

    /// The credentials of `tenant` of all kinds, the oldest first.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn credentials(&self, tenant: TenantId) -> Result<Vec<Credential>, StoreError> {
        let query = credentials::table
            .filter(credentials::tenant_id.eq(tenant.0))
            .order((credentials::created_at, credentials::id))
            .select(CredentialRow::as_select());
        let rows: Vec<CredentialRow> = self.read(query).await?;
        rows.into_iter().map(CredentialRow::credential).collect()
    }

    /// The bearer tokens of `tenant` whose ids come behind `after`, the oldest first, at most `limit` of them.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn tokens_page(
        &self,
        tenant: TenantId,
        after: Option<CredentialId>,
        limit: i64,
    ) -> Result<Vec<Credential>, StoreError> {
        let query = credentials::table
            .filter(credentials::tenant_id.eq(tenant.0))
            .filter(credentials::kind.eq(CredentialKind::Token.as_str()))
            .filter(credentials::id.gt(after.map_or(Uuid::nil(), |id| id.0)))
            .order(credentials::id)
            .limit(limit)
            .select(CredentialRow::as_select());
        let rows: Vec<CredentialRow> = self.read(query).await?;
        rows.into_iter().map(CredentialRow::credential).collect()
    }

    /// Revokes a credential of `tenant`, of any kind, at the instant of the action; one that was revoked before keeps its
    /// instant, and nothing is told again. Answers whether there is such a credential.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn revoke(&self, tenant: TenantId, id: CredentialId, action: &AdminAction) -> Result<bool, StoreError> {
        let statement = RevokeCredential {
            tenant: tenant.0,
            id: id.0,
            at: action.at,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let rows: Vec<(i64, i64)> = self.save(statement).await?;
        Ok(rows.first().is_some_and(|(_, found)| *found > 0))
    }
}
