//! A tenant's rules: what a user must have, on a condition.
//!
//! A rule says for whom it is (`when`, a filter over users), what these must have (`require`: attributes, or conditions as
//! filters), whether it holds the other way round too (`andViceVersa`), and which attributes must name resources that are there
//! (`references`). It is read strictly from JSON, checked against the tenant's resource types, and then evaluated in memory.
//! Whether a resource is there is asked elsewhere: what a rule wants to know is handed out as [`Asked`]. No I/O may enter.

mod check;
mod definition;
mod evaluate;
mod findings;
#[cfg(test)]
mod tests;

pub use definition::{MAX_RULES, ReferenceDefinition, RuleDefinition};
pub use evaluate::is_locked_out;
pub use findings::{Asked, Findings, Offence, Referred};

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::filter::CheckedFilter;
use super::schema::Resolved;

/// What kind of offence a rule tells programs of: a closed list, of which a rule may choose its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleCode {
    /// Attributes are missing.
    MissingRequiredAttributes,
    /// A user with a resource needs the role for it, and the other way round.
    UsersNeedResourceRole,
    /// A condition is not met.
    RuleBroken,
    /// Something is referred to that is not there.
    UnknownReference,
}

/// The rules of a tenant, ready to be evaluated.
#[derive(Debug, Clone, Default)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them wants to know of other resources.
    pub fn have_references(&self) -> bool {
        self.0.iter().any(|rule| !rule.references.is_empty())
    }
}

/// One rule that fits the tenant's resource types.
#[derive(Debug, Clone)]
struct Rule {
    definition: Arc<RuleDefinition>,
    /// For whom it is; for everybody if there is no condition.
    when: Option<CheckedFilter>,
    require: Vec<Requirement>,
    /// What those must have who have all that is required; empty if the rule holds in one direction.
    converse: Vec<Requirement>,
    references: Vec<Reference>,
}

/// One thing that a user must have or meet.
#[derive(Debug, Clone)]
struct Requirement {
    /// As it is told: the attribute's path, or a filter.
    text: String,
    is_attribute: bool,
    filter: CheckedFilter,
}

/// An attribute whose values are ids of resources that must be there.
#[derive(Debug, Clone)]
struct Reference {
    path: String,
    target: Resolved,
    to: Arc<Referred>,
}
