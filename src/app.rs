//! What one worker holds: built once, passed down. There are no globals.

use std::rc::Rc;
use std::sync::Arc;

use crate::auth::{AccessTokens, Authenticator, Sealer, Sessions, WorkerUses};
use crate::config::{Config, PublicUrl, is_http_on_loopback};
use crate::gateway::Gateway;
use crate::model::Clock;
use crate::store::Store;

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
    /// Seals secrets for the database; `None` if no secret key is configured.
    pub sealer: Option<Arc<Sealer>>,
}

/// What a worker's [`App`] is made of, besides the configuration.
pub struct WorkerParts {
    /// The worker's own store.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Seals secrets for the database.
    pub sealer: Option<Arc<Sealer>>,
    /// Where the worker remembers which credentials were used.
    pub uses: WorkerUses,
}

impl App {
    /// A worker's own `App`.
    pub fn new(config: Arc<Config>, public_url: &PublicUrl, parts: WorkerParts) -> Self {
        let WorkerParts { store, clock, sealer, uses } = parts;
        let base_url: Arc<str> = public_url.scim_base().into();
        let issuer = public_url.to_string().into();
        let access_tokens = Rc::new(AccessTokens::new(store.clone(), issuer, base_url.clone()));
        Self {
            config,
            has_plain_cookies: is_http_on_loopback(&base_url),
            base_url,
            authenticator: Authenticator::new(store.clone(), clock.clone(), access_tokens.clone(), uses),
            access_tokens,
            sessions: Sessions::new(store.clone(), clock.clone()),
            gateway: Gateway::new(store.clone(), clock.clone()),
            clock,
            store,
            sealer,
        }
    }
}
