//! What the fuzz targets share: the sources they fuzz, what resources they try things on, and how long an input may take.
//!
//! The sources are those of scimgate itself. The protocol layer and the reading of files use nothing above them
//! (`tests/it/architecture.rs` holds them to that), so they can be compiled without a database or a server.

#[path = "../../../src/import/mod.rs"]
pub mod import;
#[path = "../../../src/scim/mod.rs"]
pub mod scim;

pub mod auth;
pub mod http;
pub mod model;

mod budget;
mod catalog;
mod resources;

pub use budget::within_budget;
pub use catalog::catalog;
pub use resources::{is_canonical, resources};

use scim::dialect::{Dialect, UnknownAttributes};

/// The two ways to treat what no schema defines.
pub fn dialects() -> [Dialect; 2] {
    [Dialect::default(), Dialect { unknown_attributes: UnknownAttributes::Refuse, ..Dialect::default() }]
}

/// A refusal tells what is wrong, and is the client's fault.
pub fn assert_is_refusal(error: &scim::ScimError) {
    assert!(matches!(error.status, 400 | 413) && !error.detail.is_empty(), "{error:?}");
}
