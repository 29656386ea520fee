//! Pages of all resources of a type, in the order of their creation. The total and the start of the page come from
//! `resource_counts`, so that page 10,000 costs what page 1 costs.

use std::marker::PhantomData;

use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::row::{Columns, GroupColumns, columns, group_columns, groups_of};
use super::{GroupsRow, Row, stored, stored_with_groups};
use crate::store::statement::statement;
use crate::store::{Listed, Page, StoreError, TenantStore};

/// The counts; the last bucket that begins at or before the page; the first resource of the page, found by an offset within
/// that bucket, in the index alone.
macro_rules! page_start {
    () => {
        "WITH counts AS MATERIALIZED ( \
            SELECT c.seq, c.folded, c.n, coalesce(sum(c.n) OVER ( \
                ORDER BY c.seq RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS before \
            FROM resource_counts c WHERE c.tenant_id = $1 AND c.resource_type = $2), \
        bucket AS MATERIALIZED ( \
            SELECT c.seq, c.before FROM counts c WHERE c.folded AND c.before <= $3 ORDER BY c.seq DESC LIMIT 1), \
        first AS MATERIALIZED ( \
            SELECT r.seq FROM resources r WHERE r.tenant_id = $1 AND r.resource_type = $2 \
            AND r.seq >= coalesce((SELECT b.seq FROM bucket b), 0) \
            ORDER BY r.seq OFFSET $3 - coalesce((SELECT b.before FROM bucket b), 0) LIMIT 1) \
        SELECT (SELECT coalesce(sum(c.n), 0)::bigint FROM counts c), "
    };
}
macro_rules! page_rows {
    () => {
        "WHERE r.tenant_id = $1 AND r.resource_type = $2 AND r.seq >= (SELECT f.seq FROM first f) ORDER BY r.seq LIMIT $4"
    };
}

statement! {
    /// A page, each resource beside the total.
    ReadPage<'a> {
        tenant: Uuid => SqlUuid,
        resource_type: &'a str => Text,
        offset: i64 => BigInt,
        limit: i64 => BigInt,
    } -> (BigInt, Columns),
    concat!(page_start!(), columns!(), " FROM resources r ", page_rows!())
}

statement! {
    /// A page with the groups of each resource.
    ReadPageWithGroups<'a> {
        tenant: Uuid => SqlUuid,
        resource_type: &'a str => Text,
        offset: i64 => BigInt,
        limit: i64 => BigInt,
    } -> (BigInt, GroupColumns),
    concat!(page_start!(), columns!(), group_columns!(), " FROM resources r ", groups_of!(), page_rows!())
}

statement! {
    /// The total alone.
    Total<'a> {
        tenant: Uuid => SqlUuid,
        resource_type: &'a str => Text,
    } -> BigInt,
    "SELECT coalesce(sum(n), 0)::bigint FROM resource_counts WHERE tenant_id = $1 AND resource_type = $2"
}

impl TenantStore {
    /// A page of all resources of the type.
    pub(super) async fn page(&self, resource_type: &str, page: &Page<'_>, offset: i64) -> Result<Listed, StoreError> {
        let (tenant, lifetime, limit) = (self.tenant.0, PhantomData, i64::from(page.limit));
        let (total, resources) = if page.with_groups {
            let statement = ReadPageWithGroups { tenant, resource_type, offset, limit, lifetime };
            let rows: Vec<(i64, GroupsRow)> = self.store.read(statement).await?;
            let total = rows.first().map(|(total, _)| total.unsigned_abs());
            (total, rows.into_iter().map(|(_, row)| stored_with_groups(row)).collect())
        } else {
            let rows: Vec<(i64, Row)> =
                self.store.read(ReadPage { tenant, resource_type, offset, limit, lifetime }).await?;
            let total = rows.first().map(|(total, _)| total.unsigned_abs());
            (total, rows.into_iter().map(|(_, row)| stored(row)).collect())
        };
        let total = match total {
            Some(total) => total,
            None => self.total(resource_type).await?,
        };
        Ok(Listed::of(total, resources))
    }

    /// How many resources of the type there are.
    pub(super) async fn total(&self, resource_type: &str) -> Result<u64, StoreError> {
        let rows = self.store.read(Total { tenant: self.tenant.0, resource_type, lifetime: PhantomData }).await?;
        Ok(rows.first().map_or(0, |total: &i64| total.unsigned_abs()))
    }
}
