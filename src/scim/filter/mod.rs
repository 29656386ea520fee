//! Filters (RFC 7644, section 3.4.2.2): from text to a tree, from the tree to a filter that is known to fit a schema.
//!
//! A client's text becomes a [`Filter`], and with a resource type a [`CheckedFilter`], the only filter that the store
//! accepts.

mod ast;
mod checked;

pub use ast::{CompareOp, Filter, Literal};
pub use checked::{CheckedFilter, Node, Operand};
