//! The rules of a tenant: held to on every write of a user, and changed.

mod change;
mod check;

pub use change::{RuleChange, RulesError};
