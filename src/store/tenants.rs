//! Tenants.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Json, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::tables::tenants;
use super::{Store, StoreError};
use crate::model::{AdminAction, Reach, Tenant, TenantId, TenantSlug, TenantState};

/// A row of `tenants`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = tenants, check_for_backend(diesel::pg::Pg))]
pub(super) struct TenantRow {
    id: Uuid,
    slug: String,
    name: String,
    profile: String,
    dialect: Value,
    provisioning: Value,
    created_at: DateTime<Utc>,
    suspended_at: Option<DateTime<Utc>>,
    deleted_at: Option<DateTime<Utc>>,
    purge_at: Option<DateTime<Utc>>,
}

/// A state as the three columns that tell of it.
type Instants = (Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<DateTime<Utc>>);

fn instants(state: TenantState) -> Instants {
    match state {
        TenantState::Active => (None, None, None),
        TenantState::Suspended { since } => (Some(since), None, None),
        TenantState::Deleted { since, purge_at } => (None, Some(since), Some(purge_at)),
    }
}

fn state((suspended_at, deleted_at, purge_at): Instants) -> TenantState {
    match (suspended_at, deleted_at) {
        (_, Some(since)) => TenantState::Deleted { since, purge_at: purge_at.unwrap_or(since) },
        (Some(since), None) => TenantState::Suspended { since },
        (None, None) => TenantState::Active,
    }
}

impl TenantRow {
    /// The tenant.
    pub fn tenant(self) -> Result<Tenant, StoreError> {
        Ok(Tenant {
            id: TenantId(self.id),
            slug: self.slug.parse().map_err(|error: String| StoreError::internal(error))?,
            name: self.name,
            profile: self.profile.parse().map_err(|error: String| StoreError::internal(error))?,
            dialect: serde_json::from_value(self.dialect).map_err(StoreError::internal)?,
            provisioning: serde_json::from_value(self.provisioning).map_err(StoreError::internal)?,
            state: state((self.suspended_at, self.deleted_at, self.purge_at)),
            created_at: self.created_at,
        })
    }
}

statement! {
    /// Creates a tenant and tells of it.
    Insert<'a> {
        id: Uuid => SqlUuid,
        slug: &'a str => Text,
        name: &'a str => Text,
        profile: &'a str => Text,
        dialect: &'a Value => Jsonb,
        provisioning: &'a Value => Jsonb,
        at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> SqlUuid,
    "WITH done AS (INSERT INTO tenants (id, slug, name, profile, dialect, provisioning, created_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id), \
        told AS (SELECT log_admin_action($8) FROM done) SELECT done.id FROM done, told"
}

statement! {
    /// Changes a tenant that is what was read still, and tells of it. Of one that is deleted, the administrators are out.
    Change<'a> {
        name: &'a str => Text,
        profile: &'a str => Text,
        dialect: &'a Value => Jsonb,
        provisioning: &'a Value => Jsonb,
        suspended_at: Option<DateTime<Utc>> => Nullable<Timestamptz>,
        deleted_at: Option<DateTime<Utc>> => Nullable<Timestamptz>,
        purge_at: Option<DateTime<Utc>> => Nullable<Timestamptz>,
        id: Uuid => SqlUuid,
        seen_name: &'a str => Text,
        seen_profile: &'a str => Text,
        seen_dialect: &'a Value => Jsonb,
        seen_provisioning: &'a Value => Jsonb,
        seen_suspended_at: Option<DateTime<Utc>> => Nullable<Timestamptz>,
        seen_deleted_at: Option<DateTime<Utc>> => Nullable<Timestamptz>,
        action: &'a Value => Json,
    } -> SqlUuid,
    "WITH done AS (UPDATE tenants SET name = $1, profile = $2, dialect = $3, provisioning = $4, suspended_at = $5, \
            deleted_at = $6, purge_at = $7 WHERE id = $8 AND name = $9 AND profile = $10 AND dialect <@ $11 \
            AND provisioning <@ $12 AND suspended_at IS NOT DISTINCT FROM $13 AND deleted_at IS NOT DISTINCT FROM $14 \
            RETURNING id, deleted_at), \
        sessions AS (DELETE FROM admin_sessions s USING done, admins a \
            WHERE done.deleted_at IS NOT NULL AND a.tenant_id = done.id AND s.admin_id = a.id), \
        told AS (SELECT log_admin_action($15) FROM done) SELECT done.id FROM done, told"
}

statement! {
    /// The deleted tenants whose time has come.
    Due<'a> {
        now: DateTime<Utc> => Timestamptz,
    } -> (SqlUuid, Text),
    "SELECT id, slug FROM tenants WHERE purge_at <= $1 ORDER BY purge_at"
}

