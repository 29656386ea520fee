//! Carrying out records of people, some at a time.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use futures_util::FutureExt;

use super::hold::Hold;
use super::{Step, TaskRunner};
use crate::gateway::Provisioned;
use crate::model::{
    Caller, Credentials, OutcomeKind, Provisioning, Record, RecordCode, RecordFailure, RecordMode, RecordOutcome,
    TaskOutcome, TaskRecord, Tenant, record_request,
};
use crate::scim::fold::fold;
use crate::store::{Claimed, Settlement, StoreError};

/// How records are tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt {
    /// Where the work goes on.
    pub next: i64,
    /// How many records at most.
    pub size: i64,
    /// Whether some of them may have been carried out before.
    pub in_doubt: bool,
    /// Whether what the database cannot take now is told as failed.
    pub is_last: bool,
}

impl TaskRunner {
    /// Carries out the next records, and writes what they came to.
    pub(super) async fn carry_out_chunk(
        &self,
        claimed: &Claimed,
        hold: &Hold,
        caller: &Caller,
        attempt: Attempt,
    ) -> Result<Step, StoreError> {
        let records = self.store.unsettled_records(claimed.claim, attempt.next, attempt.size).await?;
        let records = without_twins(records);
        let Some(last) = records.last().map(|record| record.place) else { return Ok(Step::AtEnd) };
        let outcomes = self.outcomes(claimed, hold, caller, (&records, attempt)).await?;
        let is_complete = outcomes.len() == records.len();
        let next_place = if is_complete { last + 1 } else { attempt.next };
        let sent = Instant::now();
        let at = self.clock.now();
        // As long as something may have been tried before, whoever comes next looks as far back as we did.
        let tried_from = if attempt.in_doubt || !is_complete { claimed.tried_from } else { at };
        let settlement = Settlement { at, next_place, tried_from, outcomes: &outcomes };
        let held = self.store.settle_task_records(claimed.claim, settlement).await?;
        hold.told(held, sent);
        Ok(if hold.is_lost() {
            Step::Lost
        } else if is_complete {
            Step::Settled(next_place)
        } else {
            Step::Again(last)
        })
    }

    /// What the records came to; nothing of those that are to be tried again.
    async fn outcomes(
        &self,
        claimed: &Claimed,
        hold: &Hold,
        caller: &Caller,
        (records, attempt): (&[TaskRecord], Attempt),
    ) -> Result<Vec<(i64, TaskOutcome)>, StoreError> {
        let before = if attempt.in_doubt { self.done_before(claimed, records).await? } else { Default::default() };
        let mut outcomes: Vec<(i64, TaskOutcome)> = Vec::with_capacity(records.len());
        let mut open = Vec::new();
        for record in records {
            match (before.get(&record.place), read(record)) {
                (Some(outcome), _) => outcomes.push((record.place, outcome.clone())),
                (None, Ok(person)) => open.push((record.place, person)),
                (None, Err(outcome)) => outcomes.push((record.place, outcome)),
            }
        }
        let tried = self.provision(claimed, hold, caller, (&open, attempt)).await;
        // What another node was just writing when we looked may be there now.
        let doubtful = |outcome: &Option<TaskOutcome>| {
            outcome.as_ref().is_none_or(|outcome| matches!(outcome.kind, OutcomeKind::Failed | OutcomeKind::Unchanged))
        };
        let after = if attempt.in_doubt && tried.iter().any(doubtful) {
            let waits = |record: &&TaskRecord| open.iter().any(|(place, _)| *place == record.place);
            let tried: Vec<TaskRecord> = records.iter().filter(waits).cloned().collect();
            self.done_before(claimed, &tried).await?
        } else {
            Default::default()
        };
        for ((place, _), outcome) in open.iter().zip(tried) {
            let settled = after.get(place).cloned().or(outcome.filter(|outcome| {
                attempt.is_last || !outcome.failure().is_some_and(|failure| passes_by_itself(failure.code))
            }));
            outcomes.extend(settled.map(|outcome| (*place, outcome)));
        }
        Ok(outcomes)
    }

