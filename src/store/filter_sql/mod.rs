//! Filters and orders as SQL, whole: nothing of a filter is left to be run on the rows that come back.
//!
//! [`crate::scim::filter::CheckedFilter::matches`] says what a filter means, and a property test holds the two equal. The
//! resource is the row `r` of `resources`; an attribute is read from its typed column where there is one, else from `search`,
//! whose form [`crate::scim::resource::IndexEntry`] describes; members and groups are read from `memberships`.
//!
//! **Two-valued logic.** An absent attribute makes SQL's comparisons NULL, not false. Without NOT that makes no difference to a
//! WHERE clause, and indexes can be used as they are; so each NOT turns around `coalesce(inner, false)`, and nothing else does.
//!
//! **No text is ever pasted.** The text of a statement consists of literals of this module; names of attributes and values are
//! bound. Casts stand behind a check of the JSON type in a CASE, so that none can fail.

mod columns;
mod common;
mod memberships;
mod node;
mod order;
mod sql;
mod test;
mod text;

pub(super) use common::is_common;
pub(super) use node::{anchor, condition, member_condition};
pub(super) use order::{KeyType, SortKey, sort_key};
pub(super) use sql::{Bind, Sql, sql};

use uuid::Uuid;

use crate::scim::schema::ResourceType;

/// What the translation has to know about the resources.
pub(super) struct Resources<'a> {
    /// Whose they are.
    pub tenant: Uuid,
    /// Their type.
    pub resource_type: &'a ResourceType,
    /// The public base URL, without a slash at its end.
    pub base_url: &'a str,
}
