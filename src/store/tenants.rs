//! Tenants.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde_json::Value;
use uuid::Uuid;

use super::tables::tenants;
use super::{Store, StoreError};
use crate::model::{Reach, Tenant, TenantId, TenantSlug};

/// A row of `tenants`.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tenants, check_for_backend(diesel::pg::Pg))]
pub(super) struct TenantRow {
    id: Uuid,
    slug: String,
    name: String,
    profile: String,
    dialect: Value,
    created_at: DateTime<Utc>,
}

impl TenantRow {
    fn of(tenant: &Tenant) -> Result<Self, StoreError> {
        Ok(Self {
            id: tenant.id.0,
            slug: tenant.slug.as_str().to_owned(),
            name: tenant.name.clone(),
            profile: tenant.profile.as_str().to_owned(),
            dialect: serde_json::to_value(&tenant.dialect).map_err(StoreError::internal)?,
            created_at: tenant.created_at,
        })
    }

    /// The tenant.
    pub fn tenant(self) -> Result<Tenant, StoreError> {
        Ok(Tenant {
            id: TenantId(self.id),
            slug: self.slug.parse().map_err(|error: String| StoreError::internal(error))?,
            name: self.name,
            profile: self.profile.parse().map_err(|error: String| StoreError::internal(error))?,
            dialect: serde_json::from_value(self.dialect).map_err(StoreError::internal)?,
            created_at: self.created_at,
        })
    }
}

impl Store {
    /// Creates a tenant.
    ///
    /// # Errors
    /// [`StoreError::Uniqueness`] of `slug` if there is one of that name, or that the database is away or at fault.
    pub async fn create_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        let row = TenantRow::of(tenant)?;
        let _: Vec<Uuid> = self.save(diesel::insert_into(tenants::table).values(row).returning(tenants::id)).await?;
        Ok(())
    }

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

    /// Gives a tenant its name, profile and dialect. Answers whether there is such a tenant.
    ///
    /// # Errors
    /// As [`Store::create_tenant`].
    pub async fn set_tenant(&self, tenant: &Tenant) -> Result<bool, StoreError> {
        let row = TenantRow::of(tenant)?;
        let updated: Vec<Uuid> =
            self.save(diesel::update(tenants::table.find(row.id)).set(row).returning(tenants::id)).await?;
        Ok(!updated.is_empty())
    }
}
