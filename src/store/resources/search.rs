//! The statement that a filter or an order is made into. It is not kept prepared: clients could fill the server's memory with
//! their filters.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::row::{Columns, GroupColumns, columns, group_columns, groups_of};
use super::{GroupsRow, Row, stored, stored_with_groups};
use crate::store::filter_sql::Sql;
use crate::store::{Listed, StoreError, TenantStore};

/// Which resources, and which page of them.
pub(super) struct Search {
    pub tenant: Uuid,
    pub resource_type: String,
    pub condition: Option<Sql>,
    pub sorted: Option<Sorted>,
    pub offset: i64,
    pub limit: i64,
}

/// An order; resources without the value come last in ascending and first in descending order, which is PostgreSQL's default.
pub(super) struct Sorted {
    pub by: Sql,
    pub descending: bool,
}

/// The page, each resource beside the number of all that match.
#[derive(Clone, Copy)]
struct SearchPage<'a>(&'a Search);
/// The same, with the groups of each resource.
#[derive(Clone, Copy)]
struct SearchPageWithGroups<'a>(&'a Search);
/// The number alone.
#[derive(Clone, Copy)]
struct SearchTotal<'a>(&'a Search);

impl Search {
    /// The rows that match.
    fn matching<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(" FROM resources r WHERE r.tenant_id = ");
        out.push_bind_param::<SqlUuid, _>(&self.tenant)?;
        out.push_sql(" AND r.resource_type = ");
        out.push_bind_param::<Text, _>(&self.resource_type)?;
        if let Some(condition) = &self.condition {
            out.push_sql(" AND ");
            condition.walk(out)?;
        }
        Ok(())
    }

    fn page<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>, columns: &str, source: &str) -> QueryResult<()> {
        out.push_sql("WITH matching AS MATERIALIZED (SELECT r.seq");
        if let Some(sorted) = &self.sorted {
            out.push_sql(", ");
            sorted.by.walk(out)?;
            out.push_sql(" AS value");
        }
        self.matching(out)?;
        let order = match &self.sorted {
            None => "seq",
            Some(Sorted { descending: false, .. }) => "value, seq",
            Some(Sorted { descending: true, .. }) => "value DESC, seq",
        };
        out.push_sql("), page AS (SELECT seq, row_number() OVER (ORDER BY ");
        out.push_sql(order);
        out.push_sql(") AS place FROM matching ORDER BY ");
        out.push_sql(order);
        out.push_sql(" OFFSET ");
        out.push_bind_param::<BigInt, _>(&self.offset)?;
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(") SELECT (SELECT count(*) FROM matching), ");
        out.push_sql(columns);
        out.push_sql(" FROM page JOIN resources r ON r.seq = page.seq AND r.tenant_id = ");
        out.push_bind_param::<SqlUuid, _>(&self.tenant)?;
        out.push_sql(" AND r.resource_type = ");
        out.push_bind_param::<Text, _>(&self.resource_type)?;
        out.push_sql(source);
        out.push_sql(" ORDER BY page.place");
        Ok(())
    }
}

impl QueryFragment<Pg> for SearchPage<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.page(&mut out, columns!(), "")
    }
}

impl QueryFragment<Pg> for SearchPageWithGroups<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.page(&mut out, concat!(columns!(), group_columns!()), groups_of!())
    }
}

impl QueryFragment<Pg> for SearchTotal<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT count(*)");
        self.0.matching(&mut out)
    }
}

macro_rules! dynamic {
    ($($name:ident -> $row:ty;)*) => {
        $(
            impl QueryId for $name<'_> {
                type QueryId = ();
                const HAS_STATIC_QUERY_ID: bool = false;
            }

            impl Query for $name<'_> {
                type SqlType = $row;
            }
        )*
    };
}
dynamic! {
    SearchPage -> (BigInt, Columns);
    SearchPageWithGroups -> (BigInt, GroupColumns);
    SearchTotal -> BigInt;
}

impl TenantStore {
    /// The page with the total, unless no resource is on it.
    pub(super) async fn search_page(&self, search: &Search, with_groups: bool) -> Result<Option<Listed>, StoreError> {
        let (total, resources) = if with_groups {
            let rows: Vec<(i64, GroupsRow)> = self.store.search(SearchPageWithGroups(search)).await?;
            let total = rows.first().map(|(total, _)| *total);
            (total, rows.into_iter().map(|(_, row)| stored_with_groups(row)).collect())
        } else {
            let rows: Vec<(i64, Row)> = self.store.search(SearchPage(search)).await?;
            let total = rows.first().map(|(total, _)| *total);
            (total, rows.into_iter().map(|(_, row)| stored(row)).collect())
        };
        Ok(total.map(|total| Listed { total: total.unsigned_abs(), resources }))
    }

    /// How many resources match.
    pub(super) async fn search_total(&self, search: &Search) -> Result<u64, StoreError> {
        let rows: Vec<i64> = self.store.search(SearchTotal(search)).await?;
        Ok(rows.first().map_or(0, |total| total.unsigned_abs()))
    }
}
