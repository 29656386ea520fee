//! The order of a listing.

use super::Resources;
use super::columns::{Source, column, in_search, is_membership, sub_value};
use super::sql::{Sql, sql};
use crate::scim::schema::{AttributeType, Resolved};

/// The value of `r` that `target` sorts by: of several values the primary one, or else the first. NULL where there is none.
/// `None` for attributes that put nothing into an order.
pub(in crate::store) fn order(target: &Resolved, resources: &Resources<'_>) -> Option<Sql> {
    if is_membership(resources, target) {
        return None;
    }
    let value = match column(resources, target) {
        Some(Source::Text(text)) => return Some(text.sql),
        Some(Source::Boolean(value) | Source::Instant(value) | Source::Id(value)) => return Some(value),
        Some(Source::Json(value)) => value,
        None if target.attribute.multi_valued => sql![
            "(SELECT ",
            sub_value("e.v".into(), target),
            " FROM jsonb_path_query(",
            in_search(target),
            ", '$[*]') WITH ORDINALITY AS e (v, place) ORDER BY coalesce(e.v -> 'primary' = 'true', false) DESC, e.place LIMIT 1)"
        ],
        None => sub_value(in_search(target), target),
    };
    Some(match target.leaf().kind {
        AttributeType::Integer | AttributeType::Decimal => {
            sql!["CASE WHEN jsonb_typeof(", value.clone(), ") = 'number' THEN (", value, " #>> '{}')::numeric END"]
        }
        _ => sql!["(", value, " #>> '{}') COLLATE \"C\""],
    })
}
