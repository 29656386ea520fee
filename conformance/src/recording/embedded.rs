//! The recordings that ship with this crate.

use super::{LoadError, Scenario, parse};

/// Name and text of every recording; a test holds the list against the folder.
const RECORDINGS: &[(&str, &str)] = &[];

/// The recordings that ship with this crate, in the order of their names.
///
/// # Errors
/// Never for a tested build: a test reads every one.
pub fn embedded() -> Result<Vec<Scenario>, LoadError> {
    RECORDINGS.iter().map(|(name, text)| parse(name, text)).collect()
}