statement! {
    /// Calls `purge_tenant`, which the migrations describe.
    Purge<'a> {
        tenant: Uuid => SqlUuid,
        now: DateTime<Utc> => Timestamptz,
        limit: i32 => Integer,
        action: &'a Value => Json,
    } -> Nullable<BigInt>,
    "SELECT purge_tenant($1, $2, $3, $4)"
}

impl Store {
    /// Creates a tenant and writes what was done.
    ///
    /// # Errors
    /// [`StoreError::Uniqueness`] of `slug` if there is one of that name, or that the database is away or at fault.
    pub async fn insert_tenant(&self, tenant: &Tenant, action: &AdminAction) -> Result<(), StoreError> {
        let statement = Insert {
            id: tenant.id.0,
            slug: tenant.slug.as_str(),
            name: &tenant.name,
            profile: tenant.profile.as_str(),
            dialect: &serde_json::to_value(&tenant.dialect).map_err(StoreError::internal)?,
            provisioning: &serde_json::to_value(&tenant.provisioning).map_err(StoreError::internal)?,
            at: tenant.created_at,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let _: Vec<Uuid> = self.save(statement).await?;
        Ok(())
    }

    /// Gives a tenant that is as it was `seen` still the name, profile, dialect and state of `wanted`, and writes what was
    /// done. Answers whether it was still so. The administrators of a deleted tenant have no session any more.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn change_tenant(
        &self,
        seen: &Tenant,
        wanted: &Tenant,
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let (suspended_at, deleted_at, purge_at) = instants(wanted.state);
        let statement = Change {
            name: &wanted.name,
            profile: wanted.profile.as_str(),
            dialect: &serde_json::to_value(&wanted.dialect).map_err(StoreError::internal)?,
            provisioning: &serde_json::to_value(&wanted.provisioning).map_err(StoreError::internal)?,
            suspended_at,
            deleted_at,
            purge_at,
            id: seen.id.0,
            seen_name: &seen.name,
            seen_profile: seen.profile.as_str(),
            seen_dialect: &serde_json::to_value(&seen.dialect).map_err(StoreError::internal)?,
            seen_provisioning: &serde_json::to_value(&seen.provisioning).map_err(StoreError::internal)?,
            seen_suspended_at: instants(seen.state).0,
            seen_deleted_at: instants(seen.state).1,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let rows: Vec<Uuid> = self.save(statement).await?;
        Ok(!rows.is_empty())
    }

    /// The deleted tenants whose time has come.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn tenants_to_purge(&self, now: DateTime<Utc>) -> Result<Vec<(TenantId, String)>, StoreError> {
        let rows: Vec<(Uuid, String)> = self.read(Due { now, lifetime: PhantomData }).await?;
        Ok(rows.into_iter().map(|(id, slug)| (TenantId(id), slug)).collect())
    }

    /// Removes up to `limit` rows of a tenant whose time has come; without any left the tenant itself, which `action` tells.
    /// Answers whether more is to be done here.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn purge_tenant(&self, tenant: TenantId, limit: i32, action: &AdminAction) -> Result<bool, StoreError> {
        let statement =
            Purge { tenant: tenant.0, now: action.at, limit, action: &action.to_json(), lifetime: PhantomData };
        let rows: Vec<Option<i64>> = self.save(statement).await?;
        Ok(rows.into_iter().flatten().any(|gone| gone > 0))
    }
}

impl Store {
    /// Every tenant, by name.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        let rows: Vec<TenantRow> =
            self.read(tenants::table.order(tenants::slug).select(TenantRow::as_select())).await?;
        rows.into_iter().map(TenantRow::tenant).collect()
    }

    /// The tenants within reach whose names come behind `after`, by name, at most `limit` of them.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn tenants_page(&self, reach: Reach, after: Option<&str>, limit: i64) -> Result<Vec<Tenant>, StoreError> {
        let only = reach.tenant().map(|tenant| tenant.0);
        let query = tenants::table
            .filter(tenants::id.eq(only.unwrap_or_default()).or(only.is_none().into_sql::<Bool>()))
            .filter(tenants::slug.gt(after.unwrap_or_default()))
            .order(tenants::slug)
            .limit(limit)
            .select(TenantRow::as_select());
        let rows: Vec<TenantRow> = self.read(query).await?;
        rows.into_iter().map(TenantRow::tenant).collect()
    }

    /// The tenant of that name.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn find_tenant(&self, slug: &TenantSlug) -> Result<Option<Tenant>, StoreError> {
        let rows: Vec<TenantRow> =
            self.read(tenants::table.filter(tenants::slug.eq(slug.as_str())).select(TenantRow::as_select())).await?;
        rows.into_iter().next().map(TenantRow::tenant).transpose()
    }

    /// The tenant of that id.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn tenant_by_id(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        let rows: Vec<TenantRow> =
            self.read(tenants::table.filter(tenants::id.eq(id.0)).select(TenantRow::as_select())).await?;
        rows.into_iter().next().map(TenantRow::tenant).transpose()
    }
}
