//! Making the weekly digests. Every node looks; the database sees to it that each is made once.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::gateway::Gateway;

/// How often there is a look for digests that are due.
const LOOK: Duration = Duration::from_secs(60);

/// Makes the digests that are due, for ever. Trouble is told and tried again: one that was due while nothing ran is made late.
pub async fn digests(gateway: Gateway) {
    let mut turns = interval(LOOK);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        match gateway.make_due_digests().await {
            Ok(0) => {}
            Ok(made) => log::info!("made {made} weekly digests"),
            Err(error) => log::warn!("weekly digests: {error}; trying again"),
        }
    }
}
