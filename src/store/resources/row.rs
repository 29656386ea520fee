//! The columns that a stored resource is read by.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use crate::model::{GroupRef, ResourceId, Stored, Version};

/// The columns of a stored resource `r`.
macro_rules! columns {
    () => {
        "r.id, r.document, r.version, r.created_at, r.modified_at"
    };
}
/// The columns of a stored resource `r` and its groups: those it is a member of itself, and the others that these are in at any
/// depth. The latter are looked for only where there are any.
macro_rules! group_columns {
    () => {
        ", coalesce(g.ids, '{}'), coalesce(g.displays, '{}'), CASE WHEN g.nested THEN groups_above(r.tenant_id, g.ids) END"
    };
}
/// Where the groups of `r` come from; to stand after `resources r` in FROM. Nothing is sorted here: that costs more than in the
/// program.
macro_rules! groups_of {
    () => {
        " CROSS JOIN LATERAL ( \
            SELECT array_agg(m.group_id) AS ids, array_agg(o.display) AS displays, bool_or(o.nested) AS nested \
            FROM memberships m JOIN resources o ON o.tenant_id = m.tenant_id AND o.id = m.group_id \
            WHERE m.tenant_id = r.tenant_id AND m.member_id = r.id) g "
    };
}
pub(super) use {columns, group_columns, groups_of};

/// The SQL types of [`columns`].
pub(in crate::store) type Columns = (SqlUuid, Text, BigInt, Timestamptz, Timestamptz);
/// The SQL types of [`columns`] and [`group_columns`].
pub(in crate::store) type GroupColumns =
    (SqlUuid, Text, BigInt, Timestamptz, Timestamptz, Array<SqlUuid>, Array<Nullable<Text>>, Nullable<Json>);
/// A row of [`columns`].
pub(in crate::store) type Row = (Uuid, String, i64, DateTime<Utc>, DateTime<Utc>);
/// A row of [`columns`] and [`group_columns`].
pub(in crate::store) type GroupsRow =
    (Uuid, String, i64, DateTime<Utc>, DateTime<Utc>, Vec<Uuid>, Vec<Option<String>>, Option<Value>);

/// A resource without its groups.
pub(in crate::store) fn stored((id, document, version, created_at, modified_at): Row) -> Stored {
    Stored { id: ResourceId(id), document, groups: Vec::new(), version: Version(version), created_at, modified_at }
}

/// A resource with its groups, in the order of their ids.
pub(in crate::store) fn stored_with_groups(row: GroupsRow) -> Stored {
    let (id, document, version, created_at, modified_at, ids, displays, above) = row;
    let direct = ids.into_iter().zip(displays);
    let direct = direct.map(|(id, display)| GroupRef { id: ResourceId(id), display, is_direct: true });
    let mut groups: Vec<GroupRef> = direct.chain(above.into_iter().flat_map(indirect)).collect();
    groups.sort_unstable_by_key(|group| group.id);
    Stored { groups, ..stored((id, document, version, created_at, modified_at)) }
}

/// What `groups_above` found.
fn indirect(above: Value) -> Vec<GroupRef> {
    let pairs: Vec<(Uuid, Option<String>)> = serde_json::from_value(above).unwrap_or_default();
    pairs.into_iter().map(|(id, display)| GroupRef { id: ResourceId(id), display, is_direct: false }).collect()
}
