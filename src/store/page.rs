//! What a listing is asked for, and what it answers.

use chrono::{DateTime, Utc};

use crate::model::{Action, Stored};
use crate::scim::filter::CheckedFilter;
use crate::scim::schema::Resolved;

/// A page of resources of one type.
#[derive(Debug, Clone, Copy, Default)]
pub struct Page<'a> {
    /// Which resources; all of the type if absent.
    pub filter: Option<&'a CheckedFilter>,
    /// The attribute to sort by, and whether the greatest comes first. Resources without a value come last in ascending and
    /// first in descending order (RFC 7644, section 3.4.2.3). Without it the order is that of creation.
    pub sort: Option<(&'a Resolved, bool)>,
    /// How many resources stand before the page (`startIndex` - 1).
    pub offset: u64,
    /// How many resources the page holds at most; 0 asks for the total alone.
    pub limit: u32,
    /// Whether [`Stored::groups`] is filled.
    pub with_groups: bool,
}

/// A page of the members of one group, in the order of their ids.
#[derive(Debug, Clone, Copy)]
pub struct MembersPage<'a> {
    /// Which members; it speaks of an element of `members`. All without it.
    pub filter: Option<&'a CheckedFilter>,
    /// How many members stand before the page.
    pub offset: u64,
    /// How many members the page holds at most; 0 asks for the total alone.
    pub limit: u32,
}

/// A page of resources, and how many there are in all.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// How many resources match.
    pub total: u64,
    /// Those of the page.
    pub resources: Vec<Stored>,
}

/// Which changes of a tenant to list, newest first.
#[derive(Debug, Clone, Copy)]
pub struct ChangeFilter {
    /// These alone.
    pub action: Option<Action>,
    /// From this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub to: Option<DateTime<Utc>>,
    /// At most so many.
    pub limit: u32,
}
