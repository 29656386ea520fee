//! What a listing is asked for, and what it answers.

use chrono::{DateTime, Utc};

use crate::model::{Action, ResourceId, Stored};
use crate::scim::filter::CheckedFilter;
use crate::scim::list::Position;
use crate::scim::schema::{Resolved, ResourceType};

/// What is wanted of one resource type.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The type.
    pub kind: &'a ResourceType,
    /// Which resources; all of the type if absent.
    pub filter: Option<&'a CheckedFilter>,
    /// The attribute to sort by; absent in all resources of the type if it is absent here and there in other parts.
    pub sort: Option<&'a Resolved>,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy)]
pub enum Start<'a> {
    /// Behind so many resources (`startIndex` - 1).
    Offset(u64),
    /// At the beginning of a walk that goes on by [`Listed::next`].
    Walk,
    /// At a place that [`Listed::next`] or [`Listed::previous`] named.
    Position(&'a Position),
}

/// A page of resources.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Of which types; at least one.
    pub parts: &'a [Part<'a>],
    /// Whether the greatest comes first. Resources without a value come last in ascending and first in descending order
    /// (RFC 7644, section 3.4.2.3); those with the same value come in the order of creation, and so does everything if
    /// nothing is sorted by.
    pub descending: bool,
    /// Where it begins.
    pub start: Start<'a>,
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
    /// Behind which member the page begins.
    pub after: Option<ResourceId>,
    /// How many more members stand before the page.
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
    /// Of which part each of them is; may be empty if there is one part alone.
    pub parts: Vec<usize>,
    /// Where the next page of a walk begins, if there is one.
    pub next: Option<Position>,
    /// Where the page before ends, if there may be one.
    pub previous: Option<Position>,
}

impl Listed {
    /// A page that no walk leads on from.
    pub fn of(total: u64, resources: Vec<Stored>) -> Self {
        Self { total, resources, parts: Vec::new(), next: None, previous: None }
    }

    /// The part that the resource at that place of the page belongs to.
    pub fn part(&self, index: usize) -> usize {
        self.parts.get(index).copied().unwrap_or(0)
    }
}

impl<'a> Part<'a> {
    /// All resources of a type, in the order of creation.
    pub fn all(kind: &'a ResourceType) -> Self {
        Self { kind, filter: None, sort: None }
    }
}

impl<'a> Page<'a> {
    /// The first `limit` resources.
    pub fn first(parts: &'a [Part<'a>], limit: u32) -> Self {
        Self { parts, descending: false, start: Start::Offset(0), limit, with_groups: false }
    }
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
