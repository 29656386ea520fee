//! What was looked up a moment ago: credentials, and those who could be trusted with one.
//!
//! Without it every request would ask the database twice. An entry holds for [`LIFETIME`], counted from before its look-up
//! began, so a revocation takes effect within that time in every process, with no message between them. One look-up a second
//! and token is nothing beside the requests that need it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// How long an entry holds; also the time within which a revocation takes effect.
const LIFETIME: Duration = Duration::from_secs(1);

/// Entries at most. Ids that exist nowhere are remembered too, so a flood of made-up ids must not grow the table.
const CAPACITY: usize = 4_096;

/// What was found under ids, one worker's own: no lock, no bytes between threads.
pub(super) struct Cache<K, T>(RefCell<HashMap<K, Entry<T>>>);

struct Entry<T> {
    since: Instant,
    found: Option<T>,
}

impl<K: Eq + Hash, T: Clone> Cache<K, T> {
    pub fn new() -> Self {
        Self(RefCell::new(HashMap::new()))
    }

    /// What was found under `id`, `Some(None)` if that was nothing; `None` if it has to be looked up.
    pub fn get(&self, id: K, now: Instant) -> Option<Option<T>> {
        let entries = self.0.borrow();
        let entry = entries.get(&id)?;
        (now.duration_since(entry.since) < LIFETIME).then(|| entry.found.clone())
    }

    /// Keeps what a look-up that began at `since` found.
    pub fn put(&self, id: K, since: Instant, found: Option<T>) {
        let mut entries = self.0.borrow_mut();
        if entries.len() >= CAPACITY {
            entries.retain(|_, entry| since.duration_since(entry.since) < LIFETIME);
        }
        if entries.len() >= CAPACITY {
            entries.clear();
        }
        entries.insert(id, Entry { since, found });
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::model::CredentialId;

    fn id() -> CredentialId {
        CredentialId::new(DateTime::UNIX_EPOCH)
    }

    #[test]
    fn an_entry_holds_for_a_second() {
        let (cache, start, known, unknown) = (Cache::new(), Instant::now(), id(), id());
        cache.put(known, start, Some(7));
        cache.put(unknown, start, None);
        let soon = start + Duration::from_millis(999);
        assert_eq!(cache.get(known, soon), Some(Some(7)));
        assert_eq!(cache.get(unknown, soon), Some(None));
        assert_eq!(cache.get(id(), soon), None);
        assert_eq!(cache.get(known, start + LIFETIME), None);
    }

    #[test]
    fn a_flood_of_ids_does_not_grow_it() {
        let (cache, start) = (Cache::<CredentialId, u8>::new(), Instant::now());
        for _ in 0..3 * CAPACITY {
            cache.put(id(), start, None);
        }
        assert!(cache.0.borrow().len() <= CAPACITY);
    }
}
