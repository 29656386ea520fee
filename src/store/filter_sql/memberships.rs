//! Members of groups and groups of users, which live in a table of their own.

use super::Resources;
use super::columns::Source;
use super::sql::{Bind, Sql, sql};
use crate::scim::schema::Resolved;

/// The endpoint of `o`: a user or a group, whose endpoints RFC 7644, section 3.2 sets.
const ENDPOINT: &str = "CASE o.resource_type WHEN 'Group' THEN '/Groups' ELSE '/Users' END";

/// `condition` holds for one membership `m` of the resource, whose other end is the resource `o`.
pub(super) fn exists(resources: &Resources<'_>, condition: Sql) -> Sql {
    sql!["EXISTS (SELECT", rows(resources), " AND ", condition, ")"]
}

/// `source` of the first membership in the order in which answers show them, which is that of the ids.
pub(super) fn first(resources: &Resources<'_>, source: Source) -> Source {
    let by = if resources.resource_type.name == "Group" { "m.member_id" } else { "m.group_id" };
    let first = |value: Sql| sql!["(SELECT ", value, rows(resources), " ORDER BY ", by, " LIMIT 1)"];
    match source {
        Source::Id(value) => Source::Id(first(value)),
        Source::Text(text) => Source::text(first(text.sql)),
        Source::Json(value) | Source::Boolean(value) | Source::Instant(value) => Source::Json(first(value)),
    }
}

/// The memberships `m` of the resource, with the resource `o` at the other end.
fn rows(resources: &Resources<'_>) -> Sql {
    let (memberships, own, other) = if resources.resource_type.name == "Group" {
        ("memberships".into(), "m.group_id = r.id", "o.id = m.member_id")
    } else {
        (direct_and_indirect(resources), "m.member_id = r.id", "o.id = m.group_id")
    };
    sql![
        " FROM ",
        memberships,
        " m JOIN resources o ON o.tenant_id = m.tenant_id AND ",
        other,
        " WHERE m.tenant_id = r.tenant_id AND ",
        own
    ]
}

/// Memberships, and those that follow from groups in groups, unless a direct one says it already. `nested_groups` is called
/// with the tenant alone, and so once in a statement.
fn direct_and_indirect(resources: &Resources<'_>) -> Sql {
    sql![
        "(SELECT d.tenant_id, d.group_id, d.member_id, 'direct'::text AS type FROM memberships d UNION ALL \
            SELECT d.tenant_id, n.outer_id, d.member_id, 'indirect' FROM nested_groups(",
        Bind::Id(resources.tenant),
        ") n JOIN memberships d ON d.tenant_id = ",
        Bind::Id(resources.tenant),
        " AND d.group_id = n.inner_id \
            WHERE NOT EXISTS (SELECT FROM memberships x WHERE x.tenant_id = d.tenant_id AND x.group_id = n.outer_id \
                AND x.member_id = d.member_id))"
    ]
}

/// What an element of `members` or `groups` has under the sub-attribute that `target` names.
pub(super) fn source(resources: &Resources<'_>, target: &Resolved) -> Source {
    let of_group = resources.resource_type.name == "Group";
    let id = if of_group { "m.member_id" } else { "m.group_id" };
    let sub = target.leaf();
    match (sub.name.as_str(), sub.compares_exactly()) {
        ("display", true) => Source::text("o.display"),
        ("display", false) => Source::text("coalesce(o.display_key, o.name_key)"),
        ("type", _) if !of_group => Source::text("m.type"),
        ("type", true) => Source::text("o.resource_type"),
        // The names of resource types are ASCII.
        ("type", false) => Source::text("lower(o.resource_type)"),
        ("$ref", _) => {
            Source::text(sql!["(", Bind::Text(resources.base_url.to_owned()), " || ", ENDPOINT, " || '/' || ", id, ")"])
        }
        _ => Source::Id(id.into()),
    }
}
