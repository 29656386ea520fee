//! The columns that a stored resource is read by.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::model::{GroupRef, ResourceId, Stored, Version};

/// The columns of a stored resource `r`.
macro_rules! columns {
    () => {
        "r.id, r.document, r.version, r.created_at, r.modified_at"
    };
}
/// The columns of a stored resource `r` of the tenant $1 and its groups, and the source of the latter.
macro_rules! group_columns {
    () => {
        ", coalesce(g.ids, '{}'), coalesce(g.displays, '{}')"
    };
}
/// Where the groups of `r` come from; to stand after `resources r` in FROM.
macro_rules! groups_of {
    () => {
        " CROSS JOIN LATERAL ( \
            SELECT array_agg(m.group_id ORDER BY m.group_id) AS ids, array_agg(o.display ORDER BY m.group_id) AS displays \
            FROM memberships m JOIN resources o ON o.tenant_id = m.tenant_id AND o.id = m.group_id \
            WHERE m.tenant_id = r.tenant_id AND m.member_id = r.id) g "
    };
}
pub(super) use {columns, group_columns, groups_of};

/// The SQL types of [`columns`].
pub(in crate::store) type Columns = (SqlUuid, Text, BigInt, Timestamptz, Timestamptz);
/// The SQL types of [`columns`] and [`group_columns`].
pub(in crate::store) type GroupColumns =
    (SqlUuid, Text, BigInt, Timestamptz, Timestamptz, Array<SqlUuid>, Array<Nullable<Text>>);
/// A row of [`columns`].
pub(in crate::store) type Row = (Uuid, String, i64, DateTime<Utc>, DateTime<Utc>);
/// A row of [`columns`] and [`group_columns`].
pub(in crate::store) type GroupsRow = (Uuid, String, i64, DateTime<Utc>, DateTime<Utc>, Vec<Uuid>, Vec<Option<String>>);

/// A resource without its groups.
pub(in crate::store) fn stored((id, document, version, created_at, modified_at): Row) -> Stored {
    Stored { id: ResourceId(id), document, groups: Vec::new(), version: Version(version), created_at, modified_at }
}

/// A resource with its groups.
pub(in crate::store) fn stored_with_groups(row: GroupsRow) -> Stored {
    let (id, document, version, created_at, modified_at, ids, displays) = row;
    let groups = ids.into_iter().zip(displays).map(|(id, display)| GroupRef { id: ResourceId(id), display }).collect();
    Stored { groups, ..stored((id, document, version, created_at, modified_at)) }
}
