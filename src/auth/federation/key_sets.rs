//! The key sets of all trusted issuers, which the workers of a process share.
//!
//! A set is fetched when it is first needed, again in the background when it is an hour old, and at once when a token names a
//! key that is not in it. No more than one fetch of a set runs at a time, and after each there is a pause, so that tokens with
//! made-up names of keys cannot turn us against the issuer. If a fetch fails the keys that are there serve on, for a day.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::jwk::{KeySet, KeySetError};
use crate::model::{Clock, JwksUrl};

/// The age from which keys are fetched again in the background.
const STALE: TimeDelta = TimeDelta::hours(1);
/// The age from which a token waits for fresh keys, so that a key that was withdrawn while nobody asked is not used once more.
const OLD: TimeDelta = TimeDelta::hours(2);
/// The age from which keys are not used, whatever keeps fresh ones away.
const DEAD: TimeDelta = TimeDelta::hours(24);
/// The pause after a fetch until an unknown key leads to another.
const PAUSE: TimeDelta = TimeDelta::seconds(60);
/// The pause after a fetch that failed.
const PAUSE_AFTER_FAILURE: TimeDelta = TimeDelta::seconds(10);
/// Sets at most; they belong to registered issuers alone.
const CAPACITY: usize = 1_024;

/// What a fetch ends with.
pub type Fetched<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, FetchError>> + Send + 'a>>;

/// Fetches key sets. Whoever implements it keeps away from private addresses and from answers without end.
pub trait FetchKeys: Send + Sync {
    /// The bytes that are at `url`.
    fn fetch<'a>(&'a self, url: &'a JwksUrl) -> Fetched<'a>;
}

/// Why a key set could not be had; for the log and for administrators, not for clients.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FetchError(pub String);

impl From<KeySetError> for FetchError {
    fn from(error: KeySetError) -> Self {
        Self(error.to_string())
    }
}

/// The key sets of a process.
pub struct KeySets {
    fetch: Arc<dyn FetchKeys>,
    clock: Arc<dyn Clock>,
    slots: Mutex<HashMap<JwksUrl, Arc<Slot>>>,
}

/// One key set.
#[derive(Default)]
struct Slot {
    state: Mutex<State>,
    /// Held while it is fetched.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default, Clone)]
struct State {
    keys: Option<(Arc<KeySet>, DateTime<Utc>)>,
    /// When the last fetch ended, and why it failed.
    tried: Option<(DateTime<Utc>, Option<FetchError>)>,
}

impl State {
    /// The keys, if they may be used at `now`.
    fn usable(&self, now: DateTime<Utc>) -> Result<Arc<KeySet>, FetchError> {
        match &self.keys {
            Some((keys, since)) if now - *since < DEAD => Ok(keys.clone()),
            _ => Err(self.failure()),
        }
    }

    fn failure(&self) -> FetchError {
        let error = self.tried.as_ref().and_then(|(_, error)| error.clone());
        error.unwrap_or_else(|| FetchError("the keys are too old and no fresh ones came".into()))
    }

    /// Whether another fetch would come too soon.
    fn rests(&self, now: DateTime<Utc>) -> bool {
        let pause = |error: &Option<_>| if error.is_some() { PAUSE_AFTER_FAILURE } else { PAUSE };
        self.tried.as_ref().is_some_and(|(at, error)| now - *at < pause(error))
    }
}

impl KeySets {
    /// Sets that are fetched by `fetch`.
    pub fn new(fetch: Arc<dyn FetchKeys>, clock: Arc<dyn Clock>) -> Self {
        Self { fetch, clock, slots: Mutex::default() }
    }

    /// The keys at `url`.
    ///
    /// # Errors
    /// That they cannot be had, and none are known that are not too old.
    pub async fn get(&self, url: &JwksUrl) -> Result<Arc<KeySet>, FetchError> {
        let slot = self.slot(url);
        let (state, now) = (lock(&slot.state).clone(), self.clock.now());
        match &state.keys {
            Some((keys, since)) if now - *since < OLD => {
                if now - *since >= STALE && !state.rests(now) && slot.turn.try_lock().is_ok() {
                    tokio::spawn(self.renewal(slot, url.clone()));
                }
                Ok(keys.clone())
            }
            _ => self.renewed(slot, url).await,
        }
    }

