//! The keys that one worker knows.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::SigningKeys;
use crate::store::{Store, StoreError};

/// How long keys are taken as they were read; also the time within which the withdrawal of a key takes effect.
const LIFETIME: Duration = Duration::from_secs(2);
/// How long after a reading a key that is not there is not looked for again: anybody can name keys that do not exist.
const PAUSE: Duration = Duration::from_secs(1);

/// The keys of one worker, read when they are needed.
pub struct KeyRing {
    store: Store,
    known: RefCell<Option<(Instant, Arc<SigningKeys>)>>,
    is_reading: Cell<bool>,
}

/// Holds the turn to read, until it is dropped.
struct Turn<'a>(&'a Cell<bool>);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl KeyRing {
    /// No keys yet.
    pub fn new(store: Store) -> Self {
        Self { store, known: RefCell::default(), is_reading: Cell::new(false) }
    }

    /// The keys; read anew if those that are known are old, or if `is_there` misses one in them.
    pub async fn with(&self, is_there: impl Fn(&SigningKeys) -> bool) -> Result<Arc<SigningKeys>, StoreError> {
        let now = Instant::now();
        let known = self.known.borrow().clone();
        if let Some((since, keys)) = known {
            let age = now.duration_since(since);
            let is_good = age < PAUSE || (age < LIFETIME && is_there(&keys));
            if is_good || self.is_reading.get() {
                return Ok(keys);
            }
        }
        self.is_reading.set(true);
        let turn = Turn(&self.is_reading);
        let keys = Arc::new(self.store.signing_keys().await?);
        *self.known.borrow_mut() = Some((now, keys.clone()));
        drop(turn);
        Ok(keys)
    }

    /// Forgets the keys.
    pub fn forget(&self) {
        *self.known.borrow_mut() = None;
    }
}
