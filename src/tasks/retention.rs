//! Forgets the activity that tenants do not keep any longer: row by row with pauses, and whole months where no tenant keeps them.
//! And tasks that ended long ago, with their records, and files that nobody imported.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::sleep;

use crate::model::{Clock, SystemClock};
use crate::store::{Store, StoreError};

/// How often it is looked for what to forget.
const EVERY: Duration = Duration::from_secs(600);
/// How many rows go with one statement, and the pause behind each, in which others have the database to themselves.
const AT_ONCE: u32 = 500;
/// How many chunks of files' rows, each of which may have a megabyte.
const CHUNKS_AT_ONCE: i64 = 50;
const PAUSE: Duration = Duration::from_millis(50);

/// Forgets what is due, for ever. Trouble is told, and tried again at the next turn.
pub async fn retention(store: Store) {
    loop {
        if let Err(error) = forget(&store, SystemClock.now()).await {
            log::warn!("forgetting old activity: {error}; trying again in {} s", EVERY.as_secs());
        }
        sleep(EVERY).await;
    }
}

/// Forgets all that is due at `now`.
///
/// # Errors
/// That the database is away or at fault; what was forgotten until then is.
pub async fn forget(store: &Store, now: DateTime<Utc>) -> Result<(), StoreError> {
    while super::failed_requests::trim(store).await? {
        sleep(PAUSE).await;
    }
    for task in store.expired_tasks(now, i64::from(AT_ONCE)).await? {
        while !store.forget_task(task, i64::from(AT_ONCE), now).await? {
            sleep(PAUSE).await;
        }
    }
    while store.forget_uploads(now, CHUNKS_AT_ONCE).await? {
        sleep(PAUSE).await;
    }
    let kept = store.kept_activity().await?;
    let since: Vec<_> = kept.iter().map(|(tenant, keep)| (*tenant, keep.since(now))).collect();
    // Months that nobody keeps need no rows to be removed one by one.
    if let Some(oldest) =
        since.iter().map(|(_, since)| *since).collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().min())
    {
        while let Some(month) = store.drop_changes_before(oldest).await? {
            log::info!("forgot the changes of {month}");
        }
    }
    for (tenant, since) in since {
        let Some(since) = since else { continue };
        while store.tenant(tenant).forget_activity(since, AT_ONCE).await? {
            sleep(PAUSE).await;
        }
    }
    Ok(())
}
