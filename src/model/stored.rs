//! A resource as the store keeps it and as an answer needs it.

use chrono::{DateTime, Utc};

use super::ResourceId;

/// A resource's version; rendered as a weak entity tag (RFC 7644, section 3.14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub i64);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "W/\"{}\"", self.0)
    }
}

/// A stored resource. `document` is the canonical resource as JSON text with its `id`, without `meta`, `members`, `groups`
/// and `password`; it is sent as it is, with what stands beside it here appended.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The resource's id.
    pub id: ResourceId,
    /// The canonical resource as JSON text.
    pub document: String,
    /// The groups that a user is in, ordered by id; empty unless asked for.
    pub groups: Vec<GroupRef>,
    /// The version.
    pub version: Version,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub modified_at: DateTime<Utc>,
}

/// A group that a user is in, itself or by way of groups in groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRef {
    /// The group.
    pub id: ResourceId,
    /// Its displayName.
    pub display: Option<String>,
    /// Whether the user is a member of it, and not only of groups inside it.
    pub is_direct: bool,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRef {
    /// The group.
    pub group: ResourceId,
    /// The member.
    pub id: ResourceId,
    /// The name of the member's resource type.
    pub resource_type: String,
    /// The member's displayName, else its userName.
    pub display: Option<String>,
}

/// A change of a group's members, with every id known to be one. `reset` empties the group first; then `remove` and `add`
/// apply. An id stands in one of the two lists alone, and both are sorted, so that concurrent changes lock in one order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MembersDelta {
    /// Whether all other members go.
    pub reset: bool,
    /// Who comes; members already there are left as they are.
    pub add: Vec<ResourceId>,
    /// Who goes.
    pub remove: Vec<ResourceId>,
}

impl MembersDelta {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        !self.reset && self.add.is_empty() && self.remove.is_empty()
    }
}
