//! What a tenant has registered, and what a change of it needs of the resources.

use std::marker::PhantomData;
use std::sync::Arc;

use diesel::sql_types::{Array, BigInt, Json, Jsonb, Nullable, Text, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::{StoreError, TenantStore};
use crate::model::{AdminAction, CatalogVersion, ResourceId, Version};
use crate::scim::discovery::schema_definition;
use crate::scim::resource::IndexEntry;
use crate::scim::rules::RuleDefinition;
use crate::scim::schema::own::{Registry, ResourceTypeDefinition, kept_schema};
use crate::scim::schema::{Catalog, builtin};

statement! {
    /// Everything that a tenant has registered, at one version.
    ReadRegistry<'a> {
        tenant: Uuid => SqlUuid,
    } -> (BigInt, Json, Json, Json),
    "SELECT t.catalog_version, \
        coalesce((SELECT json_agg(s.definition ORDER BY s.place) FROM tenant_schemas s WHERE s.tenant_id = $1), '[]'), \
        coalesce((SELECT json_agg(k.definition ORDER BY k.place) FROM tenant_resource_types k WHERE k.tenant_id = $1), '[]'), \
        coalesce((SELECT json_agg(u.definition ORDER BY u.place) FROM rules u WHERE u.tenant_id = $1), '[]') \
        FROM tenants t WHERE t.id = $1"
}

statement! {
    /// Calls `publish_catalog`, which the migrations describe.
    Publish<'a> {
        tenant: Uuid => SqlUuid,
        version: i64 => BigInt,
        schemas: &'a Value => Json,
        resource_types: &'a Value => Json,
        action: &'a Value => Json,
    } -> Nullable<BigInt>,
    "WITH done AS (SELECT publish_catalog($1, $2, $3, $4) AS version), \
        told AS (SELECT log_admin_action($5) FROM done WHERE version IS NOT NULL) \
        SELECT done.version FROM done LEFT JOIN told ON true"
}

statement! {
    /// Resources of one type in the order of their creation.
    ReadDocuments<'a> {
        tenant: Uuid => SqlUuid,
        resource_type: &'a str => Text,
        after: i64 => BigInt,
        limit: i64 => BigInt,
    } -> (BigInt, SqlUuid, BigInt, Text, Jsonb),
    "SELECT r.seq, r.id, r.version, r.document, r.search FROM resources r \
        WHERE r.tenant_id = $1 AND r.resource_type = $2 AND r.seq > $3 ORDER BY r.seq LIMIT $4"
}

statement! {
    /// Gives a resource the search document that follows from its content.
    Reindex<'a> {
        search: &'a str => Text,
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        version: i64 => BigInt,
    } -> SqlUuid,
    "UPDATE resources SET search = $1::jsonb WHERE tenant_id = $2 AND id = $3 AND version = $4 RETURNING id"
}

statement! {
    /// Which of these resources are neither users nor groups.
    OfOwnTypes<'a> {
        tenant: Uuid => SqlUuid,
        ids: &'a [Uuid] => Array<SqlUuid>,
    } -> SqlUuid,
    "SELECT id FROM resources WHERE tenant_id = $1 AND id = ANY ($2) AND resource_type NOT IN ('User', 'Group') ORDER BY id"
}

/// A resource as a change of schemas looks at it.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its place in the order of creation.
    pub place: i64,
    /// Its id.
    pub id: ResourceId,
    /// Its version.
    pub version: Version,
    /// Its content, as [`crate::model::Stored::document`].
    pub document: String,
    /// What filters read of it, as [`IndexEntry::search`].
    pub search: Value,
}