    /// Carries the records out; `None` of what was not begun.
    async fn provision(
        &self,
        claimed: &Claimed,
        hold: &Hold,
        caller: &Caller,
        (open, attempt): (&[(i64, Record)], Attempt),
    ) -> Vec<Option<TaskOutcome>> {
        if open.is_empty() {
            return Vec::new();
        }
        let caller = without_passwords(caller);
        let records: Vec<Record> = open.iter().map(|(_, record)| record.clone()).collect();
        let mode = claimed.task.mode.unwrap_or(RecordMode::Upsert);
        let not_begun: Vec<AtomicBool> = open.iter().map(|_| Default::default()).collect();
        let begin = |at: usize| {
            let may = hold.may_begin();
            not_begun[at].store(!may, Ordering::Relaxed);
            may.then(|| record_request(claimed.task.txn, open[at].0))
        };
        let work = self.gateway.provision_each(&caller, mode, &records, claimed.task.dry_run, &begin);
        let Ok(provisioned) = AssertUnwindSafe(work).catch_unwind().await else {
            log::error!("task {}: a record made the program panic, see above", claimed.task.id);
            // Others of them may have been carried out, which the next try finds out.
            return open.iter().map(|_| attempt.is_last.then(|| TaskOutcome::failed(&panicked()))).collect();
        };
        let was_begun = not_begun.iter().map(|flag| !flag.load(Ordering::Relaxed));
        provisioned.into_iter().zip(was_begun).map(|(one, begun)| begun.then(|| outcome(one))).collect()
    }
}

/// The records up to the first that tells of somebody whom one before it tells of: those are carried out one behind the other.
fn without_twins(mut records: Vec<TaskRecord>) -> Vec<TaskRecord> {
    let mut seen = HashSet::new();
    let keys = |record: &TaskRecord| {
        let names = ["employeeId", "email", "userName"];
        let told = names.into_iter().filter_map(|name| Some((name, record.record[name].as_str()?.trim().to_owned())));
        told.filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| (name, fold(&text).into_owned()))
            .collect::<Vec<_>>()
    };
    let until = records.iter().position(|record| !keys(record).into_iter().all(|key| seen.insert(key)));
    records.truncate(until.unwrap_or(records.len()));
    records
}

/// The person that a record tells of, or why it is not tried.
fn read(record: &TaskRecord) -> Result<Record, TaskOutcome> {
    if let Some(refused) = &record.refused {
        return Err(TaskOutcome { kind: OutcomeKind::Failed, resource: None, detail: Some(refused.clone()) });
    }
    serde_json::from_value(record.record.clone()).map_err(|error| {
        log::error!("a record of a task cannot be read: {error}");
        TaskOutcome::failed(&panicked())
    })
}

/// Passwords are shown in the answer that tells of a new user and nowhere else, and a task has no such answer.
fn without_passwords(caller: &Caller) -> Caller {
    if caller.tenant.provisioning.credentials != Credentials::ReturnOnce {
        return caller.clone();
    }
    let provisioning = Provisioning { credentials: Credentials::None, ..caller.tenant.provisioning.clone() };
    Caller { tenant: Tenant { provisioning, ..Tenant::clone(&caller.tenant) }.into(), ..caller.clone() }
}

fn outcome(provisioned: Provisioned) -> TaskOutcome {
    let done = |kind, id| TaskOutcome { kind, resource: Some(id), detail: None };
    match provisioned.outcome {
        RecordOutcome::Inserted(id) => done(OutcomeKind::Inserted, id),
        RecordOutcome::Updated(id) => done(OutcomeKind::Updated, id),
        RecordOutcome::Unchanged(id) => done(OutcomeKind::Unchanged, id),
        RecordOutcome::Failed(failure) => TaskOutcome::failed(&failure),
    }
}

/// Whether trying again may help.
fn passes_by_itself(code: RecordCode) -> bool {
    matches!(code, RecordCode::Unavailable | RecordCode::Conflict)
}

fn panicked() -> RecordFailure {
    let message = "An internal error; the server's log has the cause".to_owned();
    RecordFailure { code: RecordCode::InternalError, message, field: None }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn places(records: &[Value]) -> usize {
        let of =
            |(place, record): (i64, &Value)| TaskRecord { place, record: record.clone(), refused: None, outcome: None };
        without_twins((1..).zip(records).map(of).collect()).len()
    }

    #[test]
    fn records_of_one_person_are_carried_out_one_behind_the_other() {
        let (ann, ben) =
            (json!({"employeeId": "E1", "email": "a@x.org"}), json!({"employeeId": "E2", "email": "b@x.org"}));
        assert_eq!(places(&[ann.clone(), ben.clone()]), 2);
        for twin in [
            json!({"employeeId": " e1 "}),
            json!({"email": "A@X.ORG"}),
            json!({"employeeId": "E3", "email": "a@x.org"}),
        ] {
            assert_eq!(places(&[ann.clone(), ben.clone(), twin.clone(), json!({})]), 2, "{twin}");
        }
        assert_eq!(
            places(&[json!({}), json!({"email": ""}), json!({"email": " "})]),
            3,
            "what tells nobody is no twin"
        );
    }
}
