//! Filters (RFC 7644, section 3.4.2.2): from text to a tree, from the tree to a filter that is known to fit a schema, and
//! what such a filter means.
//!
//! A client's text becomes a [`Filter`], and with a resource type a [`CheckedFilter`], the only filter that the store
//! accepts. [`CheckedFilter::matches`] is the meaning of a filter; a translation to SQL has to agree with it.

mod ast;
mod check;
mod checked;
mod error;
mod eval;
mod lexer;
mod operand;
mod parser;
mod print;
#[cfg(test)]
pub(crate) mod strategies;
#[cfg(test)]
mod tests;

pub use ast::{CompareOp, Filter, Literal};
pub(in crate::scim) use check::{resolve_comparable, resolve_simple};
pub use checked::{CheckedFilter, Node, Operand};
pub use error::{FilterError, FilterErrorKind, Found};
pub(in crate::scim) use parser::Parser;

/// The longest text of a filter or a path, in bytes.
pub const MAX_LENGTH: usize = 8 * 1024;
/// How deep parentheses and brackets may nest.
pub const MAX_DEPTH: usize = 32;
/// The most comparisons in a filter.
pub const MAX_TERMS: usize = 200;
