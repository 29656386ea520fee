//! A tenant's rules, and the resources that their references lead to.

use std::marker::PhantomData;
use std::sync::Arc;

use diesel::sql_types::{Array, BigInt, Json, Nullable, Text, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::{StoreError, TenantStore};
use crate::model::{AdminAction, CatalogVersion, ResourceId};
use crate::scim::rules::RuleDefinition;

statement! {
    /// Calls `publish_rules`, which the migrations describe.
    PublishRules<'a> {
        tenant: Uuid => SqlUuid,
        version: i64 => BigInt,
        rules: &'a Value => Json,
        action: &'a Value => Json,
    } -> Nullable<BigInt>,
    "WITH done AS (SELECT publish_rules($1, $2, $3) AS version), \
        told AS (SELECT log_admin_action($4) FROM done WHERE version IS NOT NULL) \
        SELECT done.version FROM done LEFT JOIN told ON true"
}

statement! {
    /// Those of these resources that are there.
    FindReferred<'a> {
        tenant: Uuid => SqlUuid,
        ids: &'a [Uuid] => Array<SqlUuid>,
    } -> (SqlUuid, Text, Text),
    "SELECT r.id, r.resource_type, r.document FROM resources r WHERE r.tenant_id = $1 AND r.id = ANY ($2)"
}

/// A resource that something refers to.
#[derive(Debug, Clone)]
pub struct ReferredResource {
    /// Its id.
    pub id: ResourceId,
    /// The name of its type.
    pub resource_type: String,
    /// Its content, as [`crate::model::Stored::document`].
    pub document: String,
}

impl TenantStore {
    /// Puts `rules` in the place of those that the tenant has at `version`, and writes what was done. `None` if what it has
    /// registered is no longer at that version.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn publish_rules(
        &self,
        version: CatalogVersion,
        rules: &[Arc<RuleDefinition>],
        action: &AdminAction,
    ) -> Result<Option<CatalogVersion>, StoreError> {
        let rules = rules.iter().map(|rule| serde_json::to_value(rule.as_ref()));
        let rules = &rules.collect::<Result<Value, _>>().map_err(StoreError::internal)?;
        let (tenant, action) = (self.tenant.0, &action.to_json());
        let statement = PublishRules { tenant, version: version.0, rules, action, lifetime: PhantomData };
        let rows: Vec<Option<i64>> = self.store.save(statement).await?;
        Ok(rows.into_iter().flatten().next().map(CatalogVersion))
    }

    /// Those of the resources that are there, of whatever type.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn referred(&self, ids: &[ResourceId]) -> Result<Vec<ReferredResource>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let statement = FindReferred { tenant: self.tenant.0, ids: &ids, lifetime: PhantomData };
        let rows: Vec<(Uuid, String, String)> = self.store.read(statement).await?;
        let referred = |(id, resource_type, document)| ReferredResource { id: ResourceId(id), resource_type, document };
        Ok(rows.into_iter().map(referred).collect())
    }
}
