//! What becomes of those who send wrong credentials.
//!
//! A secret of 256 bits cannot be guessed, but attempts cost look-ups and drown the log. So failures are counted for each
//! client address and for each credential, on this node and for all its workers. Past the limit they are answered with 429 at
//! once, and each further round doubles the wait. Nobody else is locked out by that:
//!
//!  - a credential that proved right lately is looked up whatever its address did, and was answered from memory anyhow;
//!  - what is counted for a credential only changes the answer to wrong secrets, never that to the right one;
//!  - an address that is told to wait concerns credentials that this node has not seen yet, and no other address.
//!
//! Credentials that this node has never seen share a budget of look-ups, so that even many addresses with made-up ones are no
//! load on the database. Every table is bounded.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::CredentialId;

/// The time in which failures are counted.
const WINDOW: TimeDelta = TimeDelta::minutes(1);
/// The first wait; each further one is twice as long.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(5);
/// The longest wait; also how long without a failure makes everything forgotten.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(15);
/// How long a credential that proved right is known as such.
const PROVEN: TimeDelta = TimeDelta::hours(24);
/// Entries of each table.
const CAPACITY: usize = 16_384;
/// Look-ups of credentials never seen: so many a second, and at once.
const LOOKUPS_A_SECOND: f64 = 100.0;
const LOOKUPS_AT_ONCE: f64 = 1_000.0;

/// Whom a client pretends to be, as far as that can be told before anything is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Claimed {
    /// The holder of that credential.
    Credential(CredentialId),
    /// Somebody whose credential a look-up would tell: the digest of what its token says of it.
    Identity([u8; 32]),
}

/// The failures of one process.
pub struct Failures {
    limit: Option<NonZeroU32>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    addresses: Table<IpAddr>,
    credentials: Table<CredentialId>,
    proven: HashMap<Claimed, DateTime<Utc>>,
    /// Look-ups left, and when that was worked out.
    lookups: Option<(f64, DateTime<Utc>)>,
}

/// What is known of those who failed.
struct Table<K> {
    records: HashMap<K, Record>,
    /// When a full table was last gone through for what can be forgotten.
    swept: Option<DateTime<Utc>>,
}

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self { records: HashMap::new(), swept: None }
    }
}

#[derive(Clone, Copy)]
struct Record {
    since: DateTime<Utc>,
    count: u32,
    /// Waits that were given.
    waits: u32,
    until: DateTime<Utc>,
    last: DateTime<Utc>,
}

impl Failures {
    /// So many a minute are answered as usual; with `None` all of them.
    pub fn new(limit: Option<NonZeroU32>) -> Self {
        Self { limit, state: Mutex::default() }
    }

    /// Asked before a credential is looked up.
    ///
    /// # Errors
    /// How long the client has to wait.
    pub fn admit(&self, address: Option<IpAddr>, claimed: Claimed, now: DateTime<Utc>) -> Result<(), Duration> {
        if self.limit.is_none() {
            return Ok(());
        }
        let mut state = self.state();
        if state.proven.get(&claimed).is_some_and(|at| now - *at < PROVEN) {
            return Ok(());
        }
        if let Some(wait) = address.and_then(|address| state.addresses.wait(&network(address), now)) {
            return Err(wait);
        }
        state.take_lookup(now)
    }

    /// Notes a failure. Answers how long the client has to wait, if it is one too many.
    pub fn failed(
        &self,
        address: Option<IpAddr>,
        credential: Option<CredentialId>,
        now: DateTime<Utc>,
    ) -> Option<Duration> {
        let limit = self.limit?.get();
        let mut state = self.state();
        let of_address = address.and_then(|address| state.addresses.note(network(address), limit, now));
        let of_credential = credential.and_then(|credential| state.credentials.note(credential, limit, now));
        of_address.max(of_credential)
    }

