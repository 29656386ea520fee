//! The order of a list.

use super::Resources;
use super::columns::{Source, column, in_search, is_membership, sub_value};
use super::memberships;
use super::sql::{Bind, Sql, sql};
use crate::scim::schema::{AttributeType, Resolved};

/// What a value is sorted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum KeyType {
    /// `text`, in the collation `C`.
    Text,
    /// `numeric`
    Number,
    /// `boolean`
    Boolean,
    /// `timestamptz`
    Instant,
    /// `uuid`
    Id,
}

/// The value of the row `r` that a list is sorted by.
#[derive(Debug, Clone)]
pub(in crate::store) struct SortKey {
    /// NULL where there is none.
    pub sql: Sql,
    pub key_type: KeyType,
    /// Whether there may be none.
    pub is_nullable: bool,
}

impl KeyType {
    /// The value as text from which [`KeyType::parsed`] makes it again; the same on every connection.
    pub fn printed(self, value: Sql) -> Sql {
        match self {
            Self::Text => value,
            Self::Number | Self::Boolean | Self::Id => sql!["(", value, ")::text COLLATE \"C\""],
            // As `search` has instants.
            Self::Instant => {
                sql!["to_char(", value, " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') COLLATE \"C\""]
            }
        }
    }

    /// The value out of its text.
    pub fn parsed(self, text: &str) -> Sql {
        let text = Bind::Text(text.to_owned());
        match self {
            Self::Text => sql!["(", text, " COLLATE \"C\")"],
            Self::Number => sql![text, "::numeric"],
            Self::Boolean => sql![text, "::boolean"],
            Self::Instant => sql![text, "::timestamptz"],
            Self::Id => sql![text, "::uuid"],
        }
    }

    /// No value.
    pub fn absent(self) -> Sql {
        Sql::from(match self {
            Self::Text => "NULL::text COLLATE \"C\"",
            Self::Number => "NULL::numeric",
            Self::Boolean => "NULL::boolean",
            Self::Instant => "NULL::timestamptz",
            Self::Id => "NULL::uuid",
        })
    }
}

impl SortKey {
    /// The same order where another type sorts by something else of the same name.
    pub fn printed(self) -> Self {
        Self { sql: self.key_type.printed(self.sql), key_type: KeyType::Text, is_nullable: self.is_nullable }
    }
}

/// The value of `r` that `target` sorts by: of several values the primary one, or else the first. Text counts with its first
/// 1,000 characters, so that a cursor can hold it.
pub(in crate::store) fn sort_key(target: &Resolved, resources: &Resources<'_>) -> SortKey {
    let source = if is_membership(resources, target) {
        memberships::first(resources, memberships::source(resources, target))
    } else {
        let in_search = || Source::Json(first_value(target));
        column(resources, target).unwrap_or_else(in_search)
    };
    let name = target.attribute.name.as_str();
    let is_nullable =
        !matches!((name, resources.resource_type.name.as_str()), ("id" | "meta", _) | ("userName", "User"));
    let (sql, key_type) = match source {
        Source::Text(text) => (text.sql, KeyType::Text),
        Source::Boolean(value) => (value, KeyType::Boolean),
        Source::Instant(value) => (value, KeyType::Instant),
        Source::Id(value) => (value, KeyType::Id),
        Source::Json(value) => json_key(value, target.leaf().kind),
    };
    SortKey { sql, key_type, is_nullable: is_nullable || target.extension.is_some() }
}

/// The value in `search`, as `jsonb`.
fn first_value(target: &Resolved) -> Sql {
    let value = if target.attribute.multi_valued {
        sql![
            "(SELECT ",
            sub_value("e.v".into(), target),
            " FROM jsonb_path_query(",
            in_search(target),
            ", '$[*]') WITH ORDINALITY AS e (v, place) ORDER BY coalesce(e.v -> 'primary' = 'true', false) DESC, e.place LIMIT 1)"
        ]
    } else {
        sub_value(in_search(target), target)
    };
    let is_list = target.sub.as_ref().is_some_and(|sub| sub.multi_valued);
    if is_list { sql!["(", value, " -> 0)"] } else { value }
}

fn json_key(value: Sql, kind: AttributeType) -> (Sql, KeyType) {
    let of_type = |json_type: &'static str, cast: &'static str| {
        sql![
            "CASE WHEN jsonb_typeof(",
            value.clone(),
            ") = ",
            json_type,
            " THEN (",
            value.clone(),
            " #>> '{}')",
            cast,
            " END"
        ]
    };
    match kind {
        AttributeType::Integer | AttributeType::Decimal => (of_type("'number'", "::numeric"), KeyType::Number),
        AttributeType::Boolean => (of_type("'boolean'", "::boolean"), KeyType::Boolean),
        _ => (sql!["left(", value.clone(), " #>> '{}', 1000) COLLATE \"C\""], KeyType::Text),
    }
}
