//! The keys that access tokens are signed with, and when each of them is used.
//!
//! ```text
//! created ── published ──> not before ── signs ──> not before of the next ── published ──> retired
//! ```
//! A key is published before it is used, so that whoever keeps our keys for a while has it in time, and after it was used, until
//! the last token that it signed is over.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::SigningKeyId;

/// How long before its use a key is published.
pub const PUBLISHED_AHEAD: TimeDelta = TimeDelta::days(1);
/// How long after its use a key is published. Longer than any token lives.
pub const PUBLISHED_AFTER: TimeDelta = TimeDelta::days(1);
/// The algorithm of every key (RFC 7518, section 3.4).
pub const ALGORITHM: &str = "ES256";

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Its id, the `kid` of what it signs.
    pub id: SigningKeyId,
    /// Its algorithm, as JWS names it.
    pub algorithm: String,
    /// The public key as a JWK (RFC 7517), without what concerns its use.
    pub public_key: Value,
    /// The private key, sealed; `None` once it has signed for the last time.
    pub sealed_key: Option<Vec<u8>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it signs.
    pub not_before: DateTime<Utc>,
    /// From when on what it signed is not taken any more; `None` while no other key has followed it.
    pub retired_at: Option<DateTime<Utc>>,
}

/// All keys of an installation, in the order in which they were made. Of two that could sign it is the later one that does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SigningKeys(Vec<SigningKey>);

impl SigningKey {
    /// Whether what it signed is taken.
    pub fn is_published(&self, now: DateTime<Utc>) -> bool {
        self.retired_at.is_none_or(|end| end > now)
    }
}

impl SigningKeys {
    /// These keys, in whatever order.
    pub fn new(mut keys: Vec<SigningKey>) -> Self {
        keys.sort_by_key(|key| (key.created_at, key.id.0));
        Self(keys)
    }

    /// All of them, the latest last.
    pub fn all(&self) -> &[SigningKey] {
        &self.0
    }

    /// Those whose signatures are taken.
    pub fn published(&self, now: DateTime<Utc>) -> impl Iterator<Item = &SigningKey> {
        self.0.iter().filter(move |key| key.is_published(now))
    }

    /// The one of that id, if its signatures are taken.
    pub fn find(&self, id: SigningKeyId, now: DateTime<Utc>) -> Option<&SigningKey> {
        self.published(now).find(|key| key.id == id)
    }

    /// The one that signs. Where all are yet to begin, the clocks of two servers differ, and the first one does.
    pub fn signing(&self, now: DateTime<Utc>) -> Option<&SigningKey> {
        let begun = self.published(now).filter(|key| key.not_before <= now).last();
        begun.or_else(|| self.published(now).next())
    }

    /// The latest.
    pub fn last(&self) -> Option<&SigningKey> {
        self.0.last()
    }

    /// From when on a key that has to be made now is to sign; `None` if there is one that signs in time. Each signs for `period`.
    pub fn due(&self, now: DateTime<Utc>, period: TimeDelta) -> Option<DateTime<Utc>> {
        match self.last() {
            Some(last) if last.is_published(now) => {
                let end = last.not_before + period;
                (now >= end - PUBLISHED_AHEAD).then(|| end.max(now + PUBLISHED_AHEAD))
            }
            _ => Some(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: TimeDelta = TimeDelta::days(90);

    fn day(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day)
    }

    fn key(not_before: i64, retired: Option<i64>) -> SigningKey {
        SigningKey {
            id: SigningKeyId::new(day(not_before)),
            algorithm: ALGORITHM.to_owned(),
            public_key: Value::Null,
            sealed_key: None,
            created_at: day(not_before),
            not_before: day(not_before),
            retired_at: retired.map(day),
        }
    }

    #[test]
    fn the_first_key_is_due_at_once() {
        assert_eq!(SigningKeys::default().due(day(5), PERIOD), Some(day(5)));
        assert_eq!(SigningKeys::new(vec![key(0, Some(4))]).due(day(5), PERIOD), Some(day(5)));
    }

    #[test]
    fn the_next_key_is_due_a_day_before_it_signs() {
        let keys = SigningKeys::new(vec![key(0, None)]);
        assert_eq!(keys.due(day(88), PERIOD), None);
        assert_eq!(keys.due(day(89), PERIOD), Some(day(90)));
        // Nobody asked for a while: what is overdue signs until the next one is known everywhere.
        assert_eq!(keys.due(day(200), PERIOD), Some(day(201)));
        assert_eq!(keys.signing(day(200)), keys.last());
    }

    #[test]
    fn a_key_signs_until_the_next_one_does_and_is_published_for_longer() {
        let keys = SigningKeys::new(vec![key(90, None), key(0, Some(91))]);
        let [old, new] = keys.all() else { panic!("{keys:?}") };
        assert_eq!(keys.signing(day(89)), Some(old));
        assert_eq!(keys.signing(day(90)), Some(new));
        assert_eq!(keys.published(day(90)).count(), 2);
        assert_eq!(keys.published(day(91)).collect::<Vec<_>>(), [new]);
    }

    #[test]
    fn a_key_that_takes_over_at_once_passes_by_one_that_was_made_ahead() {
        let next = SigningKey { created_at: day(89), ..key(90, None) };
        let at_once = SigningKey { created_at: day(89) + TimeDelta::seconds(1), ..key(89, None) };
        let keys = SigningKeys::new(vec![at_once.clone(), next, key(0, None)]);
        assert_eq!(keys.signing(day(89)), Some(&at_once));
        assert_eq!(keys.signing(day(91)), Some(&at_once));
        assert_eq!(keys.due(day(91), PERIOD), None);
    }

    #[test]
    fn a_clock_that_is_behind_signs_all_the_same() {
        let keys = SigningKeys::new(vec![key(10, None)]);
        assert_eq!(keys.signing(day(9)), keys.last());
    }
}