    /// Notes that somebody proved to be who it pretends to be.
    pub fn succeeded(&self, claimed: Claimed, now: DateTime<Utc>) {
        if self.limit.is_none() {
            return;
        }
        let proven = &mut self.state().proven;
        if proven.len() >= CAPACITY && !proven.contains_key(&claimed) {
            proven.retain(|_, at| now - *at < PROVEN);
            if proven.len() >= CAPACITY {
                proven.clear();
            }
        }
        proven.insert(claimed, now);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_lookup(&mut self, now: DateTime<Utc>) -> Result<(), Duration> {
        let (left, at) = self.lookups.unwrap_or((LOOKUPS_AT_ONCE, now));
        let seconds = (now - at).as_seconds_f64().max(0.0);
        let left = (left + seconds * LOOKUPS_A_SECOND).min(LOOKUPS_AT_ONCE);
        let is_left = left >= 1.0;
        self.lookups = Some((if is_left { left - 1.0 } else { left }, now));
        if is_left { Ok(()) } else { Err(Duration::from_secs(1)) }
    }
}

impl<K: Hash + Eq> Table<K> {
    /// How long somebody still has to wait.
    fn wait(&self, key: &K, now: DateTime<Utc>) -> Option<Duration> {
        self.records.get(key)?.wait(now)
    }

    /// Notes a failure, and answers how long to wait.
    fn note(&mut self, key: K, limit: u32, now: DateTime<Utc>) -> Option<Duration> {
        if self.records.len() >= CAPACITY && !self.records.contains_key(&key) {
            self.sweep(now);
            if self.records.len() >= CAPACITY {
                // Nobody can be told apart any more; the budget of look-ups still holds.
                return None;
            }
        }
        let fresh = Record { since: now, count: 0, waits: 0, until: now, last: now };
        self.records.entry(key).or_insert(fresh).note(limit, now)
    }

    /// Forgets who has nothing to wait for, once a second at most: a flood should not make us go through the table each time.
    fn sweep(&mut self, now: DateTime<Utc>) {
        if self.swept.is_none_or(|swept| (now - swept).abs() >= TimeDelta::seconds(1)) {
            self.swept = Some(now);
            self.records.retain(|_, record| record.wait(now).is_some() || (now - record.last).abs() < WINDOW);
        }
    }
}

impl Record {
    /// A wait never exceeds the longest one, so a clock that is set back locks nobody out.
    fn wait(&self, now: DateTime<Utc>) -> Option<Duration> {
        let wait = (self.until - now).min(LONGEST_WAIT);
        (wait > TimeDelta::zero()).then(|| wait.to_std().unwrap_or_default())
    }

