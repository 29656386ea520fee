//! What a request does to the members of a group.
//!
//! The operations of a request fold into one change, so that the store can run it as one statement without reading any
//! member. Applied to a set of members it means:
//!
//! ```text
//! after = ((reset ? {} : before) - remove - those that remove_matching selects) + add
//! ```
//!
//! which is what the operations mean one after the other, as long as each later operation takes back what it overrides:
//! adding takes the id out of `remove`; removing takes it out of `add`; a reset forgets all that was before it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::scim::filter::{CheckedFilter, Node};
use crate::scim::{ScimError, ScimType};

/// A change of members; see the module's head for the algebra. Ids are as the client wrote them and in order, so that
/// concurrent requests take row locks in the same order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MembersChange {
    /// Whether all present members leave first.
    pub reset: bool,
    /// Ids of those who are members afterwards.
    pub add: BTreeSet<String>,
    /// Ids of those who are not; empty if `reset`, and has no id in common with `add`.
    pub remove: BTreeSet<String>,
    /// Present members that one of these filters matches leave as well, unless `add` names them; empty if `reset`. A filter
    /// speaks about one element of `members`.
    pub remove_matching: Vec<CheckedFilter>,
}

impl MembersChange {
    /// The change that makes exactly these the members.
    pub fn replace_with(ids: impl IntoIterator<Item = String>) -> Self {
        Self { reset: true, add: ids.into_iter().collect(), ..Self::default() }
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        !self.reset && self.add.is_empty() && self.remove.is_empty() && self.remove_matching.is_empty()
    }

    /// The id is a member afterwards.
    pub fn add(&mut self, id: String) {
        self.remove.remove(&id);
        self.add.insert(id);
    }

    /// The id is no member afterwards.
    pub fn remove(&mut self, id: String) {
        self.add.remove(&id);
        if !self.reset {
            self.remove.insert(id);
        }
    }

    /// Nobody is a member afterwards.
    pub fn reset(&mut self) {
        *self = Self { reset: true, ..Self::default() };
    }

    /// Those that the filter matches are no members afterwards.
    ///
    /// # Errors
    /// 400 `noTarget` if members were added before and the filter asks for more than their ids, as nothing else is known of
    /// them here.
    pub fn remove_where(&mut self, filter: CheckedFilter) -> Result<(), ScimError> {
        if !self.add.is_empty() {
            if !is_about_ids(filter.node()) {
                return Err(ScimError::bad_request(
                    ScimType::NoTarget,
                    "members that the same request adds can be selected by their value alone; remove first, then add",
                ));
            }
            self.add.retain(|id| !filter.matches_element(&member(id)));
        }
        if !self.reset {
            self.remove_matching.push(filter);
        }
        Ok(())
    }
}

fn member(id: &str) -> Value {
    json!({ "value": id })
}

fn is_about_ids(node: &Node) -> bool {
    match node {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().all(is_about_ids),
        Node::Not(node) => is_about_ids(node),
        Node::Present(target) | Node::Compare { target, .. } => {
            target.sub.as_ref().is_some_and(|sub| sub.name == "value")
        }
        Node::ValuePath { .. } => false,
    }
}
