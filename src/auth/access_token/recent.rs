//! What was worked out a while ago: as much of it as was used last, within a bound.
//!
//! Two halves: what is used comes into the young one; once that is full it becomes the old one, and what was in the old one and
//! not used since is dropped. So what is used stays, and a flood of other things costs one pass through it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;

/// Entries of one half.
const HALF: usize = 2_048;

/// One worker's own: no lock.
pub struct Recent<K, V>(RefCell<Halves<K, V>>);

struct Halves<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash + Clone, V: Clone> Recent<K, V> {
    /// Nothing yet.
    pub fn new() -> Self {
        Self(RefCell::new(Halves { young: HashMap::new(), old: HashMap::new() }))
    }

    /// What is known of `key`.
    pub fn get(&self, key: &K) -> Option<V> {
        let mut halves = self.0.borrow_mut();
        if let Some(value) = halves.young.get(key) {
            return Some(value.clone());
        }
        let (key, value) = halves.old.remove_entry(key)?;
        halves.keep(key, value.clone());
        Some(value)
    }

    /// Keeps something.
    pub fn put(&self, key: K, value: V) {
        self.0.borrow_mut().keep(key, value);
    }
}

impl<K: Eq + Hash, V> Halves<K, V> {
    fn keep(&mut self, key: K, value: V) {
        if self.young.len() >= HALF {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_outlasts_a_flood() {
        let recent = Recent::new();
        recent.put(0, "kept");
        for key in 1..10 * HALF {
            recent.put(key, "");
            if key % (HALF / 2) == 0 {
                assert_eq!(recent.get(&0), Some("kept"), "{key}");
            }
        }
        assert_eq!(recent.get(&1), None);
        let halves = recent.0.borrow();
        assert!(halves.young.len() <= HALF && halves.old.len() <= HALF);
    }
}
