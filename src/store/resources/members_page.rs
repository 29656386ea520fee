//! Pages of the members of one group.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::model::{MemberRef, ResourceId};
use crate::scim::schema::ResourceType;
use crate::store::filter_sql::{Resources, Sql, member_condition};
use crate::store::statement::statement;
use crate::store::{MembersPage, StoreError, TenantStore};

statement! {
    /// The page behind so many members, each with the number of all.
    ReadMembers<'a> {
        tenant: Uuid => SqlUuid,
        group: Uuid => SqlUuid,
        after: Uuid => SqlUuid,
        offset: i64 => BigInt,
        limit: i64 => BigInt,
    } -> (BigInt, Nullable<SqlUuid>, Nullable<Text>, Nullable<Text>),
    "SELECT total.n, r.id, r.resource_type, r.display FROM ( \
            SELECT count(*) AS n FROM memberships m WHERE m.tenant_id = $1 AND m.group_id = $2) AS total \
        LEFT JOIN ( \
            SELECT m.member_id FROM memberships m WHERE m.tenant_id = $1 AND m.group_id = $2 AND m.member_id > $3 \
            ORDER BY m.member_id OFFSET $4 LIMIT $5) AS m ON true \
        LEFT JOIN LATERAL ( \
            SELECT r.id, r.resource_type, r.display FROM resources r WHERE r.tenant_id = $1 AND r.id = m.member_id OFFSET 0) AS r \
            ON true \
        ORDER BY r.id"
}

/// The same of those members that a filter selects.
#[derive(Clone, Copy)]
struct SearchMembers<'a> {
    tenant: &'a Uuid,
    group: &'a Uuid,
    condition: &'a Sql,
    after: &'a Uuid,
    offset: &'a i64,
    limit: &'a i64,
}

impl QueryFragment<Pg> for SearchMembers<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(
            "WITH matching AS MATERIALIZED (SELECT o.id, o.resource_type, o.display FROM memberships m \
                JOIN resources o ON o.tenant_id = m.tenant_id AND o.id = m.member_id WHERE m.tenant_id = ",
        );
        out.push_bind_param::<SqlUuid, _>(self.tenant)?;
        out.push_sql(" AND m.group_id = ");
        out.push_bind_param::<SqlUuid, _>(self.group)?;
        out.push_sql(" AND ");
        self.condition.walk(&mut out)?;
        out.push_sql(
            ") SELECT total.n, r.id, r.resource_type, r.display FROM (SELECT count(*) AS n FROM matching) AS total \
                LEFT JOIN (SELECT * FROM matching WHERE id > ",
        );
        out.push_bind_param::<SqlUuid, _>(self.after)?;
        out.push_sql(" ORDER BY id OFFSET ");
        out.push_bind_param::<BigInt, _>(self.offset)?;
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(self.limit)?;
        out.push_sql(") AS r ON true ORDER BY r.id");
        Ok(())
    }
}

impl QueryId for SearchMembers<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for SearchMembers<'_> {
    type SqlType = (BigInt, Nullable<SqlUuid>, Nullable<Text>, Nullable<Text>);
}

type Row = (i64, Option<Uuid>, Option<String>, Option<String>);

impl TenantStore {
    /// A page of the members of a group, and how many match in all. `kind` is the type of groups.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn members_page(
        &self,
        kind: &ResourceType,
        group: ResourceId,
        page: &MembersPage<'_>,
    ) -> Result<(u64, Vec<MemberRef>), StoreError> {
        let tenant = self.tenant.0;
        let after = page.after.map_or(Uuid::nil(), |member| member.0);
        let (offset, limit) = (i64::try_from(page.offset).unwrap_or(i64::MAX), i64::from(page.limit));
        let rows: Vec<Row> = match page.filter {
            None => {
                self.store
                    .search(ReadMembers { tenant, group: group.0, after, offset, limit, lifetime: PhantomData })
                    .await?
            }
            Some(filter) => {
                let resources = Resources { tenant, resource_type: kind, base_url: self.store.base_url() };
                let condition = &member_condition(filter, &resources);
                let (tenant, group, after, offset, limit) = (&tenant, &group.0, &after, &offset, &limit);
                self.store.search(SearchMembers { tenant, group, condition, after, offset, limit }).await?
            }
        };
        let total = rows.first().map_or(0, |(total, ..)| total.unsigned_abs());
        let members = rows.into_iter().filter_map(|(_, id, resource_type, display)| {
            Some(MemberRef { group, id: ResourceId(id?), resource_type: resource_type?, display })
        });
        Ok((total, members.collect()))
    }
}