    fn note(&mut self, limit: u32, now: DateTime<Utc>) -> Option<Duration> {
        if let Some(wait) = self.wait(now) {
            return Some(wait);
        }
        if (now - self.last).abs() > LONGEST_WAIT {
            self.waits = 0;
        }
        if (now - self.since).abs() > WINDOW {
            (self.since, self.count) = (now, 0);
        }
        self.last = now;
        self.count = self.count.saturating_add(1);
        if self.count <= limit && self.waits == 0 {
            return None;
        }
        let wait = FIRST_WAIT * 2_i32.saturating_pow(self.waits.min(16));
        self.waits += 1;
        self.until = now + wait.min(LONGEST_WAIT);
        self.wait(now)
    }
}

/// An address as failures are counted for it: of IPv6, everybody has a whole network of 64 bits to choose from.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scene {
        failures: Failures,
        now: DateTime<Utc>,
    }

    impl Scene {
        fn new() -> Self {
            Self { failures: Failures::new(NonZeroU32::new(10)), now: "2026-11-22T08:00:00Z".parse().unwrap() }
        }

        fn later(&mut self, seconds: i64) {
            self.now += TimeDelta::seconds(seconds);
        }

        fn id(&self) -> CredentialId {
            CredentialId::new(self.now)
        }

        fn fail(&self, address: &str) -> Option<u64> {
            self.failures.failed(address.parse().ok(), None, self.now).map(|wait| wait.as_secs())
        }

        fn admit(&self, address: &str, id: CredentialId) -> Result<(), u64> {
            self.failures.admit(address.parse().ok(), Claimed::Credential(id), self.now).map_err(|wait| wait.as_secs())
        }
    }

    #[test]
    fn waits_grow_up_to_a_quarter_of_an_hour_and_are_forgotten() {
        let mut scene = Scene::new();
        assert!((0..10).all(|_| scene.fail("203.0.113.1").is_none()));
        let mut waits = Vec::new();
        for _ in 0..10 {
            let wait = scene.fail("203.0.113.1").unwrap();
            waits.push(wait);
            assert_eq!(scene.fail("203.0.113.1"), Some(wait));
            scene.later(wait as i64);
        }
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
        scene.later(901);
        assert_eq!(scene.fail("203.0.113.1"), None);
    }

    #[test]
    fn one_address_waits_and_no_other() {
        let scene = Scene::new();
        for _ in 0..11 {
            scene.fail("203.0.113.1");
        }
        assert_eq!(scene.admit("203.0.113.1", scene.id()), Err(5));
        assert_eq!(scene.admit("203.0.113.2", scene.id()), Ok(()));
    }

    #[test]
    fn who_proved_right_is_not_locked_out_by_its_neighbours() {
        let scene = Scene::new();
        let proven = scene.id();
        scene.failures.succeeded(Claimed::Credential(proven), scene.now);
        for _ in 0..11 {
            scene.fail("203.0.113.1");
        }
        assert_eq!(scene.admit("203.0.113.1", proven), Ok(()));
        assert_eq!(scene.admit("203.0.113.1", scene.id()), Err(5));
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let scene = Scene::new();
        for n in 0..11 {
            scene.fail(&format!("2001:db8::{n:x}"));
        }
        assert_eq!(scene.admit("2001:db8::ffff", scene.id()), Err(5));
        assert_eq!(scene.admit("2001:db8:0:1::1", scene.id()), Ok(()));
    }

    #[test]
    fn failures_with_one_credential_are_counted_over_all_addresses() {
        let scene = Scene::new();
        let id = scene.id();
        let fail = |n: u8| scene.failures.failed(Some([203, 0, 113, n].into()), Some(id), scene.now);
        assert!((0..10).all(|n| fail(n).is_none()));
        assert_eq!(fail(10), Some(Duration::from_secs(5)));
    }

    #[test]
    fn made_up_credentials_share_a_budget_of_lookups() {
        let mut scene = Scene::new();
        let address = |n: u32| IpAddr::from(n.to_be_bytes()).to_string();
        let admitted = (0..5_000).filter(|n| scene.admit(&address(*n), scene.id()).is_ok()).count();
        assert_eq!(admitted, 1_000);
        scene.later(1);
        assert_eq!((0..500).filter(|n| scene.admit(&address(*n), scene.id()).is_ok()).count(), 100);
    }

    #[test]
    fn memory_is_bounded() {
        let scene = Scene::new();
        for n in 0..3 * CAPACITY as u32 {
            let address = IpAddr::from(n.to_be_bytes());
            scene.failures.failed(Some(address), Some(scene.id()), scene.now);
            scene.failures.succeeded(Claimed::Credential(scene.id()), scene.now);
        }
        let state = scene.failures.state();
        assert!(state.addresses.records.len() <= CAPACITY && state.credentials.records.len() <= CAPACITY);
        assert!(state.proven.len() <= CAPACITY);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out_for_long() {
        let mut scene = Scene::new();
        for _ in 0..11 {
            scene.fail("203.0.113.1");
        }
        scene.later(-86_400);
        assert!(scene.admit("203.0.113.1", scene.id()).unwrap_err() <= 900);
    }

    #[test]
    fn an_identity_that_proved_right_is_looked_up_whatever_its_address_did() {
        let scene = Scene::new();
        let (proven, other) = (Claimed::Identity([1; 32]), Claimed::Identity([2; 32]));
        scene.failures.succeeded(proven, scene.now);
        assert_eq!((0..11).filter_map(|_| scene.fail("203.0.113.1")).collect::<Vec<_>>(), [5]);
        let address = "203.0.113.1".parse().ok();
        assert_eq!(scene.failures.admit(address, proven, scene.now), Ok(()));
        assert_eq!(scene.failures.admit(address, other, scene.now), Err(Duration::from_secs(5)));
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let failures = Failures::new(None);
        let now = DateTime::UNIX_EPOCH;
        assert!((0..100).all(|_| failures.failed(Some([10, 0, 0, 1].into()), None, now).is_none()));
    }
}
