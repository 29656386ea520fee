//! Pages of all resources of a type behind or before one of them, in the order of their creation. Only the index is walked,
//! from that resource on, so each page of a walk costs the same.

use std::marker::PhantomData;

use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::place::{Found, Place};
use super::row::{Columns, GroupColumns, columns, group_columns, groups_of};
use super::{GroupsRow, Row, stored, stored_with_groups};
use crate::store::statement::statement;
use crate::store::{Listed, Page, StoreError, TenantStore};

macro_rules! total {
    () => {
        "SELECT (SELECT coalesce(sum(c.n), 0)::bigint FROM resource_counts c \
            WHERE c.tenant_id = $1 AND c.resource_type = $2), r.seq, "
    };
}

/// Declares the statements in one direction.
macro_rules! keyset {
    ($plain:ident, $with_groups:ident, $rows:literal) => {
        statement! {
            /// A page, each resource beside the total and its place in the order of creation.
            $plain<'a> {
                tenant: Uuid => SqlUuid,
                resource_type: &'a str => Text,
                seq: i64 => BigInt,
                limit: i64 => BigInt,
            } -> (BigInt, BigInt, Columns),
            concat!(total!(), columns!(), " FROM resources r WHERE r.tenant_id = $1 AND r.resource_type = $2 AND ", $rows)
        }

        statement! {
            /// The same with the groups of each resource.
            $with_groups<'a> {
                tenant: Uuid => SqlUuid,
                resource_type: &'a str => Text,
                seq: i64 => BigInt,
                limit: i64 => BigInt,
            } -> (BigInt, BigInt, GroupColumns),
            concat!(
                total!(), columns!(), group_columns!(), " FROM resources r ", groups_of!(),
                "WHERE r.tenant_id = $1 AND r.resource_type = $2 AND ", $rows
            )
        }
    };
}
keyset!(PageAfter, PageAfterWithGroups, "r.seq > $3 ORDER BY r.seq LIMIT $4");
keyset!(PageBefore, PageBeforeWithGroups, "r.seq < $3 ORDER BY r.seq DESC LIMIT $4");

impl TenantStore {
    /// The page of a walk through all resources of the type.
    pub(super) async fn keyset_page(
        &self,
        resource_type: &str,
        page: &Page<'_>,
        place: &Place,
    ) -> Result<Listed, StoreError> {
        let (tenant, lifetime, seq, limit) = (self.tenant.0, PhantomData, place.seq(), place.rows(page.limit));
        let found: Vec<(i64, Found)> = match (place.is_backwards(), page.with_groups) {
            (false, false) => plain(self.store.read(PageAfter { tenant, resource_type, seq, limit, lifetime }).await?),
            (false, true) => {
                with_groups(self.store.read(PageAfterWithGroups { tenant, resource_type, seq, limit, lifetime }).await?)
            }
            (true, false) => plain(self.store.read(PageBefore { tenant, resource_type, seq, limit, lifetime }).await?),
            (true, true) => {
                let statement = PageBeforeWithGroups { tenant, resource_type, seq, limit, lifetime };
                with_groups(self.store.read(statement).await?)
            }
        };
        let total = match found.first() {
            Some((total, _)) => total.unsigned_abs(),
            None => self.total(resource_type).await?,
        };
        Ok(place.cut(total, found.into_iter().map(|(_, found)| found).collect(), page.limit))
    }
}

fn plain(rows: Vec<(i64, i64, Row)>) -> Vec<(i64, Found)> {
    rows.into_iter()
        .map(|(total, seq, row)| (total, Found { seq, value: None, part: 0, stored: stored(row) }))
        .collect()
}

fn with_groups(rows: Vec<(i64, i64, GroupsRow)>) -> Vec<(i64, Found)> {
    let found = |(total, seq, row)| (total, Found { seq, value: None, part: 0, stored: stored_with_groups(row) });
    rows.into_iter().map(found).collect()
}
