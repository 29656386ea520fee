//! What administrators did, and sign-ins, as entries of the log.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::{ALWAYS, Found, Question};
use crate::model::{ActivityCursor, ActivityFilter, ActivityPage, By, Entry, Kind, Outcome, RequestId, Target, Told};
use crate::store::statement::statement;
use crate::store::{Store, StoreError, TenantStore};

macro_rules! sql {
    ($of:literal) => {
        concat!(
            "SELECT position, at, actor_kind, actor_id, actor, action, outcome, target_kind, target_id, target_name, details, \
                request_id, address FROM admin_actions WHERE ",
            $of,
            " AND at <= $2 AND (at, position) < ($2, $3) AND at >= $4 \
            AND coalesce(action = $5 OR (right($5, 1) = '.' AND starts_with(action, $5)), true) AND coalesce(outcome = $6, true) \
            AND ($7::text IS NULL OR coalesce(actor = $7 OR actor_id::text = $7 OR actor_id = ANY ($8), false)) \
            AND ($9::text IS NULL OR coalesce(target_id = $9 OR target_name = $9 OR target_id = ANY ($10), false)) \
            ORDER BY at DESC, position DESC LIMIT $11"
        )
    };
}

macro_rules! actions {
    ($(#[$doc:meta])* $name:ident, $of:literal) => {
        statement! {
            $(#[$doc])*
            $name<'a> {
                tenant: Option<Uuid> => Nullable<SqlUuid>,
                at: DateTime<Utc> => Timestamptz,
                position: i64 => BigInt,
                from: DateTime<Utc> => Timestamptz,
                action: Option<&'a str> => Nullable<Text>,
                outcome: Option<&'a str> => Nullable<Text>,
                actor: Option<&'a str> => Nullable<Text>,
                actors: Option<&'a [Uuid]> => Nullable<Array<SqlUuid>>,
                target: Option<&'a str> => Nullable<Text>,
                targets: Option<&'a [String]> => Nullable<Array<Text>>,
                limit: i64 => BigInt,
            } -> Columns,
            sql!($of)
        }
    };
}

actions! {
    /// What concerns a tenant.
    OfTenant, "tenant_id = $1"
}
actions! {
    /// What concerns the whole instance.
    OfInstance, "tenant_id IS NOT DISTINCT FROM $1::uuid AND tenant_id IS NULL"
}

type Columns = (
    (BigInt, Timestamptz, Text, Nullable<SqlUuid>, Text, Text, Text),
    (Text, Nullable<Text>, Text, Json, Nullable<SqlUuid>, Nullable<Text>),
);
type Row = (
    (i64, DateTime<Utc>, String, Option<Uuid>, String, String, String),
    (String, Option<String>, String, Value, Option<Uuid>, Option<String>),
);

impl TenantStore {
    /// What administrators did in the tenant.
    pub(super) async fn activity_of_administration(&self, question: &Question<'_>) -> Result<Found, StoreError> {
        let filter = question.filter;
        let targets: Option<Vec<String>> =
            question.who.targets.as_ref().map(|ids| ids.iter().map(Uuid::to_string).collect());
        let statement = OfTenant {
            tenant: Some(self.tenant.0),
            at: question.below.0,
            position: question.below.1,
            from: question.from,
            action: filter.action.as_ref().map(|action| action.as_str()),
            outcome: filter.outcome.map(Outcome::as_str),
            actor: filter.actor.as_ref().map(|actor| actor.as_str()),
            actors: question.who.credentials.as_deref(),
            target: filter.target.as_ref().map(|target| target.as_str()),
            targets: targets.as_deref(),
            limit: question.limit as i64,
            lifetime: PhantomData,
        };
        let rows: Vec<Row> = self.store.search(statement).await?;
        Ok(Found::of(rows.into_iter().map(entry).collect(), question.limit))
    }
}

impl Store {
    /// What administrators did that concerns no tenant alone, behind `after` or from the newest on. Of the filter's conditions
    /// those hold that administration can meet.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn activity_of_instance(
        &self,
        filter: &ActivityFilter,
        after: Option<&ActivityCursor>,
        limit: u32,
    ) -> Result<ActivityPage, StoreError> {
        let none = filter.kind.is_some_and(|kind| kind != Kind::Administration)
            || filter.resource_type.is_some()
            || filter.connection.is_some();
        if none {
            return Ok(ActivityPage { entries: Vec::new(), next: None });
        }
        let below = after.map_or((filter.to.unwrap_or(ALWAYS.1), i64::MIN), |at| at.bound(Kind::Administration));
        let statement = OfInstance {
            tenant: None,
            at: below.0,
            position: below.1,
            from: filter.from.unwrap_or(ALWAYS.0),
            action: filter.action.as_ref().map(|action| action.as_str()),
            outcome: filter.outcome.map(Outcome::as_str),
            actor: filter.actor.as_ref().map(|actor| actor.as_str()),
            actors: None,
            target: filter.target.as_ref().map(|target| target.as_str()),
            targets: None,
            limit: i64::from(limit.max(1)),
            lifetime: PhantomData,
        };
        let rows: Vec<Row> = self.search(statement).await?;
        let entries: Vec<Entry> = rows.into_iter().map(entry).collect();
        let next = entries.last().map(ActivityCursor::of).filter(|_| entries.len() >= limit.max(1) as usize);
        Ok(ActivityPage { entries, next })
    }
}

fn entry(row: Row) -> Entry {
    let ((position, at, actor_kind, actor_id, actor, action, outcome), rest) = row;
    let (target_kind, target_id, target_name, details, request, address) = rest;
    Entry {
        kind: Kind::Administration,
        position,
        at,
        action,
        outcome: if outcome == Outcome::Success.as_str() { Outcome::Success } else { Outcome::Failure },
        actor: By { kind: actor_kind, id: actor_id, name: actor },
        connection: None,
        target: Target { kind: target_kind, id: target_id, name: target_name },
        request: request.map(RequestId),
        address,
        told: Told::Administration { details },
    }
}
