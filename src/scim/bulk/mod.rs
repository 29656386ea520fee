//! Bulk requests (RFC 7644, section 3.7) as pure data and functions.
//!
//! A body becomes a [`BulkRequest`], in which each operation is either a call that a single request could have made or its
//! own error; with ids for the resources to be created that becomes a [`Plan`], in which no `bulkId:` reference is left and
//! the order is one in which every operation follows those it refers to. Nothing here knows how an operation is carried out.

mod order;
mod place;
mod plan;
mod references;
mod request;
#[cfg(test)]
mod tests;

pub use order::Unit;
pub use plan::{Plan, Planned};
pub use request::{BulkLimits, BulkRequest, Call, Method, Operation, Target};
