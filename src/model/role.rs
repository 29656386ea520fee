//! Roles, which are groups.

use super::ResourceId;

/// A role that a group carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The roleId, folded.
    pub key: String,
    /// The group.
    pub group: ResourceId,
    /// The group as JSON text.
    pub document: String,
    /// How many users have it; not counted where it is not asked for.
    pub holders: u64,
}
