//! Writes the requests of a worker that failed, and throws the old ones away.

use chrono::TimeDelta;
use tokio::sync::mpsc::Receiver;

use crate::gateway::Offered;
use crate::model::{Clock, FailedRequest, SystemClock};
use crate::store::{Store, StoreError};

/// How many are written at once.
const AT_ONCE: usize = 16;

/// How many of a tenant's failed requests are kept, and for how long.
const KEPT: u32 = 10_000;
const KEPT_FOR: TimeDelta = TimeDelta::days(30);
/// How many are thrown away with one statement.
const TRIMMED: u32 = 1_000;

/// Writes what comes, until nothing can come any more. What cannot be written is lost, and told once: nobody waits for it, and
/// while the database is away most of it says just that.
pub async fn write_failed_requests(mut waiting: Receiver<Offered>, store: Store) {
    let mut is_well = true;
    while let Some(first) = waiting.recv().await {
        let mut offered = vec![first];
        while offered.len() < AT_ONCE
            && let Ok(next) = waiting.try_recv()
        {
            offered.push(next);
        }
        let examined = tokio::task::spawn_blocking(move || {
            offered.into_iter().map(|one| one.failure.examine(one.left_out)).collect::<Vec<FailedRequest>>()
        });
        let Ok(requests) = examined.await else {
            log::error!("failed requests could not be examined, see above");
            continue;
        };
        let outcome = store.insert_failed_requests(&requests).await;
        if let Err(error) = &outcome
            && is_well
        {
            log::warn!("{} failed requests could not be written: {error}", requests.len());
        }
        is_well = outcome.is_ok();
    }
}

/// Throws away what is too old or too many, some at a time. Answers whether there may be more.
pub(super) async fn trim(store: &Store) -> Result<bool, StoreError> {
    let before = SystemClock.now() - KEPT_FOR;
    store.trim_failed_requests(before, KEPT, TRIMMED).await
}
