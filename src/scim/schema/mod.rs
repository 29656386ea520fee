//! Schemas and resource types as data (RFC 7643, sections 2, 6 and 7).
//!
//! The engine knows no attribute by heart: core and extension schemas are read from definitions in the representation of
//! RFC 7643, section 7, and validation, filters, PATCH, projection and discovery all run on the same data.

mod attribute;
mod builtin;
mod catalog;
pub mod own;
mod resource_type;
mod role_types;

pub use attribute::{AttributeDefinition, AttributeType, Mutability, Returned, Uniqueness};
pub use builtin::{builtin, service_schemas};
pub use catalog::Catalog;
pub use resource_type::{Extension, Resolved, ResourceType, Schema};
pub use role_types::{RoleForm, RoleList};
