//! The checked form of an operation: what is to be done, with no path left to resolve and no value left to check.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::scim::filter::CheckedFilter;
use crate::scim::schema::{Resolved, Schema};

/// One change of a resource.
#[derive(Debug, Clone)]
pub(super) enum Edit {
    /// An attribute changes.
    Attribute {
        /// The attribute (`sub` is `None`).
        target: Resolved,
        /// How.
        change: Box<Change>,
    },
    /// All attributes of an extension are unassigned.
    RemoveExtension(Arc<Schema>),
}

impl Edit {
    /// The top-level name that it changes: the attribute's, or of an extension the URN.
    pub fn touches(&self) -> &str {
        match self {
            Self::Attribute { target, .. } => match &target.extension {
                Some(uri) => uri.as_str(),
                None => &target.attribute.name,
            },
            Self::RemoveExtension(extension) => extension.uri.as_str(),
        }
    }
}

/// How an attribute changes. Values are canonical.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// It has this value and no other; a multi-valued attribute this list.
    Set(Value),
    /// Sub-attributes of a single complex value change, the others stay.
    Merge(SubValues),
    /// It has no value.
    Unassign,
    /// Elements join the list.
    Append(Vec<Value>),
    /// The elements that are like one of these leave the list.
    RemoveLike(Vec<Value>),
    /// Some elements of a list change.
    Elements {
        /// Which.
        selection: Selection,
        /// How.
        change: ElementChange,
    },
    /// It is read-only and was sent by its path: fine if this is what the resource has already.
    Confirm(Value),
}

/// New values of sub-attributes by the names of their definitions; null means unassigned.
pub(super) type SubValues = Map<String, Value>;

/// Which elements of a list.
#[derive(Debug, Clone)]
pub(super) enum Selection {
    /// Each of them: a path names a sub-attribute without a filter.
    Each,
    /// Those that a filter matches.
    Matching(Selector),
}

/// The filter of a value path.
#[derive(Debug, Clone)]
pub(super) struct Selector {
    /// The filter on an element.
    pub filter: CheckedFilter,
    /// What an element begins with that is created because none matches; `None` if the filter does not allow that.
    pub seed: Option<Map<String, Value>>,
    /// The sub-attributes that the filter demands a certain value of.
    pub pinned: Vec<String>,
}

/// What happens to an element.
#[derive(Debug, Clone)]
pub(super) enum ElementChange {
    /// It leaves the list.
    Remove,
    /// Sub-attributes change, the others stay.
    Merge(SubValues),
    /// It becomes this value.
    Replace(Value),
}
