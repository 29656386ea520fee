//! Carrying out bulk requests of SCIM (RFC 9967, section 2.5.1.2).
//!
//! A request is small enough to be read as a whole, and its operations may refer to each other in any order, so their outcomes come
//! in another order than the records. What was tried since outcomes were written last is looked for in the change stream before
//! anything is tried; and once more before a failure is believed.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures_util::FutureExt;

use super::hold::Hold;
use super::{CHUNK, CLOCK_STEP, PAUSE, SLICE, TRIES, TaskRunner, Turn};
use crate::auth::StandingError;
use crate::gateway::{BulkRun, Failure};
use crate::model::{Caller, CredentialId, OutcomeKind, Scope, TaskOutcome, TaskRecord, TaskState};
use crate::scim::ScimError;
use crate::store::{Claimed, Held, Made, RecordsPage, Settlement, StoreError};

/// What became of a step.
enum Went {
    /// Its outcomes are written.
    Settled,
    /// Some of it is to be tried again.
    Again,
}

impl TaskRunner {
    /// Works on a bulk request for a while.
    pub(super) async fn carry_out_bulk(&self, claimed: &Claimed, hold: &Hold) -> Result<Turn, StoreError> {
        let _alone = self.bulk.lock().await;
        let ends = Instant::now() + SLICE;
        let may_begin = || hold.may_begin();
        let mut tries = 0;
        loop {
            let records = self.all_records(claimed).await?;
            let caller = match self.standing.caller(claimed.task.tenant, &claimed.task.by, Scope::Bulk).await {
                Ok(caller) => Ok(caller),
                Err(StandingError::Unchecked(error)) => return Err(error),
                Err(error) => Err(format!("the task was ended: {error}")),
            };
            let run = caller.as_ref().map_err(String::clone);
            let run = run.and_then(|caller| self.gateway.resume_bulk(caller, &claimed.task, &records, &may_begin));
            let mut run = match run {
                Ok(run) => run,
                Err(why) => return self.end_bulk(claimed, &records, why).await,
            };
            let made = self.made(claimed, &run, false).await?;
            run.recover(&made);
            self.tell(claimed, hold, &mut run, false).await?;
            let again = loop {
                if hold.is_lost() {
                    return Ok(Turn::Lost);
                }
                if hold.is_to_end() || !run.goes_on() {
                    run.forget_owners().await;
                    if let Ok(caller) = &caller
                        && let Err(error) = self.tell_failures(claimed, caller).await
                    {
                        log::warn!("task {}: its failures are not in the activity log: {error}", claimed.task.id);
                    }
                    let state = if run.goes_on() { TaskState::Cancelled } else { TaskState::Done };
                    return Ok(Turn::Ended(state, None));
                }
                if !hold.may_begin() || Instant::now() >= ends {
                    return Ok(Turn::Rests);
                }
                if AssertUnwindSafe(run.step()).catch_unwind().await.is_err() {
                    log::error!("task {}: an operation made the program panic, see above", claimed.task.id);
                    let why = "an internal error; the server's log has the cause".to_owned();
                    return self.end_bulk(claimed, &self.all_records(claimed).await?, why).await;
                }
                match self.settle_step(claimed, hold, &mut run, tries + 1 >= TRIES).await? {
                    Went::Settled => tries = 0,
                    Went::Again => break hold.may_begin(),
                }
            };
            if again {
                self.pause(PAUSE * 2_u32.pow(tries.min(5))).await;
                tries += 1;
            }
        }
    }

    /// Writes what a step came to.
    async fn settle_step(
        &self,
        claimed: &Claimed,
        hold: &Hold,
        run: &mut BulkRun<'_>,
        is_last: bool,
    ) -> Result<Went, StoreError> {
        // What another node was just writing when we looked may be there now.
        let made = if run.has_failures() { self.made(claimed, run, true).await? } else { Vec::new() };
        let was_done = run.recover(&made);
        if was_done || (run.is_away() && !(is_last && hold.may_begin())) {
            self.tell(claimed, hold, run, true).await?;
            return Ok(Went::Again);
        }
        run.persist();
        self.tell(claimed, hold, run, false).await?;
        Ok(Went::Settled)
    }

