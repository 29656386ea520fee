//! A task as its row has it.

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::{
    Actor, AskedBy, ConnectionId, OutcomeKind, RecordMode, RequestId, ResourceId, Scopes, Task, TaskCounts, TaskId,
    TaskOutcome, TenantId,
};
use crate::store::StoreError;

/// The columns that [`TaskRow`] has, of `t`.
macro_rules! columns {
    () => {
        "t.tenant_id, t.id, t.kind, t.state, t.mode, t.dry_run, t.txn, t.asked_by, t.retry_of, \
            t.total, t.inserted, t.updated, t.unchanged, t.failed, t.created_at, t.last_checked_in_at, t.completed_at, \
            t.cancel_asked_at, t.error"
    };
}
pub(super) use columns;

/// Their types.
pub(super) type Columns = (
    (SqlUuid, BigInt, Text, Text, Nullable<Text>, Bool, SqlUuid, Json, Nullable<BigInt>),
    (BigInt, BigInt, BigInt, BigInt, BigInt),
    (Timestamptz, Nullable<Timestamptz>, Nullable<Timestamptz>, Nullable<Timestamptz>, Nullable<Text>),
);

/// A row.
pub(super) type TaskRow = (
    (Uuid, i64, String, String, Option<String>, bool, Uuid, Value, Option<i64>),
    (i64, i64, i64, i64, i64),
    (DateTime<Utc>, Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<String>),
);

/// The task of a row.
pub(super) fn task(row: TaskRow) -> Result<Task, StoreError> {
    let ((tenant, id, kind, state, mode, dry_run, txn, by, retry_of), counts, rest) = row;
    let (total, inserted, updated, unchanged, failed) = counts;
    let (created_at, last_checked_in_at, completed_at, cancel_asked_at, error) = rest;
    let mode = mode.map(|mode| serde_json::from_value(mode.into())).transpose().map_err(StoreError::internal)?;
    Ok(Task {
        tenant: TenantId(tenant),
        id: TaskId(id),
        kind: kind.parse().map_err(|error: String| StoreError::internal(error))?,
        state: state.parse().map_err(|error: String| StoreError::internal(error))?,
        mode,
        dry_run,
        txn,
        by: asked_by(&by)?,
        retry_of: retry_of.map(TaskId),
        counts: TaskCounts { total, inserted, updated, unchanged, failed },
        created_at,
        last_checked_in_at,
        completed_at,
        is_to_end: cancel_asked_at.is_some(),
        error,
    })
}

/// The name of a mode.
pub(super) fn mode_name(mode: RecordMode) -> &'static str {
    match mode {
        RecordMode::Create => "create",
        RecordMode::Update => "update",
        RecordMode::Upsert => "upsert",
    }
}

/// Who asked, as it is kept.
pub(super) fn asked_by_json(by: &AskedBy) -> Value {
    json!({
        "kind": by.actor.kind(),
        "id": by.actor.id(),
        "name": by.actor.name(),
        "scopes": by.scopes.names(),
        "connection": by.connection,
        "request": by.request,
        "address": by.address.map(|address| address.to_string()),
    })
}

fn asked_by(kept: &Value) -> Result<AskedBy, StoreError> {
    let text = |name: &str| kept[name].as_str();
    let id = |name: &str| text(name).map(|id| id.parse::<Uuid>().map_err(StoreError::internal)).transpose();
    let name = text("name").unwrap_or_default().to_owned();
    let actor = match (text("kind"), id("id")?) {
        (Some("admin"), Some(id)) => Actor::Admin { id, name },
        (Some("credential"), Some(id)) => Actor::Credential { id, name },
        (Some("command line"), _) => Actor::CommandLine,
        (Some("system"), _) => Actor::System,
        _ => return Err(StoreError::internal(format!("{kept} is nobody who can ask for a task"))),
    };
    let scopes = kept["scopes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    Ok(AskedBy {
        actor,
        scopes: Scopes::known(scopes),
        connection: id("connection")?.map(ConnectionId),
        request: id("request")?.map(RequestId),
        address: text("address").and_then(|address| address.parse().ok()),
    })
}

/// What is kept of an outcome.
pub(super) type OutcomeRow = (Option<String>, Option<Uuid>, Option<Value>);

/// The outcome of a row, if it has one.
pub(super) fn outcome((kind, resource, detail): OutcomeRow) -> Result<Option<TaskOutcome>, StoreError> {
    let Some(kind) = kind else { return Ok(None) };
    let kind: OutcomeKind = kind.parse().map_err(|error: String| StoreError::internal(error))?;
    Ok(Some(TaskOutcome { kind, resource: resource.map(ResourceId), detail }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Scope;

    #[test]
    fn who_asked_comes_back_as_it_was() {
        let of = |actor: Actor| AskedBy {
            actor,
            scopes: Scopes::from(Scope::Provision).or(Scopes::READ),
            connection: Some(ConnectionId(Uuid::from_u128(3))),
            request: Some(RequestId(Uuid::from_u128(4))),
            address: Some("2001:db8::1".parse().unwrap()),
        };
        let (id, name) = (Uuid::from_u128(9), "Workday".to_owned());
        for actor in
            [Actor::Credential { id, name: name.clone() }, Actor::Admin { id, name }, Actor::CommandLine, Actor::System]
        {
            let by = of(actor);
            assert_eq!(asked_by(&asked_by_json(&by)).unwrap(), by);
        }
        assert!(asked_by(&json!({"kind": "somebody"})).is_err());
    }
}
