//! Reading resources by a key that has an index of its own: as dear as reading one by its id.

use std::marker::PhantomData;

use diesel::sql_types::{Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::row::{Columns, GroupColumns, columns, group_columns, groups_of};
use super::{GroupsRow, Row, stored, stored_with_groups};
use crate::model::Stored;
use crate::store::statement::statement;
use crate::store::{StoreError, TenantStore};

/// Declares the statements for a key with and without groups, and the method that chooses.
macro_rules! look_up {
    ($(#[$doc:meta])* $method:ident, $plain:ident, $with_groups:ident, $condition:literal) => {
        statement! {
            $(#[$doc])*
            $plain<'a> {
                tenant: Uuid => SqlUuid,
                resource_type: &'a str => Text,
                key: &'a str => Text,
            } -> Columns,
            concat!("SELECT ", columns!(), " FROM resources r WHERE r.tenant_id = $1 AND r.resource_type = $2 AND ", $condition)
        }

        statement! {
            $(#[$doc])*
            $with_groups<'a> {
                tenant: Uuid => SqlUuid,
                resource_type: &'a str => Text,
                key: &'a str => Text,
            } -> GroupColumns,
            concat!(
                "SELECT ", columns!(), group_columns!(), " FROM resources r ", groups_of!(),
                "WHERE r.tenant_id = $1 AND r.resource_type = $2 AND ", $condition
            )
        }

        impl TenantStore {
            $(#[$doc])*
            pub(super) async fn $method(
                &self,
                resource_type: &str,
                key: &str,
                with_groups: bool,
            ) -> Result<Vec<Stored>, StoreError> {
                let (tenant, lifetime) = (self.tenant.0, PhantomData);
                if with_groups {
                    let rows: Vec<GroupsRow> = self.store.read($with_groups { tenant, resource_type, key, lifetime }).await?;
                    Ok(rows.into_iter().map(stored_with_groups).collect())
                } else {
                    let rows: Vec<Row> = self.store.read($plain { tenant, resource_type, key, lifetime }).await?;
                    Ok(rows.into_iter().map(stored).collect())
                }
            }
        }
    };
}

look_up! {
    /// The resource with that unique name; the key is folded.
    find_name, FindName, FindNameWithGroups, "r.name_key = $3"
}
look_up! {
    /// The resource with that externalId.
    find_external_id, FindExternalId, FindExternalIdWithGroups, "r.external_id = $3"
}
look_up! {
    /// The groups with that displayName, which a tenant may want to repeat; the key is folded and at most [`super::INDEXED_BYTES`] long.
    find_group_name, FindGroupName, FindGroupNameWithGroups,
    "r.resource_type = 'Group' AND octet_length(r.display_key) <= 2000 AND r.display_key = $3 ORDER BY r.seq"
}
