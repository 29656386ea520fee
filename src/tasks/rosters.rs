//! What rosters need done from time to time: lists that are nobody's any more go, and the users of e-mail addresses are looked up
//! again, since users come and go after a roster was published.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::model::Clock;
use crate::store::{Store, StoreError};

/// How often there is a look.
const LOOK: Duration = Duration::from_secs(60);
/// How old what is known of e-mail addresses may become.
const KNOWN_FOR: TimeDelta = TimeDelta::minutes(10);
/// Rows that are looked at in one step, and the rest between two steps, in which others have the database to themselves.
const STEP: i32 = 1_000;
const REST: Duration = Duration::from_millis(50);

/// Keeps rosters in order, for ever. Trouble is told and tried again; several nodes may do so at once.
pub async fn rosters(store: Store, clock: Arc<dyn Clock>) {
    let mut turns = interval(LOOK);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        if let Err(error) = tend_rosters(&store, clock.now()).await {
            log::warn!("upkeep of rosters: {error}; trying again");
        }
    }
}

/// Does what is due at `now`.
///
/// # Errors
/// That the database is away or at fault; what was done until then is.
pub async fn tend_rosters(store: &Store, now: DateTime<Utc>) -> Result<(), StoreError> {
    while store.purge_rosters(now, STEP).await? {
        sleep(REST).await;
    }
    while store.resolve_rosters(now - KNOWN_FOR, now, STEP).await? {
        sleep(REST).await;
    }
    Ok(())
}
