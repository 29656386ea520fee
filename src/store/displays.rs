//! What resources are called.

use std::collections::HashMap;
use std::marker::PhantomData;

use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::statement::statement;
use super::{StoreError, TenantStore};
use crate::model::ResourceId;

statement! {
    /// What those of some resources are called that are there and have a name.
    Displays<'a> {
        tenant: Uuid => SqlUuid,
        ids: &'a [Uuid] => Array<SqlUuid>,
    } -> (SqlUuid, Text),
    "SELECT id, display FROM resources WHERE tenant_id = $1 AND id = ANY ($2) AND display IS NOT NULL"
}

impl TenantStore {
    /// What resources are called, of those that are there and have a name.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn displays(&self, ids: &[ResourceId]) -> Result<HashMap<ResourceId, String>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let statement = Displays { tenant: self.tenant.0, ids: &ids, lifetime: PhantomData };
        let rows: Vec<(Uuid, String)> = self.store.search(statement).await?;
        Ok(rows.into_iter().map(|(id, display)| (ResourceId(id), display)).collect())
    }
}
