//! Writing which credentials were used when.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::auth::UseLedger;
use crate::store::{Store, StoreError};

/// How often it is written. So old may be what people see.
const EVERY: Duration = Duration::from_secs(10);
/// How long the end of the server waits for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Writes what the workers gathered, for ever. What could not be written is kept for the next time.
pub async fn credential_uses(store: Store, ledger: Arc<UseLedger>) {
    let mut turns = interval(EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_well = true;
    loop {
        turns.tick().await;
        let outcome = write(&store, &ledger).await;
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

async fn write(store: &Store, ledger: &UseLedger) -> Result<(), StoreError> {
    let uses = ledger.take();
    let outcome = store.record_uses(&uses).await;
    if outcome.is_err() {
        ledger.put_back(uses);
    }
    outcome
}