    /// The keys at `url`; fetched anew, unless that was done a moment ago, if `kid` is not among them.
    ///
    /// # Errors
    /// As [`KeySets::get`].
    pub async fn with_key(&self, url: &JwksUrl, kid: Option<&str>) -> Result<Arc<KeySet>, FetchError> {
        let keys = self.get(url).await?;
        if keys.has(kid) { Ok(keys) } else { self.renewed(self.slot(url), url).await }
    }

    fn slot(&self, url: &JwksUrl) -> Arc<Slot> {
        let mut slots = lock(&self.slots);
        if slots.len() >= CAPACITY && !slots.contains_key(url) {
            slots.clear();
        }
        slots.entry(url.clone()).or_default().clone()
    }

    /// Waits until the keys are fetched anew. In a task of its own, so that a client that goes away ends no fetch that
    /// others wait for.
    async fn renewed(&self, slot: Arc<Slot>, url: &JwksUrl) -> Result<Arc<KeySet>, FetchError> {
        let renewal = tokio::spawn(self.renewal(slot.clone(), url.clone()));
        if renewal.await.is_err() {
            log::error!("the fetch of the keys at {url} panicked");
        }
        let (state, now) = (lock(&slot.state).clone(), self.clock.now());
        state.usable(now)
    }

    /// Fetches the keys, after whoever does so now, and not if a fetch ended a moment ago.
    fn renewal(&self, slot: Arc<Slot>, url: JwksUrl) -> impl Future<Output = ()> + Send + 'static {
        let (fetch, clock) = (self.fetch.clone(), self.clock.clone());
        async move {
            let _turn = slot.turn.lock().await;
            if lock(&slot.state).rests(clock.now()) {
                return;
            }
            let fetched = fetch.fetch(&url).await.and_then(|bytes| Ok(KeySet::parse(&bytes)?));
            let now = clock.now();
            let mut state = lock(&slot.state);
            match fetched {
                Ok(keys) => {
                    // The same keys stay the same value: what was checked with them needs no second check.
                    let known = state.keys.take().map(|(known, _)| known).filter(|known| known.is_same(&keys));
                    state.keys = Some((known.unwrap_or_else(|| Arc::new(keys)), now));
                    state.tried = Some((now, None));
                }
                Err(error) => {
                    log::warn!("the keys at {url} could not be fetched: {error}");
                    state.tried = Some((now, Some(error)));
                }
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::json;

    use super::*;
    use crate::model::{FixedClock, PlainHttp};

    /// An issuer that publishes one key of the name that it is told to, or nothing.
    #[derive(Default)]
    struct Issuer {
        asked: AtomicUsize,
        kid: Mutex<Option<&'static str>>,
        /// Answers are given while nobody holds it.
        gate: tokio::sync::Mutex<()>,
    }

    impl FetchKeys for Issuer {
        fn fetch<'a>(&'a self, _: &'a JwksUrl) -> Fetched<'a> {
            Box::pin(async {
                self.asked.fetch_add(1, Ordering::SeqCst);
                let _gate = self.gate.lock().await;
                let kid = *lock(&self.kid);
                let kid = kid.ok_or_else(|| FetchError("it is down".into()))?;
                let key = json!({"kty": "OKP", "crv": "Ed25519", "x": "AQAB", "kid": kid});
                Ok(json!({"keys": [key]}).to_string().into_bytes())
            })
        }
    }

    impl Issuer {
        fn publish(&self, kid: Option<&'static str>) {
            *lock(&self.kid) = kid;
        }

        fn asked(&self) -> usize {
            self.asked.load(Ordering::SeqCst)
        }
    }

    fn start(kid: Option<&'static str>) -> (Arc<Issuer>, Arc<FixedClock>, Arc<KeySets>, JwksUrl) {
        let issuer = Arc::new(Issuer::default());
        issuer.publish(kid);
        let clock = Arc::new(FixedClock::new(DateTime::UNIX_EPOCH));
        let sets = Arc::new(KeySets::new(issuer.clone(), clock.clone()));
        (issuer, clock, sets, JwksUrl::parse("https://login.example.com/keys", PlainHttp::Refused).unwrap())
    }

    #[tokio::test]
    async fn an_unknown_key_is_asked_for_once_a_minute() {
        let (issuer, clock, sets, url) = start(Some("a"));
        for _ in 0..5 {
            assert!(!sets.with_key(&url, Some("made up")).await.unwrap().has(Some("made up")));
        }
        assert_eq!(issuer.asked(), 1);
        issuer.publish(Some("b"));
        assert!(sets.with_key(&url, Some("b")).await.unwrap().has(Some("a")), "it was asked within the minute");
        clock.advance(PAUSE);
        assert!(sets.with_key(&url, Some("b")).await.unwrap().has(Some("b")));
        assert_eq!(issuer.asked(), 2);
    }

    #[tokio::test]
    async fn many_who_wait_are_one_fetch() {
        let (issuer, _, sets, url) = start(Some("a"));
        let gate = issuer.gate.lock().await;
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let (sets, url) = (sets.clone(), url.clone());
                tokio::spawn(async move { sets.get(&url).await.is_ok() })
            })
            .collect();
        while issuer.asked() == 0 {
            tokio::task::yield_now().await;
        }
        drop(gate);
        for one in waiting {
            assert!(one.await.unwrap());
        }
        assert_eq!(issuer.asked(), 1);
    }

