//! Who works on a task: one node at a time holds it, for a while that it prolongs. No transaction is open in between.

use std::marker::PhantomData;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Double, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::row::{Columns, TaskRow, columns, task};
use crate::model::{
    Action, CredentialId, RequestId, ResourceId, Task, TaskId, TaskOutcome, TaskRecord, TaskState, TenantId,
};
use crate::store::statement::statement;
use crate::store::{Store, StoreError};

/// Who holds a task. Made anew for each claim, so that nobody who lost a task can take itself for its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder(pub Uuid);

/// A task that is held.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The task as it was when it was taken.
    pub task: Task,
    /// The claim on it.
    pub claim: Claim,
    /// Every record before this place has an outcome.
    pub next_place: i64,
    /// Since when records may have been tried whose outcome was not written.
    pub tried_from: DateTime<Utc>,
}

/// A claim on a task.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// Whose task it is.
    pub tenant: TenantId,
    /// The task.
    pub task: TaskId,
    /// Who claims it.
    pub holder: Holder,
    /// For how long it is held from each sign of life on.
    pub lease: Duration,
}

/// Whether a task is held still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It is.
    Yes,
    /// It is, and somebody asked for its end.
    ToEnd,
    /// It is not.
    Lost,
}

/// What records came to.
#[derive(Debug)]
pub struct Settlement<'a> {
    /// When.
    pub at: DateTime<Utc>,
    /// Records before this place have outcomes now; at most as far as the work has come.
    pub next_place: i64,
    /// Since when records may have been tried that have no outcome still.
    pub tried_from: DateTime<Utc>,
    /// The outcomes by the places of their records.
    pub outcomes: &'a [(i64, TaskOutcome)],
}

statement! {
    /// Takes the task whose turn it is.
    ClaimNext<'a> {
        holder: Uuid => SqlUuid,
        seconds: f64 => Double,
        now: DateTime<Utc> => Timestamptz,
    } -> (Columns, (BigInt, Timestamptz)),
    concat!("SELECT ", columns!(), ", t.next_place, t.tried_from FROM claim_task($1, $2, $3) AS t")
}

statement! {
    /// Holds a task for longer. Answers whether it is to end.
    Prolong<'a> {
        seconds: f64 => Double,
        now: DateTime<Utc> => Timestamptz,
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        holder: Uuid => SqlUuid,
    } -> Bool,
    "UPDATE tasks SET lease_until = clock_timestamp() + make_interval(secs => $1), \
        last_checked_in_at = greatest(last_checked_in_at, $2) \
        WHERE tenant_id = $3 AND id = $4 AND lease_holder = $5 RETURNING cancel_asked_at IS NOT NULL"
}

statement! {
    /// Writes what records came to.
    Settle<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        holder: Uuid => SqlUuid,
        seconds: f64 => Double,
        at: DateTime<Utc> => Timestamptz,
        next_place: i64 => BigInt,
        tried_from: DateTime<Utc> => Timestamptz,
        places: &'a [i64] => Array<BigInt>,
        outcomes: &'a [&'a str] => Array<Text>,
        resources: &'a [Option<Uuid>] => Array<Nullable<SqlUuid>>,
        details: &'a [Option<String>] => Array<Nullable<Text>>,
    } -> Text,
    "SELECT settle_task_records_2($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
}

statement! {
    /// Lets go of a task, so that its turn comes again.
    Release<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        holder: Uuid => SqlUuid,
    } -> BigInt,
    "UPDATE tasks SET lease_holder = NULL, lease_until = NULL, rested_at = clock_timestamp() \
        WHERE tenant_id = $1 AND id = $2 AND lease_holder = $3 RETURNING id"
}

statement! {
    /// Ends a task.
    Finish<'a> {
        state: &'a str => Text,
        error: Option<&'a str> => Nullable<Text>,
        at: DateTime<Utc> => Timestamptz,
        expires_at: DateTime<Utc> => Timestamptz,
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        holder: Uuid => SqlUuid,
    } -> BigInt,
    "UPDATE tasks SET state = $1, error = $2, completed_at = $3, last_checked_in_at = greatest(last_checked_in_at, $3), \
        expires_at = $4, lease_holder = NULL, lease_until = NULL \
        WHERE tenant_id = $5 AND id = $6 AND lease_holder = $7 RETURNING id"
}

statement! {
    /// The next records of a task that have no outcome.
    Unsettled<'a> {
        tenant: Uuid => SqlUuid,
        task: i64 => BigInt,
        from: i64 => BigInt,
        limit: i64 => BigInt,
    } -> (BigInt, Json, Nullable<Json>),
    "SELECT r.place, r.record, r.refused FROM task_records r WHERE r.tenant_id = $1 AND r.task_id = $2 AND r.place >= $3 \
        AND NOT EXISTS (SELECT FROM task_outcomes o WHERE o.tenant_id = r.tenant_id AND o.task_id = r.task_id \
            AND o.place = r.place) ORDER BY r.place LIMIT $4"
}

statement! {
    /// The changes that a credential made with some requests since an instant, in order.
    MadeBy<'a> {
        tenant: Uuid => SqlUuid,
        credential: Uuid => SqlUuid,
        from: DateTime<Utc> => Timestamptz,
        requests: &'a [Uuid] => Array<SqlUuid>,
    } -> (SqlUuid, SqlUuid, Text, BigInt),
    "SELECT request_id, resource_id, action, version FROM changes \
        WHERE tenant_id = $1 AND credential_id = $2 AND at >= $3 AND request_id = ANY ($4) ORDER BY at, position"
}

