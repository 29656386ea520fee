//! Connections that all requests of a worker share.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use diesel_async::AsyncPgConnection;

use super::Opener;
use crate::store::StoreError;
use crate::store::connect::Purpose;

/// How many connections a worker shares. One already keeps a backend busy; the second covers the time in which the first one
/// prepares a statement.
pub(in crate::store) const CONNECTIONS: usize = 2;

/// The shared connections: opened when first needed and again when broken.
pub(in crate::store) struct Shared {
    opener: Arc<Opener>,
    slots: [Slot; CONNECTIONS],
    next: AtomicUsize,
}

#[derive(Default)]
struct Slot {
    open: Mutex<Option<Arc<AsyncPgConnection>>>,
    /// Held while the connection is being opened, so that one request does it and the others wait.
    opening: tokio::sync::Mutex<()>,
}

impl Shared {
    /// No connection yet.
    pub fn new(opener: Arc<Opener>) -> Self {
        Self { opener, slots: Default::default(), next: AtomicUsize::new(0) }
    }

    /// A connection to run a statement on, beside others.
    pub async fn get(&self) -> Result<Arc<AsyncPgConnection>, StoreError> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % CONNECTIONS;
        let [first, second] = &self.slots;
        self.open(if turn == 0 { first } else { second }).await
    }

    /// A connection in the place of one that was found broken. The others may be broken too, if the server was restarted, so
    /// they are no second chance.
    pub async fn replace(&self, broken: &Arc<AsyncPgConnection>) -> Result<Arc<AsyncPgConnection>, StoreError> {
        self.forget(broken);
        match self.slots.iter().find(|slot| lock(&slot.open).is_none()) {
            Some(empty) => self.open(empty).await,
            None => self.get().await,
        }
    }

    /// Forgets a connection that was found broken, if it has not been replaced already.
    pub fn forget(&self, broken: &Arc<AsyncPgConnection>) {
        for slot in &self.slots {
            let mut open = lock(&slot.open);
            if open.as_ref().is_some_and(|connection| Arc::ptr_eq(connection, broken)) {
                *open = None;
            }
        }
    }

    /// Forgets all connections: their server hangs. Statements that are under way keep theirs.
    pub fn forget_all(&self) {
        for slot in &self.slots {
            *lock(&slot.open) = None;
        }
    }

    async fn open(&self, slot: &Slot) -> Result<Arc<AsyncPgConnection>, StoreError> {
        if let Some(connection) = lock(&slot.open).clone() {
            return Ok(connection);
        }
        let _opening = slot.opening.lock().await;
        if let Some(connection) = lock(&slot.open).clone() {
            return Ok(connection);
        }
        let connection = Arc::new(self.opener.open(Purpose::Fixed).await?);
        *lock(&slot.open) = Some(connection.clone());
        Ok(connection)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
