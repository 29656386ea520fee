//! A filter as it was sent.

use serde_json::Number;

use crate::scim::path::AttrPath;

/// The operators that compare with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompareOp {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `co`
    Contains,
    /// `sw`
    StartsWith,
    /// `ew`
    EndsWith,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
}

impl CompareOp {
    /// Reads an operator, in any case.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.as_str().eq_ignore_ascii_case(word))
    }

    /// The operator as it is written in a filter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
        }
    }

    /// Every operator, `eq` first.
    pub const ALL: [Self; 9] = [
        Self::Equal,
        Self::NotEqual,
        Self::Contains,
        Self::StartsWith,
        Self::EndsWith,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
    ];
}

/// `compValue` of the ABNF: a JSON literal.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A JSON number.
    Number(Number),
    /// A JSON string, unescaped.
    String(String),
}

/// A filter as it was sent. `position` is the byte offset in the text, for errors that the schema check finds.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them match.
    And(Vec<Filter>),
    /// One of them matches.
    Or(Vec<Filter>),
    /// It does not match.
    Not(Box<Filter>),
    /// `path pr`
    Present {
        /// The attribute.
        path: AttrPath,
        /// Where the path stands.
        position: usize,
    },
    /// `path op value`
    Compare {
        /// The attribute.
        path: AttrPath,
        /// The operator.
        op: CompareOp,
        /// The value to compare with.
        value: Literal,
        /// Where the path stands.
        position: usize,
    },
    /// `path[filter]`: one value of the attribute matches the inner filter. `path[filter].sub op value`, which Entra sends,
    /// is read as `path[filter and sub op value]`.
    ValuePath {
        /// The multi-valued or complex attribute.
        path: AttrPath,
        /// The filter on each value.
        filter: Box<Filter>,
        /// Where the path stands.
        position: usize,
    },
}
