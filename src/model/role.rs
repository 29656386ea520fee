//! Roles, which are groups.

use serde_json::Value;

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

impl Role {
    /// The attributes that a role's extension requires: paths.
    pub fn requires(extension: &Value) -> impl Iterator<Item = &str> {
        let told = extension.get("requires").and_then(Value::as_str).unwrap_or_default();
        told.split(',').map(str::trim).filter(|path| !path.is_empty())
    }

    /// The attributes that a role's extension wants to name something, each with the name of the resource type. What is not of
    /// that form asks for nothing.
    pub fn references(extension: &Value) -> impl Iterator<Item = (&str, &str)> {
        let told = extension.get("references").and_then(Value::as_str).unwrap_or_default();
        let pairs = told.split(',').filter_map(|pair| pair.split_once('='));
        pairs
            .map(|(path, wanted)| (path.trim(), wanted.trim()))
            .filter(|(path, wanted)| !path.is_empty() && !wanted.is_empty())
    }
}
