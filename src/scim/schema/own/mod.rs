//! What a tenant registers: schemas and resource types of its own, as JSON in the representation of RFC 7643, sections 6
//! and 7, and rules on top of them.
//!
//! A file is read strictly, so that a misspelt characteristic is told and not ignored; what was read once is kept in the
//! same representation and read back without that. Whether resources that are there already fit is not asked here.

mod problems;
mod provisioning;
mod registry;
mod resource_type;
mod schema;
#[cfg(test)]
mod tests;

pub use problems::InvalidDefinition;
pub(in crate::scim) use problems::{NAME, Object, Problems, is_name};
pub use provisioning::{ORGANIZATION, register as register_provisioning};
pub use registry::Registry;
pub use resource_type::ResourceTypeDefinition;
pub use schema::{kept_schema, read_schema};

/// How many schemas a tenant may register.
pub const MAX_SCHEMAS: usize = 50;
/// How many resource types a tenant may register, extended built-in ones included.
pub const MAX_RESOURCE_TYPES: usize = 50;
/// How many attributes a schema may have, and how many sub-attributes an attribute.
pub const MAX_ATTRIBUTES: usize = 200;
/// How many canonical values an attribute may have.
pub const MAX_CANONICAL_VALUES: usize = 1_000;
/// The longest name of a schema, resource type, attribute or endpoint, in bytes.
pub const MAX_NAME: usize = 64;
/// The longest URN of a schema, in bytes.
pub const MAX_URN: usize = 256;
/// The longest description or canonical value, in bytes.
pub const MAX_TEXT: usize = 2_048;
/// The largest file, in bytes.
pub const MAX_FILE: usize = 256 << 10;
