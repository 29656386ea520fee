//! Writing which credentials were used when.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::auth::UseLedger;
use crate::model::CredentialId;
use crate::store::{Store, StoreError};

/// How often it is looked for uses: so long the first use of a credential waits to be seen by whoever waits for it.
const LOOK: Duration = Duration::from_secs(1);
/// How often the uses of one credential are written. So old may be what people see of one that is used all the time.
const EVERY: Duration = Duration::from_secs(10);
/// How long the end of the server waits for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Writes what the workers gathered, for ever. What could not be written is kept for the next time.
pub async fn credential_uses(store: Store, ledger: Arc<UseLedger>) {
    let mut turns = interval(LOOK);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut is_well, mut written) = (true, HashMap::new());
    loop {
        turns.tick().await;
        let outcome = write_due(&store, &ledger, &mut written, Instant::now()).await;
        if let (Err(error), true) = (&outcome, is_well) {
            log::warn!("which credentials were used could not be written: {error}; trying again");
        }
        is_well = outcome.is_ok();
    }
}

/// Writes what is left when the server ends.
pub async fn last_credential_uses(store: &Store, ledger: &UseLedger) {
    match timeout(PATIENCE, write(store, ledger)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => log::warn!("which credentials were used last could not be written: {error}"),
        Err(_) => log::warn!("which credentials were used last could not be written: the database did not answer"),
    }
}

/// Writes the uses of credentials of which nothing was `written` lately.
async fn write_due(
    store: &Store,
    ledger: &UseLedger,
    written: &mut HashMap<CredentialId, Instant>,
    now: Instant,
) -> Result<(), StoreError> {
    written.retain(|_, at| now.saturating_duration_since(*at) < EVERY);
    let (due, rest): (Vec<_>, Vec<_>) =
        ledger.take().into_iter().partition(|one| !written.contains_key(&one.credential));
    ledger.put_back(rest);
    let outcome = store.record_uses(&due).await;
    match outcome {
        Ok(()) => written.extend(due.iter().map(|one| (one.credential, now))),
        Err(_) => ledger.put_back(due),
    }
    outcome
}

async fn write(store: &Store, ledger: &UseLedger) -> Result<(), StoreError> {
    let uses = ledger.take();
    let outcome = store.record_uses(&uses).await;
    if outcome.is_err() {
        ledger.put_back(uses);
    }
    outcome
}
