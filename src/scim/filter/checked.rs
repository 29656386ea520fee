//! A filter that fits a resource type: every path resolved, every value of the attribute's type, strings folded where the
//! attribute compares without case.

use chrono::{DateTime, Utc};

use super::CompareOp;
use crate::scim::schema::Resolved;

/// A filter after the schema check. Made by [`CheckedFilter::parse`] and [`CheckedFilter::check`] alone, so whoever holds
/// one may run it.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedFilter(pub(super) Node);

impl CheckedFilter {
    /// The tree, for those who evaluate it or translate it.
    pub fn node(&self) -> &Node {
        &self.0
    }
}

/// A node of a checked filter. Each leaf is two-valued: an absent attribute makes it false, never unknown.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// All of them match.
    And(Vec<Node>),
    /// One of them matches.
    Or(Vec<Node>),
    /// It does not match.
    Not(Box<Node>),
    /// The attribute has a value. `eq null` and `ne null` are expressed through this node.
    Present(Resolved),
    /// A value of the attribute compares so. A complex attribute has been replaced by its `value` sub-attribute. Inside a
    /// [`Node::ValuePath`] the path is relative to the element: its `attribute` is the outer one and its `sub` the
    /// sub-attribute; a simple multi-valued attribute's element is addressed with `sub` = `None` (written `value`).
    Compare {
        /// The attribute.
        target: Resolved,
        /// The operator.
        op: CompareOp,
        /// The value, prepared for comparison.
        value: Operand,
    },
    /// One element of the attribute matches the inner filter as a whole.
    ValuePath {
        /// The attribute (`sub` is `None`).
        target: Resolved,
        /// The filter on the element.
        filter: Box<Node>,
    },
}

/// A value that a comparison uses.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// Text to be compared without case, folded by [`crate::scim::fold::fold`].
    Folded(String),
    /// Text to be compared as it is.
    Exact(String),
    /// A boolean.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Decimal(f64),
    /// An instant.
    Instant(DateTime<Utc>),
}
