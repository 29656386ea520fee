//! Credentials. Of a token the database keeps a hash alone.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::statement::statement;
use super::tables::{credentials, tenants};
use super::tenants::TenantRow;
use super::{Store, StoreError, TenantStore};
use crate::model::{CatalogVersion, Credential, CredentialId, ResourceId, Tenant, TenantId};
use crate::scim::fold::fold;

/// A row of `credentials`.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = credentials, check_for_backend(diesel::pg::Pg))]
struct CredentialRow {
    tenant_id: Uuid,
    id: Uuid,
    label: String,
    secret_hash: Vec<u8>,
    scope: String,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    user_id: Option<Uuid>,
}

impl CredentialRow {
    fn of(tenant: TenantId, credential: &Credential) -> Self {
        Self {
            tenant_id: tenant.0,
            id: credential.id.0,
            label: credential.label.clone(),
            secret_hash: credential.digest.to_vec(),
            scope: credential.scope.as_str().to_owned(),
            created_at: credential.created_at,
            expires_at: credential.expires_at,
            revoked_at: credential.revoked_at,
            user_id: credential.user.map(|user| user.0),
        }
    }

    fn credential(self) -> Result<Credential, StoreError> {
        Ok(Credential {
            id: CredentialId(self.id),
            label: self.label,
            digest: self.secret_hash.try_into().map_err(|_| StoreError::internal("a digest is not 32 bytes long"))?,
            scope: self.scope.parse().map_err(|error: String| StoreError::internal(error))?,
            user: self.user_id.map(ResourceId),
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
        })
    }
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
    pub async fn create_credential(&self, tenant: TenantId, credential: &Credential) -> Result<(), StoreError> {
        let row = CredentialRow::of(tenant, credential);
        let _: Vec<Uuid> =
            self.save(diesel::insert_into(credentials::table).values(row).returning(credentials::id)).await?;
        Ok(())
    }

    /// The credential of that id, whatever its state, and its tenant with the version of the tenant's resource types.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn credential(
        &self,
        id: CredentialId,
    ) -> Result<Option<(Tenant, CatalogVersion, Credential)>, StoreError> {
        let query = credentials::table.inner_join(tenants::table).filter(credentials::id.eq(id.0)).select((
            TenantRow::as_select(),
            tenants::catalog_version,
            CredentialRow::as_select(),
        ));
        let rows: Vec<(TenantRow, i64, CredentialRow)> = self.read(query).await?;
        let found = rows.into_iter().next();
        found
            .map(|(tenant, version, credential)| {
                Ok((tenant.tenant()?, CatalogVersion(version), credential.credential()?))
            })
            .transpose()
    }

    /// The credentials of `tenant`, the oldest first.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn credentials(&self, tenant: TenantId) -> Result<Vec<Credential>, StoreError> {
        let query = credentials::table
            .filter(credentials::tenant_id.eq(tenant.0))
            .order((credentials::created_at, credentials::id));
        let rows: Vec<CredentialRow> = self.read(query).await?;
        rows.into_iter().map(CredentialRow::credential).collect()
    }

    /// Revokes a credential of `tenant`; one that was revoked before keeps its instant. Answers whether there is such a
    /// credential.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn revoke(&self, tenant: TenantId, id: CredentialId, at: DateTime<Utc>) -> Result<bool, StoreError> {
        let when =
            diesel::dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::Timestamptz>>("coalesce(revoked_at, ")
                .bind::<diesel::sql_types::Timestamptz, _>(at)
                .sql(")");
        let revoked = diesel::update(credentials::table.find((tenant.0, id.0)))
            .set(credentials::revoked_at.eq(when))
            .returning(credentials::id);
        let revoked: Vec<Uuid> = self.save(revoked).await?;
        Ok(!revoked.is_empty())
    }
}
