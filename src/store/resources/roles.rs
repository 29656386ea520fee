//! The roles that groups carry. Who has which, and the memberships that follow, the database keeps by itself: the migration
//! `roles` tells how.

use std::marker::PhantomData;

use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::model::{ResourceId, Role};
use crate::store::statement::statement;
use crate::store::{StoreError, TenantStore};

statement! {
    /// The groups that carry one of these roles.
    FindRoles<'a> {
        tenant: Uuid => SqlUuid,
        keys: &'a [String] => Array<Text>,
    } -> (Text, SqlUuid, Text, BigInt),
    "SELECT o.role_key, o.group_id, r.document, 0::bigint FROM roles o \
        JOIN resources r ON r.tenant_id = o.tenant_id AND r.id = o.group_id WHERE o.tenant_id = $1 AND o.role_key = ANY ($2)"
}

statement! {
    /// A page of all roles in their order, each with the number of users who have it as a value of `attribute`.
    ListRoles<'a> {
        attribute: &'a str => Text,
        tenant: Uuid => SqlUuid,
        group: Option<Uuid> => Nullable<SqlUuid>,
        offset: i64 => BigInt,
        limit: i64 => BigInt,
    } -> (Text, SqlUuid, Text, BigInt),
    "SELECT o.role_key, o.group_id, r.document, ( \
            SELECT count(*) FROM role_holders h WHERE h.tenant_id = o.tenant_id AND h.role_key = o.role_key AND h.attribute = $1) \
        FROM roles o JOIN resources r ON r.tenant_id = o.tenant_id AND r.id = o.group_id \
        WHERE o.tenant_id = $2 AND ($3 IS NULL OR o.group_id = $3) ORDER BY o.role_key OFFSET $4 LIMIT $5"
}

statement! {
    /// The roles heavier than `weight` that some of these would come to have as members of a group: those of the group and of the
    /// groups that it is in.
    HeavyRoles<'a> {
        group: Uuid => SqlUuid,
        tenant: Uuid => SqlUuid,
        weight: i64 => BigInt,
        members: &'a [Uuid] => Array<SqlUuid>,
    } -> (Text, BigInt),
    "WITH reached AS ( \
            SELECT $1 AS id UNION SELECT (a.pair ->> 0)::uuid \
            FROM json_array_elements(coalesce(groups_above($2, ARRAY[$1]), '[]')) AS a (pair) \
        ), heavy AS ( \
            SELECT o.role_key, (r.search -> 'urn:ietf:params:scim:schemas:extension:scimgate:2.0:role' ->> 'weight')::bigint AS weight \
            FROM reached JOIN roles o ON o.tenant_id = $2 AND o.group_id = reached.id \
            JOIN resources r ON r.tenant_id = $2 AND r.id = o.group_id \
        ) SELECT role_key, weight FROM heavy WHERE weight > $3 AND EXISTS ( \
            SELECT FROM unnest($4) AS n (id) WHERE NOT EXISTS ( \
                SELECT FROM memberships m WHERE m.tenant_id = $2 AND m.group_id = $1 AND m.member_id = n.id)) ORDER BY 1"
}

statement! {
    /// How many roles there are.
    CountRoles<'a> {
        tenant: Uuid => SqlUuid,
    } -> BigInt,
    "SELECT count(*) FROM roles WHERE tenant_id = $1"
}

type Row = (String, Uuid, String, i64);

impl TenantStore {
    /// The groups that carry one of these roles; the keys are folded.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn find_roles(&self, keys: &[String]) -> Result<Vec<Role>, StoreError> {
        let rows: Vec<Row> = self.store.read(FindRoles { tenant: self.tenant.0, keys, lifetime: PhantomData }).await?;
        Ok(rows.into_iter().map(role).collect())
    }

    /// The roles heavier than `weight`, each with its weight, that some of `members` do not have yet and would have as members of a
    /// group, directly or by the groups that it is in.
    ///
    /// # Errors
    /// As [`TenantStore::find_roles`].
    pub async fn heavy_roles(
        &self,
        group: ResourceId,
        weight: i64,
        members: &[ResourceId],
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let members: Vec<Uuid> = members.iter().map(|id| id.0).collect();
        let (tenant, group, lifetime) = (self.tenant.0, group.0, PhantomData);
        self.store.read(HeavyRoles { tenant, group, weight, members: &members, lifetime }).await
    }

    /// The roles from `offset` on, at most `limit` of them, with the number of users who have each as a value of `attribute`
    /// (`roles` or `entitlements`).
    ///
    /// # Errors
    /// As [`TenantStore::find_roles`].
    pub async fn list_roles(&self, attribute: &str, offset: u64, limit: u32) -> Result<Vec<Role>, StoreError> {
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        self.roles(attribute, None, (offset, i64::from(limit))).await
    }

    /// The role that this group carries, if it carries one.
    ///
    /// # Errors
    /// As [`TenantStore::find_roles`].
    pub async fn role_of(&self, attribute: &str, group: ResourceId) -> Result<Option<Role>, StoreError> {
        Ok(self.roles(attribute, Some(group.0), (0, 1)).await?.pop())
    }

    async fn roles(
        &self,
        attribute: &str,
        group: Option<Uuid>,
        (offset, limit): (i64, i64),
    ) -> Result<Vec<Role>, StoreError> {
        let tenant = self.tenant.0;
        let statement = ListRoles { attribute, tenant, group, offset, limit, lifetime: PhantomData };
        let rows: Vec<Row> = self.store.read(statement).await?;
        Ok(rows.into_iter().map(role).collect())
    }

    /// How many roles the tenant's groups carry.
    ///
    /// # Errors
    /// As [`TenantStore::find_roles`].
    pub async fn count_roles(&self) -> Result<u64, StoreError> {
        let counted: Vec<i64> = self.store.read(CountRoles { tenant: self.tenant.0, lifetime: PhantomData }).await?;
        Ok(counted.first().map_or(0, |count| count.unsigned_abs()))
    }
}

fn role((key, group, document, holders): Row) -> Role {
    Role { key, group: ResourceId(group), document, holders: holders.unsigned_abs() }
}