/// A change that was made.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    /// The resource.
    pub resource: ResourceId,
    /// What was done.
    pub action: Action,
    /// Its version after that.
    pub version: i64,
}

impl Store {
    /// Takes the task whose turn it is, if there is one that nobody holds, for as long as `lease`.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn claim_task(
        &self,
        holder: Holder,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<Claimed>, StoreError> {
        let statement = ClaimNext { holder: holder.0, seconds: lease.as_secs_f64(), now, lifetime: PhantomData };
        let rows: Vec<(TaskRow, (i64, DateTime<Utc>))> = self.save(statement).await?;
        let Some((row, (next_place, tried_from))) = rows.into_iter().next() else { return Ok(None) };
        let task = task(row)?;
        let claim = Claim { tenant: task.tenant, task: task.id, holder, lease };
        Ok(Some(Claimed { task, claim, next_place, tried_from }))
    }

    /// Gives a sign of life.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn prolong(&self, claim: Claim, now: DateTime<Utc>) -> Result<Held, StoreError> {
        let Claim { tenant, task, holder, lease } = claim;
        let (seconds, lifetime) = (lease.as_secs_f64(), PhantomData);
        let statement = Prolong { seconds, now, tenant: tenant.0, task: task.0, holder: holder.0, lifetime };
        let rows: Vec<bool> = self.save(statement).await?;
        Ok(match rows.first() {
            Some(false) => Held::Yes,
            Some(true) => Held::ToEnd,
            None => Held::Lost,
        })
    }

    /// Writes what records came to, each once. Nothing is written if the task is lost.
    ///
    /// # Errors
    /// That the database is away or at fault; then the same may be written again.
    pub async fn settle_task_records(&self, claim: Claim, settlement: Settlement<'_>) -> Result<Held, StoreError> {
        let Claim { tenant, task, holder, lease } = claim;
        let outcomes = settlement.outcomes;
        let statement = Settle {
            tenant: tenant.0,
            task: task.0,
            holder: holder.0,
            seconds: lease.as_secs_f64(),
            at: settlement.at,
            next_place: settlement.next_place,
            tried_from: settlement.tried_from,
            places: &outcomes.iter().map(|(place, _)| *place).collect::<Vec<_>>(),
            outcomes: &outcomes.iter().map(|(_, outcome)| outcome.kind.as_str()).collect::<Vec<_>>(),
            resources: &outcomes.iter().map(|(_, outcome)| Some(outcome.resource?.0)).collect::<Vec<_>>(),
            details: &outcomes
                .iter()
                .map(|(_, outcome)| outcome.detail.as_ref().map(Value::to_string))
                .collect::<Vec<_>>(),
            lifetime: PhantomData,
        };
        let rows: Vec<String> = self.save(statement).await?;
        Ok(match rows.first().map(String::as_str) {
            Some("held") => Held::Yes,
            Some("cancel") => Held::ToEnd,
            _ => Held::Lost,
        })
    }

    /// Lets go of a task, so that others come to their turn.
    ///
    /// # Errors
    /// That the database is away or at fault; then the task is free when its time is over.
    pub async fn release_task(&self, claim: Claim) -> Result<(), StoreError> {
        let Claim { tenant, task, holder, .. } = claim;
        let statement = Release { tenant: tenant.0, task: task.0, holder: holder.0, lifetime: PhantomData };
        let _: Vec<i64> = self.save(statement).await?;
        Ok(())
    }

    /// Ends a task; what is known of it is kept until `expires_at`.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn finish_task(
        &self,
        claim: Claim,
        (state, error): (TaskState, Option<&str>),
        (at, expires_at): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<(), StoreError> {
        let Claim { tenant, task, holder, .. } = claim;
        let (tenant, task, holder, state) = (tenant.0, task.0, holder.0, state.as_str());
        let statement = Finish { state, error, at, expires_at, tenant, task, holder, lifetime: PhantomData };
        let _: Vec<i64> = self.save(statement).await?;
        Ok(())
    }

    /// The next records of a task that have no outcome, from a place on, at most `limit` of them.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn unsettled_records(&self, claim: Claim, from: i64, limit: i64) -> Result<Vec<TaskRecord>, StoreError> {
        let statement = Unsettled { tenant: claim.tenant.0, task: claim.task.0, from, limit, lifetime: PhantomData };
        let rows: Vec<(i64, Value, Option<Value>)> = self.search(statement).await?;
        let record = |(place, record, refused)| TaskRecord { place, record, refused, outcome: None };
        Ok(rows.into_iter().map(record).collect())
    }

    /// The changes that a credential made with some requests since an instant, in order, by the request.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn made_by_requests(
        &self,
        (tenant, credential): (TenantId, CredentialId),
        from: DateTime<Utc>,
        requests: &[RequestId],
    ) -> Result<Vec<(RequestId, Made)>, StoreError> {
        let requests = &requests.iter().map(|request| request.0).collect::<Vec<_>>();
        let statement = MadeBy { tenant: tenant.0, credential: credential.0, from, requests, lifetime: PhantomData };
        let rows: Vec<(Uuid, Uuid, String, i64)> = self.search(statement).await?;
        let made = |(request, resource, action, version): (Uuid, Uuid, String, i64)| {
            let action = action.parse().map_err(|error: String| StoreError::internal(error))?;
            Ok((RequestId(request), Made { resource: ResourceId(resource), action, version }))
        };
        rows.into_iter().map(made).collect()
    }
}
