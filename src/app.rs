//! What one worker holds: built once, passed down. There are no globals.

pub mod import_file;
pub mod limits;
pub mod metrics;
pub mod refusals;

use std::rc::Rc;
use std::sync::Arc;

use self::limits::RateLimits;
use self::metrics::{Counts, Metrics};
use self::refusals::Refusals;
use crate::auth::federation::KeySets;
use crate::auth::{AccessTokens, Authenticator, Failures, RefusedSignIns, Sealer, Sessions, Watch, WorkerUses};
use crate::config::{Config, PublicUrl, is_http_on_loopback};
use crate::gateway::{FailureLog, Gateway};
use crate::model::Clock;
use crate::outbound::{HttpClient, OutboundError};
use crate::store::Store;

/// What all workers of the process share.
pub struct Process {
    /// How many requests are served.
    pub limits: RateLimits,
    /// Whose requests were refused by them.
    pub refusals: Refusals,
    /// Who sent wrong credentials.
    pub wrong_credentials: Arc<Failures>,
    /// Whose credentials were refused lately.
    pub refused_sign_ins: Arc<RefusedSignIns>,
    /// What the workers count.
    pub metrics: Arc<Metrics>,
    /// The keys of trusted issuers.
    pub key_sets: Arc<KeySets>,
}

impl Process {
    /// A process that has fetched nothing yet.
    ///
    /// # Errors
    /// That the machine's certificates cannot be read, so no request can go out.
    pub fn new(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, OutboundError> {
        let client = Arc::new(HttpClient::new(config.outbound.private)?);
        Ok(Self {
            limits: RateLimits::new(config.operations.rates),
            refusals: Refusals::default(),
            wrong_credentials: Arc::new(Failures::new(config.operations.failed_auth)),
            refused_sign_ins: Arc::default(),
            metrics: Arc::default(),
            key_sets: Arc::new(KeySets::new(client, clock)),
        })
    }
}

/// What a worker is given.
pub struct Worker {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Its own way to the database.
    pub store: Store,
    /// Seals secrets; `None` if no secret key is configured.
    pub sealer: Option<Arc<Sealer>>,
    /// What it shares with the other workers.
    pub process: Arc<Process>,
    /// Where it leaves requests that failed.
    pub failures: FailureLog,
    /// Where it remembers which credentials were used.
    pub uses: WorkerUses,
}

/// What all requests of one worker share.
pub struct App {
    /// What the server runs by.
    pub config: Arc<Config>,
    /// The base URL of the SCIM endpoints, without a slash at its end.
    pub base_url: Arc<str>,
    /// Whether sessions live in cookies without `Secure`, since clients reach us over plain HTTP on their own machine.
    pub has_plain_cookies: bool,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Signs and checks access tokens.
    pub access_tokens: Rc<AccessTokens>,
    /// Checks credentials.
    pub authenticator: Authenticator,
    /// Sessions of administrators.
    pub sessions: Sessions,
    /// For writes.
    pub gateway: Gateway,
    /// For reads.
    pub store: Store,
    /// What it counts.
    pub counts: Arc<Counts>,
    /// Where requests that failed are left, to be written.
    pub failures: FailureLog,
    /// Seals secrets for the database; `None` if no secret key is configured.
    pub sealer: Option<Arc<Sealer>>,
    /// What it shares with the other workers.
    pub process: Arc<Process>,
}

impl App {
    /// The URL under which people reach the server, without a slash at its end.
    pub fn public_url(&self) -> &str {
        self.base_url.strip_suffix("/scim/v2").unwrap_or(&self.base_url)
    }

    /// The `App` of a worker.
    pub fn new(config: Arc<Config>, public_url: &PublicUrl, worker: Worker) -> Self {
        let Worker { clock, store, sealer, process, failures, uses } = worker;
        let base_url: Arc<str> = public_url.scim_base().into();
        let issuer = public_url.to_string().into();
        let access_tokens = Rc::new(AccessTokens::new(store.clone(), issuer, base_url.clone()));
        Self {
            counts: process.metrics.join(store.clone()),
            config,
            has_plain_cookies: is_http_on_loopback(&base_url),
            base_url,
            authenticator: Authenticator::new(
                store.clone(),
                clock.clone(),
                access_tokens.clone(),
                process.key_sets.clone(),
                Watch { failures: process.wrong_credentials.clone(), refused: process.refused_sign_ins.clone(), uses },
            ),
            access_tokens,
            sessions: Sessions::new(store.clone(), clock.clone()),
            gateway: Gateway::new(store.clone(), clock.clone()).sealing(sealer.clone()),
            clock,
            store,
            sealer,
            process,
            failures,
        }
    }
}
