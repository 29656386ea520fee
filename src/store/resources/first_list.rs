//! A listing without filters and order.

use std::marker::PhantomData;

use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::row::{GroupColumns, columns, group_columns, groups_of};
use super::{GroupsRow, stored_with_groups};
use crate::store::statement::statement;
use crate::store::{Listed, Page, StoreError, TenantStore};

statement! {
    /// A page.
    First<'a> {
        tenant: Uuid => SqlUuid,
        resource_type: &'a str => Text,
        limit: i64 => BigInt,
        offset: i64 => BigInt,
    } -> GroupColumns,
    concat!(
        "SELECT ", columns!(), group_columns!(), " FROM resources r ", groups_of!(),
        "WHERE r.tenant_id = $1 AND r.resource_type = $2 ORDER BY r.seq LIMIT $3 OFFSET $4"
    )
}

impl TenantStore {
    /// A page.
    pub async fn list(&self, resource_type: &str, page: &Page<'_>) -> Result<Listed, StoreError> {
        let (tenant, lifetime) = (self.tenant.0, PhantomData);
        let offset = i64::try_from(page.offset).unwrap_or(i64::MAX);
        let rows: Vec<GroupsRow> =
            self.store.read(First { tenant, resource_type, limit: page.limit.into(), offset, lifetime }).await?;
        Ok(Listed { total: rows.len() as u64, resources: rows.into_iter().map(stored_with_groups).collect() })
    }
}
