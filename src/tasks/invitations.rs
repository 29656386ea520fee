//! Ending invitations whose time is over. Their links lead nowhere from that moment anyhow; this tells of it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{MissedTickBehavior, interval};

use crate::model::{Clock, SystemClock};
use crate::store::{Store, StoreError};

/// How often there is a look for such invitations.
const EVERY: Duration = Duration::from_secs(60);
/// How many end in one statement.
const AT_ONCE: i32 = 500;

/// Ends invitations, for ever.
pub async fn invitations(store: Store) {
    let mut turns = interval(EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        if let Err(error) = expire_invitations(&store, SystemClock.now()).await {
            log::warn!("invitations whose time is over could not be ended: {error}; trying again");
        }
    }
}

/// Ends the invitations whose time is over at `now`.
///
/// # Errors
/// That the database is away or at fault; what was not done by then is done the next time.
pub async fn expire_invitations(store: &Store, now: DateTime<Utc>) -> Result<(), StoreError> {
    while store.expire_invitations(now, AT_ONCE).await? == i64::from(AT_ONCE) {}
    Ok(())
}