impl TenantStore {
    /// What the tenant has registered, and the version that it is at.
    ///
    /// # Errors
    /// That the database is away or at fault, or there is no such tenant.
    pub async fn registry(&self) -> Result<(CatalogVersion, Registry), StoreError> {
        let statement = ReadRegistry { tenant: self.tenant.0, lifetime: PhantomData };
        let rows: Vec<(i64, Value, Value, Value)> = self.store.read(statement).await?;
        let row = rows.into_iter().next();
        let (version, schemas, kinds, rules) = row.ok_or_else(|| StoreError::internal("there is no such tenant"))?;
        let schemas: Vec<Value> = serde_json::from_value(schemas).map_err(StoreError::internal)?;
        let schemas = schemas.into_iter().map(|definition| kept_schema(definition).map(Arc::new));
        let schemas = schemas.collect::<Result<_, _>>().map_err(StoreError::internal)?;
        let resource_types: Vec<ResourceTypeDefinition> =
            serde_json::from_value(kinds).map_err(StoreError::internal)?;
        let rules: Vec<RuleDefinition> = serde_json::from_value(rules).map_err(StoreError::internal)?;
        let rules = rules.into_iter().map(Arc::new).collect();
        Ok((CatalogVersion(version), Registry { schemas, resource_types, rules }))
    }

    /// The resource types that the tenant has by what it registered, and the version that they are at.
    ///
    /// # Errors
    /// As [`TenantStore::registry`], or that the parts do not fit together any more.
    pub async fn catalog(&self) -> Result<(CatalogVersion, Catalog), StoreError> {
        let (version, registry) = self.registry().await?;
        Ok((version, registry.catalog(builtin()).map_err(StoreError::internal)?))
    }

    /// Puts the schemas and resource types of `registry` in the place of those that the tenant has registered at `version`, and
    /// writes what was done. `None` if that is no longer its version.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn publish(
        &self,
        version: CatalogVersion,
        registry: &Registry,
        action: &AdminAction,
    ) -> Result<Option<CatalogVersion>, StoreError> {
        let schemas: Value = registry.schemas.iter().map(|schema| schema_definition(schema)).collect();
        let resource_types = serde_json::to_value(&registry.resource_types).map_err(StoreError::internal)?;
        let statement = Publish {
            tenant: self.tenant.0,
            version: version.0,
            schemas: &schemas,
            resource_types: &resource_types,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let rows: Vec<Option<i64>> = self.store.save(statement).await?;
        Ok(rows.into_iter().flatten().next().map(CatalogVersion))
    }

    /// Those of the resources that are neither users nor groups, sorted.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn of_own_types(&self, ids: &[ResourceId]) -> Result<Vec<ResourceId>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let statement = OfOwnTypes { tenant: self.tenant.0, ids: &ids, lifetime: PhantomData };
        let rows: Vec<Uuid> = self.store.read(statement).await?;
        Ok(rows.into_iter().map(ResourceId).collect())
    }

    /// Resources of a type whose place is behind `after`, in the order of creation, at most `limit` of them.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn documents(&self, resource_type: &str, after: i64, limit: u32) -> Result<Vec<Document>, StoreError> {
        let (tenant, lifetime) = (self.tenant.0, PhantomData);
        let statement = ReadDocuments { tenant, resource_type, after, limit: i64::from(limit), lifetime };
        let rows: Vec<(i64, Uuid, i64, String, Value)> = self.store.search(statement).await?;
        let document = |(place, id, version, document, search)| Document {
            place,
            id: ResourceId(id),
            version: Version(version),
            document,
            search,
        };
        Ok(rows.into_iter().map(document).collect())
    }

    /// Lets filters and unique values follow from a resource's entry anew; its content and version stay as they are. Answers
    /// whether the resource was still at that version.
    ///
    /// # Errors
    /// [`StoreError::ValueTaken`], or that the database is away or at fault.
    pub async fn reindex(&self, id: ResourceId, version: Version, entry: &IndexEntry) -> Result<bool, StoreError> {
        let (tenant, search, lifetime) = (self.tenant.0, &entry.search, PhantomData);
        let statement = Reindex { search, tenant, id: id.0, version: version.0, lifetime };
        let rows: Vec<Uuid> = self.store.save(statement).await?;
        Ok(!rows.is_empty())
    }
}
