//! Removes the data of deleted tenants whose time has come, in small steps.

use std::time::Duration;

use serde_json::json;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::model::{Actor, AdminAction, Clock, Origin, SystemClock};
use crate::store::{Store, StoreError};

/// How often there is a look for such tenants.
const LOOK: Duration = Duration::from_secs(60);
/// Rows that go in one step, and the rest between two steps, in which others have the disk to themselves.
const STEP: i32 = 1_000;
const REST: Duration = Duration::from_millis(50);

/// Purges, for ever. Trouble is told and tried again; several nodes may do so at once.
pub async fn purge(store: Store) {
    let mut turns = interval(LOOK);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        if let Err(error) = due(&store, &SystemClock).await {
            log::warn!("purging deleted tenants: {error}; trying again");
        }
    }
}

/// Removes everything whose time has come by that clock.
///
/// # Errors
/// That the database is away or at fault; what was removed before stays so.
pub async fn due(store: &Store, clock: &dyn Clock) -> Result<(), StoreError> {
    for (tenant, slug) in store.tenants_to_purge(clock.now()).await? {
        let action = AdminAction {
            tenant: None,
            at: clock.now(),
            origin: Origin { actor: Actor::System, request: None, address: None },
            action: "tenant.purge",
            succeeded: true,
            target: ("tenant", Some(tenant.to_string()), slug),
            details: json!({}),
        };
        while store.purge_tenant(tenant, STEP, &action).await? {
            sleep(REST).await;
        }
    }
    Ok(())
}
