//! Pieces of SQL: literals of this program, and values to be bound.

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::AstPass;
use diesel::sql_types::{Array, BigInt, Bool, Double, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

/// A value to be bound.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::store) enum Bind {
    /// `text`
    Text(String),
    /// `text[]`
    Texts(Vec<String>),
    /// `boolean`
    Boolean(bool),
    /// `bigint`
    Integer(i64),
    /// `double precision`
    Decimal(f64),
    /// `timestamptz`
    Instant(DateTime<Utc>),
    /// `uuid`
    Id(Uuid),
}

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Literal(&'static str),
    Bind(Bind),
}

/// A piece of a statement.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::store) struct Sql(Vec<Piece>);

impl Sql {
    /// The pieces one after the other.
    pub fn join(parts: impl IntoIterator<Item = Self>) -> Self {
        Self(parts.into_iter().flat_map(|part| part.0).collect())
    }

    /// The pieces with `separator` between them, in parentheses; `empty` if there are none.
    pub fn list(parts: impl IntoIterator<Item = Self>, separator: &'static str, empty: &'static str) -> Self {
        let mut pieces = Vec::new();
        for part in parts {
            pieces.push(Piece::Literal(if pieces.is_empty() { "(" } else { separator }));
            pieces.extend(part.0);
        }
        pieces.push(Piece::Literal(if pieces.is_empty() { empty } else { ")" }));
        Self(pieces)
    }

    /// Writes the pieces.
    pub fn walk<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => out.push_sql(text),
                Piece::Bind(Bind::Text(value)) => out.push_bind_param::<Text, _>(value)?,
                Piece::Bind(Bind::Texts(values)) => out.push_bind_param::<Array<Text>, _>(values)?,
                Piece::Bind(Bind::Boolean(value)) => out.push_bind_param::<Bool, _>(value)?,
                Piece::Bind(Bind::Integer(value)) => out.push_bind_param::<BigInt, _>(value)?,
                Piece::Bind(Bind::Decimal(value)) => out.push_bind_param::<Double, _>(value)?,
                Piece::Bind(Bind::Instant(value)) => out.push_bind_param::<Timestamptz, _>(value)?,
                Piece::Bind(Bind::Id(value)) => out.push_bind_param::<SqlUuid, _>(value)?,
            }
        }
        Ok(())
    }
}

impl From<&'static str> for Sql {
    fn from(literal: &'static str) -> Self {
        Self(vec![Piece::Literal(literal)])
    }
}

impl From<Bind> for Sql {
    fn from(value: Bind) -> Self {
        Self(vec![Piece::Bind(value)])
    }
}

/// Pieces of SQL one after the other: literals, [`Bind`] and [`Sql`].
macro_rules! sql {
    ($($part:expr),* $(,)?) => {
        $crate::store::filter_sql::Sql::join([$($crate::store::filter_sql::Sql::from($part)),*])
    };
}
pub(in crate::store) use sql;
