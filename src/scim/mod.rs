//! SCIM 2.0 (RFC 7643, RFC 7644) as pure data and functions.
//!
//! Everything here is deterministic: no I/O, no clock, no randomness, no actix and no Diesel. What a tenant may choose
//! arrives as a [`dialect::Dialect`].

pub mod bulk;
pub mod date_time;
pub mod dialect;
pub mod discovery;
pub mod error;
pub mod explain;
pub mod filter;
pub mod fold;
pub mod json;
pub mod list;
pub mod patch;
pub mod path;
pub mod resource;
pub mod rules;
pub mod schema;
pub mod urn;

pub use error::{ScimError, ScimType};
