//! Reading one resource by its id.

use std::marker::PhantomData;

use diesel::sql_types::{Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::row::{Columns, GroupColumns, columns, group_columns, groups_of};
use super::{GroupsRow, Row, stored, stored_with_groups};
use crate::model::{ResourceId, Stored};
use crate::store::statement::statement;
use crate::store::{StoreError, TenantStore};

statement! {
    /// A resource.
    Find<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        resource_type: &'a str => Text,
    } -> Columns,
    concat!("SELECT ", columns!(), " FROM resources r WHERE r.tenant_id = $1 AND r.id = $2 AND r.resource_type = $3")
}

statement! {
    /// A resource with its groups.
    FindWithGroups<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        resource_type: &'a str => Text,
    } -> GroupColumns,
    concat!(
        "SELECT ", columns!(), group_columns!(), " FROM resources r ", groups_of!(),
        "WHERE r.tenant_id = $1 AND r.id = $2 AND r.resource_type = $3"
    )
}

impl TenantStore {
    /// The resource of that type and id.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Internal`].
    pub async fn find(
        &self,
        resource_type: &str,
        id: ResourceId,
        with_groups: bool,
    ) -> Result<Option<Stored>, StoreError> {
        let (tenant, id, lifetime) = (self.tenant.0, id.0, PhantomData);
        if with_groups {
            let rows: Vec<GroupsRow> = self.store.read(FindWithGroups { tenant, id, resource_type, lifetime }).await?;
            Ok(rows.into_iter().next().map(stored_with_groups))
        } else {
            let rows: Vec<Row> = self.store.read(Find { tenant, id, resource_type, lifetime }).await?;
            Ok(rows.into_iter().next().map(stored))
        }
    }
}
