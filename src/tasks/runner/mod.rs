//! Works on tasks: takes the one whose turn it is, carries its records out in order, and writes what each came to.
//!
//! # Exactly once
//!
//! A record's write and its outcome are two steps, and a process can end between them. So each record is carried out as a request
//! of its own, whose id follows from the task and the place and is always the same, and the change row that is written with the
//! record's write bears that id. Whoever takes a task over looks for the change rows of the records whose outcome is not
//! known before it tries any of them: one that is found was carried out, and its outcome is what the change row tells; one that is
//! not was not. As records are carried out in chunks, and no chunk is begun before the outcomes of the one before are written,
//! the records in doubt are those of one chunk, and of the largest one at most. A record is one write with one change row, so
//! there is no half of it. The invitation of a new user alone is a write behind that: one that a crash kept from being written is
//! not made up for, and the user can be invited again.
//!
//! A node that is only slow may still be writing when another one takes over. It begins no record once its own sign of life is old,
//! and cannot write outcomes of a task that it lost. What it was just writing may come in behind the other's look: the other one
//! is then told that the user exists already, or that nothing is to be changed. So whoever took a task over looks a second
//! time before it believes either.
//!
//! # Whose turn it is
//!
//! The tasks of one tenant run one after the other, in the order in which they were started; the database sees to it, whatever nodes
//! there are. Tenants take turns: a task is worked on for a while, then one that waited longer comes.

mod bulk;
mod hold;
mod records;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::sync::{Mutex, watch};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use self::hold::Hold;
use crate::auth::{Sealer, Standing, StandingError};
use crate::gateway::{Gateway, kept_for};
use crate::model::{
    Action, Clock, CredentialId, OutcomeKind, RequestId, Scope, TaskKind, TaskOutcome, TaskRecord, TaskState,
    record_request,
};
use crate::store::{Claimed, Held, Holder, Made, Settlement, Store, StoreError};

/// How many tasks one node works on at once.
const AT_ONCE: usize = 2;
/// How often it is looked whether there is something to do.
const IDLE: Duration = Duration::from_millis(500);
/// The pause after trouble with the database.
const TROUBLE: Duration = Duration::from_secs(1);
/// How long a task is worked on until those of other tenants have their turn.
const SLICE: Duration = Duration::from_secs(10);
/// How many records are taken at once at first, at least and at most: as many as take about a second. Records that are taken at once
/// may name each other as managers in any order.
const CHUNK: (i64, i64, i64) = (500, 8, 500);
const CHUNK_TIME: Duration = Duration::from_secs(1);
/// How often records that the database could not take are tried, and the first pause, which doubles.
const TRIES: u32 = 8;
const PAUSE: Duration = Duration::from_millis(100);
/// By how much a node's clock may go back.
const CLOCK_STEP: chrono::TimeDelta = chrono::TimeDelta::seconds(10);

/// Works on tasks, beside other nodes that do.
pub struct TaskRunner {
    store: Store,
    gateway: Gateway,
    standing: Standing,
    clock: Arc<dyn Clock>,
    lease: Duration,
    stop: watch::Receiver<bool>,
    /// Bulk requests are read as a whole, so one is worked on at a time.
    bulk: Mutex<()>,
}

/// How far a turn at a task came.
enum Turn {
    /// It is over.
    Ended(TaskState, Option<String>),
    /// Others are to have their turn, or the server stops.
    Rests,
    /// Another node has it.
    Lost,
}

/// What became of one chunk.
enum Step {
    /// It has outcomes, and the task goes on at this place.
    Settled(i64),
    /// Some records up to this place are to be tried again.
    Again(i64),
    /// There was none left.
    AtEnd,
    /// Another node has the task.
    Lost,
}