    #[tokio::test]
    async fn keys_of_an_hour_serve_while_fresh_ones_come() {
        let (issuer, clock, sets, url) = start(Some("a"));
        let first = sets.get(&url).await.unwrap();
        clock.advance(STALE);
        issuer.publish(Some("b"));
        assert!(Arc::ptr_eq(&first, &sets.get(&url).await.unwrap()));
        while !sets.get(&url).await.unwrap().has(Some("b")) {
            tokio::task::yield_now().await;
        }
        assert_eq!(issuer.asked(), 2);
    }

    #[tokio::test]
    async fn the_same_keys_stay_the_same_value() {
        let (_, clock, sets, url) = start(Some("a"));
        let first = sets.get(&url).await.unwrap();
        clock.advance(OLD);
        assert!(Arc::ptr_eq(&first, &sets.get(&url).await.unwrap()));
    }

    #[tokio::test]
    async fn a_withdrawn_key_is_not_used_after_a_night_without_requests() {
        let (issuer, clock, sets, url) = start(Some("a"));
        sets.get(&url).await.unwrap();
        issuer.publish(Some("b"));
        clock.advance(OLD);
        assert!(!sets.get(&url).await.unwrap().has(Some("a")));
    }

    #[tokio::test]
    async fn old_keys_serve_for_a_day_while_the_issuer_is_down() {
        let (issuer, clock, sets, url) = start(Some("a"));
        sets.get(&url).await.unwrap();
        issuer.publish(None);
        clock.advance(DEAD - TimeDelta::seconds(1));
        assert!(sets.get(&url).await.unwrap().has(Some("a")));
        clock.advance(TimeDelta::seconds(1));
        assert_eq!(sets.get(&url).await.unwrap_err(), FetchError("it is down".into()));
        issuer.publish(Some("a"));
        clock.advance(PAUSE_AFTER_FAILURE);
        assert!(sets.get(&url).await.unwrap().has(Some("a")));
    }

    #[tokio::test]
    async fn an_issuer_that_is_down_is_left_in_peace_for_a_moment() {
        let (issuer, clock, sets, url) = start(None);
        for _ in 0..5 {
            assert!(sets.get(&url).await.is_err());
        }
        assert_eq!(issuer.asked(), 1);
        clock.advance(PAUSE_AFTER_FAILURE);
        issuer.publish(Some("a"));
        assert!(sets.get(&url).await.is_ok());
    }
}
