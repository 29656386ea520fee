//! Which connection made a resource, where the tenant fences its connections against each other.

use std::marker::PhantomData;

use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::statement::statement;
use super::{StoreError, TenantStore};
use crate::model::{ConnectionId, ResourceId};

statement! {
    /// Keeps a connection as the owner of ids that nothing has yet.
    Claim<'a> {
        tenant: Uuid => SqlUuid,
        connection: Uuid => SqlUuid,
        resources: &'a [Uuid] => Array<SqlUuid>,
    } -> BigInt,
    "INSERT INTO resource_owners (tenant_id, connection_id, resource_id) SELECT $1, $2, r.id FROM unnest($3) AS r (id) \
        ON CONFLICT DO NOTHING RETURNING 1::bigint"
}

statement! {
    /// Forgets the owners of ids that nothing has, or no longer.
    Disclaim<'a> {
        tenant: Uuid => SqlUuid,
        resources: &'a [Uuid] => Array<SqlUuid>,
    } -> BigInt,
    "DELETE FROM resource_owners o WHERE o.tenant_id = $1 AND o.resource_id = ANY ($2) AND NOT EXISTS ( \
        SELECT FROM resources r WHERE r.tenant_id = o.tenant_id AND r.id = o.resource_id) RETURNING 1::bigint"
}

statement! {
    /// The connection that owns a resource, if there is that connection still.
    FindOwner<'a> {
        tenant: Uuid => SqlUuid,
        resource: Uuid => SqlUuid,
    } -> (SqlUuid, Text),
    "SELECT c.id, c.name FROM resource_owners o JOIN connections c ON c.tenant_id = o.tenant_id AND c.id = o.connection_id \
        WHERE o.tenant_id = $1 AND o.resource_id = $2"
}

impl TenantStore {
    /// Makes a connection the owner of resources that are about to be created.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn claim(&self, connection: ConnectionId, resources: &[ResourceId]) -> Result<(), StoreError> {
        let resources: &[Uuid] = &resources.iter().map(|id| id.0).collect::<Vec<_>>();
        let statement = Claim { tenant: self.tenant.0, connection: connection.0, resources, lifetime: PhantomData };
        let _: Vec<i64> = self.store.save(statement).await?;
        Ok(())
    }

    /// Forgets who owned resources that are not there: their creation failed, or they were removed.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn disclaim(&self, resources: &[ResourceId]) -> Result<(), StoreError> {
        let resources: &[Uuid] = &resources.iter().map(|id| id.0).collect::<Vec<_>>();
        let _: Vec<i64> = self.store.save(Disclaim { tenant: self.tenant.0, resources, lifetime: PhantomData }).await?;
        Ok(())
    }

    /// The connection that owns a resource and its name; `None` if it is nobody's, as what was made without a fence is.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn owner(&self, resource: ResourceId) -> Result<Option<(ConnectionId, String)>, StoreError> {
        let statement = FindOwner { tenant: self.tenant.0, resource: resource.0, lifetime: PhantomData };
        let rows: Vec<(Uuid, String)> = self.store.read(statement).await?;
        Ok(rows.into_iter().next().map(|(id, name)| (ConnectionId(id), name)))
    }
}
