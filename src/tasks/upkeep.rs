//! What the store needs done from time to time.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::model::{Clock, SystemClock};
use crate::store::{Store, StoreError};

/// How often the counts behind `totalResults` are folded.
const FOLD: Duration = Duration::from_secs(1);
/// How many folds lie between two looks for next month's partition and for sessions that have ended.
const PARTITIONS_EVERY: u64 = 3_600;

/// Keeps the store in order, for ever. Trouble is told once, not each second, and tried again.
pub async fn upkeep(store: Store) {
    let mut turns = interval(FOLD);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_well = true;
    for turn in 0_u64.. {
        turns.tick().await;
        let outcome = once(&store, turn).await;
        match &outcome {
            Err(error) if is_well => log::warn!("upkeep of the database: {error}; trying again"),
            Ok(()) if !is_well => log::info!("upkeep of the database works again"),
            _ => {}
        }
        is_well = outcome.is_ok();
    }
}

async fn once(store: &Store, turn: u64) -> Result<(), StoreError> {
    if turn.is_multiple_of(PARTITIONS_EVERY) {
        store.ensure_partitions(SystemClock.now()).await?;
        store.forget_sign_ins(SystemClock.now()).await?;
        store.forget_idempotency_keys(SystemClock.now()).await?;
    }
    store.fold_counts().await
}
