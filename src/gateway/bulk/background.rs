//! Bulk requests that are carried out in the background, as tasks (RFC 9967, section 2.5.1).
//!
//! Each operation is a record of the task. What it says is sealed, since a password may be in it, and goes once the task is over;
//! what its answer repeats is kept beside. Each operation is a request of its own, and the ids of what it creates follow from the
//! task: whoever goes on with a task that somebody left comes to the same ids and the same order, and finds by the change rows
//! what was written.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::{BulkOutcome, BulkRun, shown};
use crate::gateway::{Gateway, GatewayError, TasksError};
use crate::model::{
    Action, Caller, NewTask, OutcomeKind, RequestId, ResourceId, Task, TaskOutcome, TaskRecord, Version, record_request,
};
use crate::scim::bulk::{BulkLimits, BulkRequest, Plan, Unit};
use crate::scim::{ScimError, urn};
use crate::store::Made;

/// The member of a record that holds what the operation says.
const SEALED: &str = "sealed";

impl Gateway {
    /// Whether bulk requests may wait for their turn: their operations are sealed meanwhile, which needs a secret key.
    pub fn takes_bulk_tasks(&self) -> bool {
        self.sealer.is_some()
    }

    /// Makes a task of a bulk request whose form was found to be right, and starts it. `operations` are the JSON texts of those of
    /// the request as they were sent.
    ///
    /// # Errors
    /// [`TasksError`]; then there is no task, or one that is forgotten by itself.
    pub async fn accept_bulk(
        &self,
        caller: &Caller,
        request: &BulkRequest,
        operations: &[String],
    ) -> Result<Task, TasksError> {
        let sealer = self.sealer.as_deref().ok_or(TasksError::NoSecretKey)?;
        let tenant = caller.tenant.id;
        let id = self.create_task(tenant, &NewTask::of_bulk(caller)).await?;
        let txn = self.existing_task(tenant, id).await?.txn;
        let mut records = Vec::with_capacity(operations.len());
        for ((operation, sent), place) in request.operations.iter().zip(operations).zip(1..) {
            let sealed = sealer.seal(&context(txn, place), sent.as_bytes())?;
            let path = operation.target.as_ref().map(|target| match &target.id {
                Some(id) => format!("{}/{id}", target.kind.endpoint),
                None => target.kind.endpoint.clone(),
            });
            let record = json!({
                "method": operation.method,
                "bulkId": operation.bulk_id,
                "path": path,
                "failOnErrors": request.fail_on_errors,
                SEALED: STANDARD.encode(sealed),
            });
            records.push(TaskRecord { place, record, refused: None, outcome: None });
        }
        self.append_task_entries(tenant, id, &records).await?;
        self.start_task(tenant, id).await
    }

    /// Goes on with a bulk request, of whose operations those with an outcome are done. Each write is only begun if `may_begin`
    /// says so then.
    ///
    /// # Errors
    /// Why it can never be carried out.
    pub fn resume_bulk<'a>(
        &'a self,
        caller: &'a Caller,
        task: &Task,
        records: &[TaskRecord],
        may_begin: &'a (dyn Fn() -> bool + Sync),
    ) -> Result<BulkRun<'a>, String> {
        let operations: Vec<Value> =
            records.iter().map(|record| self.opened(task.txn, record)).collect::<Result<_, _>>()?;
        let mut body = json!({ "schemas": [urn::BULK_REQUEST], "Operations": operations });
        if let Some(errors) = records.first().map(|record| &record.record["failOnErrors"]) {
            body["failOnErrors"] = errors.clone();
        }
        // It was held to them when it came.
        let limits = BulkLimits { operations: usize::MAX, data: usize::MAX };
        let request = BulkRequest::parse(body, &caller.catalog, &caller.tenant.dialect, limits);
        let request = request.map_err(|error| error.detail)?;
        let (errors_left, mut made) = (request.fail_on_errors, 0);
        let plan = Plan::new(request, || {
            made += 1;
            new_id(task, made).to_string()
        });
        let mut run = BulkRun::new(self, caller, plan, errors_left, may_begin);
        let request = |place| Caller { request: record_request(task.txn, place), ..caller.clone() };
        run.callers = records.iter().map(|record| request(record.place)).collect();
        for (place, record) in records.iter().enumerate() {
            if let Some(outcome) = &record.outcome {
                let failed = || GatewayError::Scim(ScimError::new(500, ""));
                let known = if outcome.kind == OutcomeKind::Failed { Err(failed()) } else { Ok(None) };
                run.settle(place, known);
                run.is_told[place] = true;
            }
        }
        run.skip_settled();
        Ok(run)
    }

    fn opened(&self, txn: Uuid, record: &TaskRecord) -> Result<Value, String> {
        let sealer = self.sealer.as_deref().ok_or_else(|| TasksError::NoSecretKey.to_string())?;
        let sealed = record.record[SEALED].as_str().and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
        let opened = sealer.open(&context(txn, record.place), &sealed);
        let opened = opened.map_err(|error| format!("an operation cannot be read: {error}"))?;
        serde_json::from_slice(opened.expose_secret()).map_err(|_| "an operation is not what was kept".to_owned())
    }
}

