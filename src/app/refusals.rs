//! Whose requests the rate limits refused, for those who want to know why a sync is slow.
//!
//! Counted in this process since it started, as the limits themselves are. Only those who were authenticated come in, so there
//! are no more entries than credentials.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::model::CredentialId;

/// What was refused of one credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// How many requests.
    pub count: u64,
    /// When the last one was.
    pub last: DateTime<Utc>,
}

impl Refused {
    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self { count: self.count + other.count, last: self.last.max(other.last) }
    }
}

/// Whose requests were refused.
#[derive(Default)]
pub struct Refusals(Mutex<HashMap<CredentialId, Refused>>);

impl Refusals {
    /// Counts a request that was refused.
    pub fn count(&self, credential: CredentialId, at: DateTime<Utc>) {
        let one = Refused { count: 1, last: at };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(credential).and_modify(|known| *known = known.and(one)).or_insert(one);
    }

    /// What was refused of a credential; none if nothing was.
    pub fn of(&self, credential: CredentialId) -> Option<Refused> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&credential).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_credential_is_counted_by_itself() {
        let (refusals, start) = (Refusals::default(), DateTime::UNIX_EPOCH);
        let (one, other) = (CredentialId::new(start), CredentialId::new(start));
        let later = start + chrono::TimeDelta::seconds(5);
        refusals.count(one, later);
        refusals.count(one, start);
        assert_eq!(refusals.of(one), Some(Refused { count: 2, last: later }));
        assert_eq!(refusals.of(other), None);
    }
}
