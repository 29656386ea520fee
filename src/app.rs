//! What one worker holds: built once, passed down. There are no globals.

pub mod limits;
pub mod metrics;

use std::sync::Arc;

use self::limits::RateLimits;
use self::metrics::{Counts, Metrics};
use crate::auth::{Authenticator, Failures};
use crate::config::Config;
use crate::gateway::Gateway;
use crate::model::Clock;
use crate::store::Store;

/// What all workers of the process share.
pub struct Process {
    /// How many requests are served.
    pub limits: RateLimits,
    /// Who sent wrong credentials.
    pub failures: Arc<Failures>,
    /// What the workers count.
    pub metrics: Arc<Metrics>,
}

impl Process {
    /// A process that has served nothing yet.
    pub fn new(config: &Config) -> Self {
        Self {
            limits: RateLimits::new(config.operations.rates),
            failures: Arc::new(Failures::new(config.operations.failed_auth)),
            metrics: Arc::default(),
        }
    }
}

/// What all requests of one worker share.
pub struct App {
    /// What the server runs by.
    pub config: Arc<Config>,
    /// The base URL of the SCIM endpoints, without a slash at its end.
    pub base_url: Arc<str>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Checks credentials.
    pub authenticator: Authenticator,
    /// For writes.
    pub gateway: Gateway,
    /// For reads.
    pub store: Store,
    /// What it shares with the other workers.
    pub process: Arc<Process>,
    /// What it counts.
    pub counts: Arc<Counts>,
}

impl App {
    /// A worker's own `App` on its own store.
    pub fn new(
        config: Arc<Config>,
        base_url: Arc<str>,
        clock: Arc<dyn Clock>,
        store: Store,
        process: Arc<Process>,
    ) -> Self {
        Self {
            counts: process.metrics.join(store.clone()),
            config,
            base_url,
            authenticator: Authenticator::new(store.clone(), clock.clone()),
            gateway: Gateway::new(store.clone(), clock.clone()),
            clock,
            store,
            process,
        }
    }
}