impl BulkRun<'_> {
    /// The requests of the operations whose outcomes are not known, or not told, with their places.
    pub fn open_requests(&self, also_failed: bool) -> HashMap<RequestId, usize> {
        let is_open = |place: &usize| match &self.outcomes[*place] {
            None => true,
            Some(outcome) => also_failed && outcome.is_err() && !self.is_told[*place],
        };
        (0..self.outcomes.len()).filter(is_open).map(|place| (self.caller(place).request, place)).collect()
    }

    /// Takes in what was found to have been written by operations whose outcomes are not known, or were thought to be failures.
    /// Answers whether there was anything.
    pub fn recover(&mut self, made: &[(usize, Made)]) -> bool {
        let mut by_place: HashMap<usize, Vec<Made>> = HashMap::new();
        for (place, made) in made {
            let own = self.operations[*place].resource.as_ref().map(|(_, id)| id.as_str());
            if own == Some(made.resource.to_string().as_str()) {
                by_place.entry(*place).or_default().push(*made);
            }
        }
        let mut is_any = false;
        for (place, made) in by_place {
            let Some(last) = made.last() else { continue };
            let is_gone = last.action == Action::Delete;
            if self.circles.contains(&place) {
                // What failed of a circle was removed again. If it is there, the circle is gone on with.
                is_any |= self.outcomes[place].is_none() || !is_gone;
                self.begun.insert(place, made);
            } else {
                self.outcomes[place] = Some(Ok((!is_gone).then_some(Version(last.version))));
                is_any = true;
            }
        }
        self.skip_settled();
        is_any
    }

    /// Whether something failed that was not told yet.
    pub fn has_failures(&self) -> bool {
        self.outcomes.iter().zip(&self.is_told).any(|(outcome, told)| !told && matches!(outcome, Some(Err(_))))
    }

    /// Whether the database was found to be away.
    pub fn is_away(&self) -> bool {
        self.is_away
    }

    /// Goes on though the database was away; what failed for that reason has failed.
    pub fn persist(&mut self) {
        self.is_away = false;
    }

    /// The outcomes that were not told yet; those of what succeeded alone, if others are to be tried again. Places count from 1.
    pub fn untold(&self, only_successes: bool) -> Vec<(i64, TaskOutcome)> {
        let outcomes = self.outcomes.iter().enumerate().filter_map(|(place, outcome)| {
            let outcome = outcome.as_ref().filter(|outcome| outcome.is_ok() || !only_successes)?;
            (!self.is_told[place]).then(|| (place as i64 + 1, self.told(place, outcome)))
        });
        outcomes.collect()
    }

    /// Notes that these outcomes are written.
    pub fn were_told(&mut self, outcomes: &[(i64, TaskOutcome)]) {
        for (place, _) in outcomes {
            if let Some(is_told) = usize::try_from(place - 1).ok().and_then(|place| self.is_told.get_mut(place)) {
                *is_told = true;
            }
        }
    }

    fn told(&self, place: usize, outcome: &BulkOutcome) -> TaskOutcome {
        let operation = &self.operations[place];
        let resource = operation.resource.as_ref().map(|(kind, id)| (&**kind, id.as_str()));
        let asked = (operation.method.as_str(), operation.bulk_id.as_deref(), resource);
        let view = shown::view(asked, outcome, self.caller(place), "");
        let kind = match (outcome, operation.method.as_str()) {
            (Err(_), _) => OutcomeKind::Failed,
            (Ok(_), "POST") => OutcomeKind::Inserted,
            (Ok(_), _) => OutcomeKind::Updated,
        };
        let resource = resource.filter(|_| outcome.is_ok()).and_then(|(_, id)| id.parse::<ResourceId>().ok());
        TaskOutcome { kind, resource, detail: Some(view.json) }
    }

    fn skip_settled(&mut self) {
        let outcomes = &self.outcomes;
        self.rest.retain(|unit| match unit {
            Unit::One(place) => outcomes[*place].is_none(),
            Unit::Circle(places) => places.iter().any(|place| outcomes[*place].is_none()),
        });
    }
}

/// What a sealed operation is.
fn context(txn: Uuid, place: i64) -> String {
    format!("bulk:{txn}:{place}")
}

/// The id of what a task creates as its n-th, always the same one.
fn new_id(task: &Task, n: u64) -> ResourceId {
    let digest = Sha256::new().chain_update("new ").chain_update(task.txn.as_bytes()).chain_update(n.to_be_bytes());
    let digest = digest.finalize();
    let random: [u8; 10] = std::array::from_fn(|index| digest[index]);
    let milliseconds = u64::try_from(task.created_at.timestamp_millis()).unwrap_or_default();
    ResourceId(Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid())
}
