//! What administrative acts tell of what they changed.

use serde_json::{Map, Value, json};

/// What differs between what is shown of a thing before and after, each with both values.
pub(super) fn differences(before: Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let pairs = before.into_iter().filter_map(|(name, old)| {
        let new = after.get(&name)?;
        (*new != old).then(|| (name, json!({ "old": old, "new": new })))
    });
    pairs.collect()
}
