//! What was used when, remembered until it is written.
//!
//! A request costs a look into a map of its own worker; what was gathered is taken out of all of them now and then, and written
//! by a statement.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{CredentialId, CredentialUse};

type Uses = Mutex<HashMap<CredentialId, CredentialUse>>;

/// The uses that all workers remember.
#[derive(Default)]
pub struct UseLedger {
    workers: Mutex<Vec<Arc<Uses>>>,
}

/// The uses that one worker remembers.
#[derive(Clone)]
pub struct WorkerUses(Arc<Uses>);

impl UseLedger {
    /// A part for one more worker.
    pub fn worker(&self) -> WorkerUses {
        let uses = Arc::<Uses>::default();
        self.workers.lock().unwrap_or_else(PoisonError::into_inner).push(uses.clone());
        WorkerUses(uses)
    }

    /// Takes out what was gathered, once for each credential.
    pub fn take(&self) -> Vec<CredentialUse> {
        let mut taken: HashMap<CredentialId, CredentialUse> = HashMap::new();
        for worker in self.workers.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let uses = std::mem::take(&mut *worker.lock().unwrap_or_else(PoisonError::into_inner));
            uses.into_values().for_each(|one| merge(&mut taken, one));
        }
        taken.into_values().collect()
    }

    /// Puts back what could not be written, so that it is written another time.
    pub fn put_back(&self, uses: Vec<CredentialUse>) {
        let workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(worker) = workers.first() {
            let mut kept = worker.lock().unwrap_or_else(PoisonError::into_inner);
            uses.into_iter().for_each(|one| merge(&mut kept, one));
        }
    }
}

impl WorkerUses {
    /// Remembers a use.
    pub fn remember(&self, one: CredentialUse) {
        merge(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), one);
    }
}

fn merge(uses: &mut HashMap<CredentialId, CredentialUse>, one: CredentialUse) {
    match uses.get_mut(&one.credential) {
        Some(known) => known.merge(&one),
        None => {
            uses.insert(one.credential, one);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::*;
    use crate::model::TenantId;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn used(credential: CredentialId, seconds: i64, succeeded: bool) -> CredentialUse {
        CredentialUse {
            tenant: TenantId(uuid::Uuid::nil()),
            credential,
            last_used_at: at(seconds),
            last_address: Some([192, 0, 2, u8::try_from(seconds).unwrap()].into()),
            last_success_at: succeeded.then(|| at(seconds)),
            last_failure_at: (!succeeded).then(|| at(seconds)),
        }
    }

    #[test]
    fn the_last_of_each_kind_is_kept_whoever_saw_it() {
        let ledger = UseLedger::default();
        let (first, second) = (ledger.worker(), ledger.worker());
        let (one, other) = (CredentialId::new(at(0)), CredentialId::new(at(0)));
        first.remember(used(one, 3, true));
        second.remember(used(one, 5, false));
        first.remember(used(one, 4, true));
        second.remember(used(other, 1, true));
        let mut taken = ledger.take();
        taken.sort_by_key(|one| one.last_used_at);
        let expected = CredentialUse { last_success_at: Some(at(4)), ..used(one, 5, false) };
        assert_eq!(taken, [used(other, 1, true), expected]);
        assert!(ledger.take().is_empty());
    }

    #[test]
    fn what_could_not_be_written_is_not_lost_and_hides_nothing_newer() {
        let ledger = UseLedger::default();
        let (worker, one) = (ledger.worker(), CredentialId::new(at(0)));
        worker.remember(used(one, 3, true));
        let taken = ledger.take();
        worker.remember(used(one, 4, false));
        ledger.put_back(taken);
        assert_eq!(ledger.take(), [CredentialUse { last_success_at: Some(at(3)), ..used(one, 4, false) }]);
    }
}