    /// Writes the outcomes that are known and were not written.
    async fn tell(
        &self,
        claimed: &Claimed,
        hold: &Hold,
        run: &mut BulkRun<'_>,
        only_successes: bool,
    ) -> Result<(), StoreError> {
        let outcomes = run.untold(only_successes);
        if outcomes.is_empty() {
            return Ok(());
        }
        let (sent, at) = (Instant::now(), self.clock.now());
        // As long as something may have been tried before, whoever comes next looks as far back as we did.
        let tried_from = if only_successes { claimed.tried_from } else { at };
        let settlement = Settlement { at, next_place: claimed.next_place, tried_from, outcomes: &outcomes };
        hold.told(self.store.settle_task_records(claimed.claim, settlement).await?, sent);
        run.were_told(&outcomes);
        Ok(())
    }

    /// What was written by operations whose outcomes are not known, or, for a second look, are failures that were not told.
    async fn made(
        &self,
        claimed: &Claimed,
        run: &BulkRun<'_>,
        also_failed: bool,
    ) -> Result<Vec<(usize, Made)>, StoreError> {
        let places = run.open_requests(also_failed);
        let requests: Vec<_> = places.keys().copied().collect();
        let credential = CredentialId(claimed.task.by.actor.id().unwrap_or_default());
        let from = claimed.tried_from - CLOCK_STEP;
        let made = self.store.made_by_requests((claimed.task.tenant, credential), from, &requests).await?;
        Ok(made.into_iter().filter_map(|(request, made)| Some((*places.get(&request)?, made))).collect())
    }

    /// Ends a request that cannot go on, after what was written of it was told.
    async fn end_bulk(&self, claimed: &Claimed, records: &[TaskRecord], why: String) -> Result<Turn, StoreError> {
        let open: Vec<TaskRecord> = records.iter().filter(|record| record.outcome.is_none()).cloned().collect();
        let done: Vec<(i64, TaskOutcome)> = self.done_before(claimed, &open).await?.into_iter().collect();
        if !done.is_empty() {
            let (at, next_place, tried_from) = (self.clock.now(), claimed.next_place, claimed.tried_from);
            let settlement = Settlement { at, next_place, tried_from, outcomes: &done };
            if self.store.settle_task_records(claimed.claim, settlement).await? == Held::Lost {
                return Ok(Turn::Lost);
            }
        }
        Ok(Turn::Ended(TaskState::Failed, Some(why)))
    }

    /// Leaves word in the activity log of a request of which operations failed, as one that is carried out at once does.
    async fn tell_failures(&self, claimed: &Claimed, caller: &Caller) -> Result<(), StoreError> {
        let records = self.all_records(claimed).await?;
        let failed = records.iter().filter_map(|record| {
            let outcome = record.outcome.as_ref().filter(|outcome| outcome.kind == OutcomeKind::Failed)?;
            let error = &outcome.detail.as_ref()?["response"];
            let status = error["status"].as_str().and_then(|status| status.parse().ok()).unwrap_or(500);
            Some((record.place, ScimError::new(status, error["detail"].as_str().unwrap_or_default())))
        });
        let failed: Vec<(i64, ScimError)> = failed.collect();
        let Some((place, first)) = failed.first() else { return Ok(()) };
        let detail = format!(
            "{} of {} operations failed in the background; operation {place}: {}",
            failed.len(),
            records.len(),
            first.detail
        );
        let now = self.clock.now();
        let failure = Failure {
            caller: caller.clone(),
            at: now,
            method: "POST".to_owned(),
            path: "/scim/v2/Bulk".to_owned(),
            query: None,
            error: ScimError::new(first.status, detail),
            body: None,
            body_length: 0,
            duration: (now - claimed.task.created_at).to_std().unwrap_or_default(),
        };
        self.store.insert_failed_requests(&[failure.examine(0)]).await
    }

    /// All records of a task, with what they came to.
    async fn all_records(&self, claimed: &Claimed) -> Result<Vec<TaskRecord>, StoreError> {
        let store = self.store.tenant(claimed.task.tenant);
        let mut records: Vec<TaskRecord> = Vec::new();
        loop {
            let after = records.last().map_or(i64::MIN, |record| record.place);
            let page = RecordsPage { after, only_failed: false, limit: CHUNK.2 };
            let more = store.task_records(claimed.task.id, page).await?;
            if more.is_empty() {
                return Ok(records);
            }
            records.extend(more);
        }
    }
}