impl TaskRunner {
    /// A runner that holds a task for `lease` with each sign of life, and ends its work when `stop` says so. What waits sealed it
    /// opens with `sealer`.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        sealer: Option<Arc<Sealer>>,
        lease: Duration,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let gateway = Gateway::new(store.clone(), clock.clone()).sealing(sealer);
        let standing = Standing::new(store.clone(), clock.clone());
        Self { store, gateway, standing, clock, lease, stop, bulk: Mutex::new(()) }
    }

    /// Works until it is told to stop; then what is being carried out is finished, and every task let go of.
    pub async fn run(&self) {
        join_all((0..AT_ONCE).map(|_| self.work())).await;
    }

    /// Works until nothing is left to do.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn run_until_idle(&self) -> Result<(), StoreError> {
        while self.take_turn().await? {}
        Ok(())
    }

    async fn work(&self) {
        let mut is_well = true;
        while !self.is_stopping() {
            let pause = match self.take_turn().await {
                Ok(true) => Duration::ZERO,
                Ok(false) => IDLE,
                Err(error) => {
                    if is_well {
                        log::warn!("tasks cannot be worked on: {error}; trying again");
                    }
                    is_well = false;
                    self.pause(TROUBLE).await;
                    continue;
                }
            };
            is_well = true;
            self.pause(pause).await;
        }
    }

    /// Takes a task, if there is one, and works on it for a while.
    async fn take_turn(&self) -> Result<bool, StoreError> {
        let holder = Holder(Uuid::new_v7(uuid::Timestamp::now(uuid::NoContext)));
        let sent = Instant::now();
        let Some(claimed) = self.store.claim_task(holder, self.lease, self.clock.now()).await? else {
            return Ok(false);
        };
        let hold = Hold::new(claimed.claim, sent, claimed.task.is_to_end, self.stop.clone());
        let turn = tokio::select! {
            turn = self.carry_out_to_its_end(&claimed, &hold) => turn,
            never = hold.keep(&self.store, self.clock.as_ref()) => match never {},
        };
        match turn {
            Ok(Turn::Ended(state, error)) => {
                let now = self.clock.now();
                let until = now + kept_for(claimed.task.kind);
                self.store.finish_task(claimed.claim, (state, error.as_deref()), (now, until)).await?;
                log::info!("task {} is {}", claimed.task.id, state.as_str());
            }
            Ok(Turn::Rests) => self.store.release_task(claimed.claim).await?,
            Ok(Turn::Lost) => log::warn!("task {} is worked on by another node now", claimed.task.id),
            Err(error) => {
                // If it cannot be let go of, its time runs out.
                let _ = timeout(TROUBLE, self.store.release_task(claimed.claim)).await;
                return Err(error);
            }
        }
        Ok(true)
    }

    /// Works on a task; one that ends leaves nothing behind that nobody needs.
    async fn carry_out_to_its_end(&self, claimed: &Claimed, hold: &Hold) -> Result<Turn, StoreError> {
        let turn = match claimed.task.kind {
            TaskKind::BulkUserImport => self.carry_out(claimed, hold).await?,
            TaskKind::ScimBulk => self.carry_out_bulk(claimed, hold).await?,
        };
        if matches!(turn, Turn::Ended(..)) {
            self.gateway.clear_task_records(&claimed.task).await?;
        }
        Ok(turn)
    }

    async fn carry_out(&self, claimed: &Claimed, hold: &Hold) -> Result<Turn, StoreError> {
        let ends = Instant::now() + SLICE;
        let (mut next, mut size, mut tries) = (claimed.next_place, CHUNK.0, 0);
        let mut doubt = self.last_in_doubt(claimed).await?;
        loop {
            let in_doubt = next <= doubt;
            if hold.is_lost() {
                return Ok(Turn::Lost);
            }
            let caller = match self.standing.caller(claimed.task.tenant, &claimed.task.by, Scope::Provision).await {
                Ok(caller) => Ok(caller),
                Err(StandingError::Unchecked(error)) => return Err(error),
                Err(error) => Err(format!("the task was ended: {error}")),
            };
            if caller.is_err() || hold.is_to_end() {
                if in_doubt && self.settle_what_is_done(claimed, next).await? == Held::Lost {
                    return Ok(Turn::Lost);
                }
                return Ok(match caller {
                    Err(why) => Turn::Ended(TaskState::Failed, Some(why)),
                    Ok(_) => Turn::Ended(TaskState::Cancelled, None),
                });
            }
            if !hold.may_begin() || (Instant::now() >= ends && !in_doubt) {
                return Ok(Turn::Rests);
            }
            let Ok(caller) = caller else { continue };
            let began = Instant::now();
            let attempt = records::Attempt { next, size, in_doubt, is_last: tries + 1 >= TRIES };
            match self.carry_out_chunk(claimed, hold, &caller, attempt).await? {
                Step::Settled(place) => (next, tries) = (place, 0),
                Step::Again(last) => {
                    doubt = doubt.max(last);
                    // One record that makes trouble is found among the others.
                    size = (size / 4).max(1);
                    if hold.may_begin() {
                        self.pause(PAUSE * 2_u32.pow(tries.min(5))).await;
                        tries += 1;
                    }
                    continue;
                }
                Step::AtEnd => return Ok(Turn::Ended(TaskState::Done, None)),
                Step::Lost => return Ok(Turn::Lost),
            }
            size = next_size(size, began.elapsed());
        }
    }

    /// The place of the last record that may have been carried out before the task was taken: no chunk is larger than this.
    async fn last_in_doubt(&self, claimed: &Claimed) -> Result<i64, StoreError> {
        let records = self.store.unsettled_records(claimed.claim, claimed.next_place, CHUNK.2).await?;
        Ok(records.last().map_or(claimed.next_place - 1, |record| record.place))
    }

    /// Writes the outcomes of what was carried out before, of a task that does not go on.
    async fn settle_what_is_done(&self, claimed: &Claimed, next: i64) -> Result<Held, StoreError> {
        let records = self.store.unsettled_records(claimed.claim, next, CHUNK.2).await?;
        let done = self.done_before(claimed, &records).await?;
        if done.is_empty() {
            return Ok(Held::Yes);
        }
        let outcomes: Vec<(i64, TaskOutcome)> = done.into_iter().collect();
        let (at, tried_from) = (self.clock.now(), claimed.tried_from);
        let settlement = Settlement { at, next_place: next, tried_from, outcomes: &outcomes };
        self.store.settle_task_records(claimed.claim, settlement).await
    }

    /// What those of the records came to whose change rows are there, by their places.
    async fn done_before(
        &self,
        claimed: &Claimed,
        records: &[TaskRecord],
    ) -> Result<HashMap<i64, TaskOutcome>, StoreError> {
        if claimed.task.dry_run || records.is_empty() {
            return Ok(HashMap::new());
        }
        let places: HashMap<RequestId, i64> =
            records.iter().map(|record| (record_request(claimed.task.txn, record.place), record.place)).collect();
        let requests: Vec<RequestId> = places.keys().copied().collect();
        let credential = CredentialId(claimed.task.by.actor.id().unwrap_or(Uuid::nil()));
        let from = claimed.tried_from - CLOCK_STEP;
        let made = self.store.made_by_requests((claimed.task.tenant, credential), from, &requests).await?;
        let mut found: HashMap<i64, (Made, Action)> = HashMap::new();
        for (request, made) in made {
            if let Some(place) = places.get(&request) {
                found.entry(*place).or_insert((made, made.action)).1 = made.action;
            }
        }
        // What was made and removed again, as a bulk request does with a circle that cannot be, came to nothing.
        let stands =
            |(_, (first, last)): &(i64, (Made, Action))| first.action != Action::Create || *last != Action::Delete;
        Ok(found.into_iter().filter(stands).map(|(place, (made, _))| (place, outcome_of(&made))).collect())
    }

    fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits, or until it is told to stop.
    async fn pause(&self, time: Duration) {
        let mut stop = self.stop.clone();
        tokio::select! {
            () = sleep(time) => {}
            // The sender is gone only when the process ends.
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

/// What a change row tells of the record that made it.
fn outcome_of(made: &Made) -> TaskOutcome {
    let kind = if made.action == Action::Create { OutcomeKind::Inserted } else { OutcomeKind::Updated };
    TaskOutcome { kind, resource: Some(made.resource), detail: None }
}

/// As many records as take about a second.
fn next_size(size: i64, elapsed: Duration) -> i64 {
    let wanted = if elapsed > CHUNK_TIME * 2 {
        size / 2
    } else if elapsed < CHUNK_TIME / 2 {
        size * 2
    } else {
        size
    };
    wanted.clamp(CHUNK.1, CHUNK.2)
}
