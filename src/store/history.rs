//! The changes of one resource, from the last one backwards: what its history is told from, and what earlier versions are rebuilt
//! from. In the order of positions, which for one resource is the order in which its changes were made.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::{StoreError, TenantStore};
use crate::model::{AttributeChange, ResourceId};

/// What the change rows of a resource span.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// The resource type.
    pub resource_type: String,
    /// The resource's name for people at its last change.
    pub name: String,
    /// The version after the oldest change that is kept.
    pub oldest: i64,
    /// Whether that is the one that created the resource.
    pub is_whole: bool,
    /// The newest version.
    pub newest: i64,
    /// When the resource was first created, or the oldest change that is kept was made.
    pub began_at: DateTime<Utc>,
}

/// One change to be undone.
#[derive(Debug, Clone, PartialEq)]
pub struct PastChange {
    /// Its place in the stream.
    pub position: i64,
    /// The version after it; of a removal, the last one.
    pub version: i64,
    /// Whether it removed the resource.
    pub is_removal: bool,
    /// What changed.
    pub attributes: Vec<AttributeChange>,
}

statement! {
    /// The oldest and the newest change of a resource.
    Spanned<'a> {
        tenant: Uuid => SqlUuid,
        resource: Uuid => SqlUuid,
    } -> (Text, Text, BigInt, Text, Timestamptz, BigInt),
    "WITH of_it AS (SELECT position, version, action, at, resource_type, resource_name FROM changes \
            WHERE tenant_id = $1 AND resource_id = $2), \
        oldest AS (SELECT * FROM of_it ORDER BY position LIMIT 1), \
        newest AS (SELECT * FROM of_it ORDER BY position DESC LIMIT 1) \
        SELECT newest.resource_type, newest.resource_name, oldest.version, oldest.action, oldest.at, \
            (SELECT max(version) FROM of_it) FROM oldest, newest"
}

statement! {
    /// The changes since a version, the newest first. A removal leaves the version as it is, and is later than it all the same.
    Since<'a> {
        tenant: Uuid => SqlUuid,
        resource: Uuid => SqlUuid,
        version: i64 => BigInt,
        before: Option<i64> => Nullable<BigInt>,
        limit: i64 => BigInt,
    } -> (BigInt, BigInt, Text, Json),
    "SELECT position, version, action, attributes FROM changes WHERE tenant_id = $1 AND resource_id = $2 \
        AND (version > $3 OR (version = $3 AND action = 'delete')) AND position < coalesce($4, 9223372036854775807) \
        ORDER BY position DESC LIMIT $5"
}

impl TenantStore {
    /// What is kept of a resource's history, whether the resource is still there or not; `None` if nothing is.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn span(&self, resource: ResourceId) -> Result<Option<Span>, StoreError> {
        type Row = (String, String, i64, String, DateTime<Utc>, i64);
        let statement = Spanned { tenant: self.tenant.0, resource: resource.0, lifetime: PhantomData };
        let rows: Vec<Row> = self.store.search(statement).await?;
        let span = |(resource_type, name, oldest, action, began_at, newest): Row| {
            let is_whole = action == "create";
            Span { resource_type, name, oldest, is_whole, newest, began_at }
        };
        Ok(rows.into_iter().next().map(span))
    }

    /// Changes of a resource that were made after it had reached `version`, the newest first; at most `limit`, those before
    /// the position `before`.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn changes_since(
        &self,
        resource: ResourceId,
        version: i64,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<PastChange>, StoreError> {
        let (tenant, resource, limit, lifetime) = (self.tenant.0, resource.0, i64::from(limit), PhantomData);
        let statement = Since { tenant, resource, version, before, limit, lifetime };
        let rows: Vec<(i64, i64, String, Value)> = self.store.search(statement).await?;
        let change = |(position, version, action, attributes): (i64, i64, String, Value)| {
            let attributes = serde_json::from_value(attributes).map_err(StoreError::internal)?;
            Ok(PastChange { position, version, is_removal: action == "delete", attributes })
        };
        rows.into_iter().map(change).collect()
    }
}
