//! Opening connections, with a short memory for failures.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel_async::AsyncPgConnection;

use crate::store::connect::{Purpose, connect};
use crate::store::{ConnectConfig, StoreError};

/// How long a failed attempt speaks for those that come after it, so that a database that is away costs nobody a wait.
const FAILURE_LASTS: Duration = Duration::from_millis(200);

/// Opens the connections of all lanes of a worker.
pub(in crate::store) struct Opener {
    config: ConnectConfig,
    failure: Mutex<Option<(Instant, StoreError)>>,
}

impl Opener {
    /// An opener that has not failed yet.
    pub fn new(config: ConnectConfig) -> Self {
        Self { config, failure: Mutex::new(None) }
    }

    /// A new connection, or at once the failure of an attempt just made.
    pub async fn open(&self, purpose: Purpose) -> Result<AsyncPgConnection, StoreError> {
        if let Some((at, error)) = &*self.failure.lock().unwrap_or_else(PoisonError::into_inner)
            && at.elapsed() < FAILURE_LASTS
        {
            return Err(error.clone());
        }
        let opened = connect(&self.config, purpose).await;
        let failure = opened.as_ref().err().map(|error| (Instant::now(), error.clone()));
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
        opened
    }
}
