//! Changes of resources as entries of the log.

use std::marker::PhantomData;
use std::time::Instant;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::{Found, Question};
use crate::model::{
    Actor, AttributeChange, By, ConnectionId, Entry, Kind, Outcome, RequestId, Target, ThroughConnection, Told,
    restored_version,
};
use crate::scim::explain::Readings;
use crate::store::statement::statement;
use crate::store::{StoreError, TenantStore};

/// How many rows one statement looks at, one after the other while a page finds too little.
const WINDOWS: [i64; 3] = [2_000, 16_000, 64_000];

/// The columns of an entry `s`, whose credential's connection is `n`.
macro_rules! columns {
    () => {
        "s.position, s.at, s.action, s.resource_type, s.resource_id, s.resource_name, s.version, s.credential_id, s.actor, \
            s.request_id, s.address, s.attributes, s.readings, k.id IS NOT NULL, n.id, n.name"
    };
}
macro_rules! connection {
    () => {
        " LEFT JOIN credentials k ON k.tenant_id = $1 AND k.id = s.credential_id \
            LEFT JOIN connections n ON n.tenant_id = k.tenant_id AND n.id = k.connection_id "
    };
}
type Columns = (
    (BigInt, Timestamptz, Text, Text, SqlUuid, Text, BigInt, SqlUuid, Text),
    (SqlUuid, Nullable<Text>, Json, Nullable<Text>, Bool, Nullable<SqlUuid>, Nullable<Text>),
);
/// Whether the row is meant, its number among those looked at, and itself.
type Answer = (Bool, BigInt, Columns);
type Row = (
    (i64, DateTime<Utc>, String, String, Uuid, String, i64, Uuid, String),
    (Uuid, Option<String>, Value, Option<String>, bool, Option<Uuid>, Option<String>),
);

statement! {
    /// Looks through a tenant's changes backwards. The last row looked at is among the answer, with what tells whether it is
    /// meant itself: from there it goes on.
    Window<'a> {
        tenant: Uuid => SqlUuid,
        at: DateTime<Utc> => Timestamptz,
        position: i64 => BigInt,
        from: DateTime<Utc> => Timestamptz,
        rows: i64 => BigInt,
        action: Option<&'a str> => Nullable<Text>,
        resource_type: Option<&'a str> => Nullable<Text>,
        actor: Option<&'a str> => Nullable<Text>,
        limit: i64 => BigInt,
    } -> Answer,
    concat!(
        "WITH looked_at AS (SELECT *, row_number() OVER (ORDER BY at DESC, position DESC) AS number FROM changes \
            WHERE tenant_id = $1 AND at <= $2 AND (at, position) < ($2, $3) AND at >= $4 \
            ORDER BY at DESC, position DESC LIMIT $5), \
        weighed AS (SELECT *, coalesce(action = $6, true) AND coalesce(resource_type = $7, true) \
            AND coalesce(actor = $8, true) AS meant FROM looked_at), \
        s AS (SELECT * FROM weighed WHERE meant OR number = $5 ORDER BY at DESC, position DESC LIMIT $9) \
        SELECT s.meant, s.number, ", columns!(), " FROM s ", connection!(), "ORDER BY s.at DESC, s.position DESC"
    )
}

statement! {
    /// As [`Window`], of what some credentials did, by an index of its own.
    WindowOfCredentials<'a> {
        tenant: Uuid => SqlUuid,
        credentials: &'a [Uuid] => Array<SqlUuid>,
        at: DateTime<Utc> => Timestamptz,
        position: i64 => BigInt,
        from: DateTime<Utc> => Timestamptz,
        rows: i64 => BigInt,
        action: Option<&'a str> => Nullable<Text>,
        resource_type: Option<&'a str> => Nullable<Text>,
        limit: i64 => BigInt,
    } -> Answer,
    concat!(
        "WITH of_all AS (SELECT c.* FROM (SELECT $1::uuid AS tenant, unnest($2) AS id) AS wanted CROSS JOIN LATERAL ( \
            SELECT * FROM changes WHERE tenant_id = wanted.tenant AND credential_id = wanted.id AND at <= $3 \
                AND (at, position) < ($3, $4) AND at >= $5 ORDER BY at DESC, position DESC LIMIT $6) AS c \
            ORDER BY c.at DESC, c.position DESC LIMIT $6), \
        looked_at AS (SELECT *, row_number() OVER (ORDER BY at DESC, position DESC) AS number FROM of_all), \
        weighed AS (SELECT *, coalesce(action = $7, true) AND coalesce(resource_type = $8, true) AS meant FROM looked_at), \
        s AS (SELECT * FROM weighed WHERE meant OR number = $6 ORDER BY at DESC, position DESC LIMIT $9) \
        SELECT s.meant, s.number, ", columns!(), " FROM s ", connection!(), "ORDER BY s.at DESC, s.position DESC"
    )
}

statement! {
    /// The changes of some resources, which an index leads to.
    OfResources<'a> {
        tenant: Uuid => SqlUuid,
        at: DateTime<Utc> => Timestamptz,
        position: i64 => BigInt,
        from: DateTime<Utc> => Timestamptz,
        resources: &'a [Uuid] => Array<SqlUuid>,
        action: Option<&'a str> => Nullable<Text>,
        resource_type: Option<&'a str> => Nullable<Text>,
        credentials: Option<&'a [Uuid]> => Nullable<Array<SqlUuid>>,
        actor: Option<&'a str> => Nullable<Text>,
        limit: i64 => BigInt,
    } -> Answer,
    concat!(
        "WITH s AS (SELECT * FROM changes WHERE tenant_id = $1 AND at <= $2 \
            AND (at, position) < ($2, $3) AND at >= $4 AND resource_id = ANY ($5) AND coalesce(action = $6, true) \
            AND coalesce(resource_type = $7, true) AND (coalesce(credential_id = ANY ($8), true) OR coalesce(actor = $9, false)) \
            ORDER BY at DESC, position DESC LIMIT $10) \
        SELECT true, 0::bigint, ", columns!(), " FROM s ", connection!(), "ORDER BY s.at DESC, s.position DESC"
    )
}

statement! {
    /// The changes that one request made, which are not older than the request and hardly younger.
    OfRequest<'a> {
        tenant: Uuid => SqlUuid,
        from: DateTime<Utc> => Timestamptz,
        to: DateTime<Utc> => Timestamptz,
        request: Uuid => SqlUuid,
        limit: i64 => BigInt,
    } -> Answer,
    concat!(
        "WITH s AS (SELECT * FROM changes WHERE tenant_id = $1 AND at >= $2 AND at <= $3 \
            AND request_id = $4 ORDER BY at, position LIMIT $5) \
        SELECT true, 0::bigint, ", columns!(), " FROM s ", connection!(), "ORDER BY s.at, s.position"
    )
}

impl TenantStore {
    /// What became of resources.
    pub(super) async fn activity_of_resources(&self, question: &Question<'_>) -> Result<Found, StoreError> {
        let (filter, who) = (question.filter, question.who);
        let actor = filter.actor.as_ref().map(|actor| actor.as_str());
        if filter.connection.is_some() && who.credentials.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Found { entries: Vec::new(), down_to: None });
        }
        match (&who.targets, &who.credentials) {
            (Some(targets), credentials) => {
                let statement = OfResources {
                    tenant: self.tenant.0,
                    at: question.below.0,
                    position: question.below.1,
                    from: question.from,
                    resources: targets,
                    action: filter.action.as_ref().map(|action| action.as_str()),
                    resource_type: filter.resource_type.as_ref().map(|kind| kind.as_str()),
                    credentials: credentials.as_deref(),
                    actor: actor.filter(|_| filter.connection.is_none()),
                    limit: question.limit as i64,
                    lifetime: PhantomData,
                };
                let rows: Vec<(bool, i64, Row)> = self.store.search(statement).await?;
                let entries = rows.into_iter().map(|(_, _, row)| entry(row)).collect::<Result<_, _>>()?;
                Ok(Found::of(entries, question.limit))
            }
            (None, Some(credentials)) if !credentials.is_empty() => {
                self.windows(question, Some(credentials), None).await
            }
            (None, _) => self.windows(question, None, actor).await,
        }
    }

    /// Looks through one window after the other until enough is found, everything was looked at, or time is up.
    async fn windows(
        &self,
        question: &Question<'_>,
        credentials: Option<&[Uuid]>,
        actor: Option<&str>,
    ) -> Result<Found, StoreError> {
        let filter = question.filter;
        let takes_all = filter.action.is_none() && filter.resource_type.is_none() && actor.is_none();
        let mut below = question.below;
        let mut entries: Vec<Entry> = Vec::new();
        for size in WINDOWS.into_iter().chain(std::iter::repeat(WINDOWS[WINDOWS.len() - 1])) {
            let limit = (question.limit - entries.len()) as i64;
            let rows = if takes_all { limit } else { size.max(limit) };
            let found = self.window(question, below, (credentials, actor), (rows, limit)).await?;
            let Some((_, number, ((position, at, ..), _))) = found.last() else {
                return Ok(Found { entries, down_to: None });
            };
            below = (*at, *position);
            // Neither cut short by the limit nor by the window: there is nothing behind it.
            let is_last = (found.len() as i64) < limit && *number < rows;
            for (_, _, row) in found.into_iter().filter(|(meant, ..)| *meant) {
                entries.push(entry(row)?);
            }
            if is_last {
                return Ok(Found { entries, down_to: None });
            }
            if entries.len() >= question.limit || Instant::now() >= question.ends {
                break;
            }
        }
        Ok(Found { entries, down_to: Some(below) })
    }

    async fn window(
        &self,
        question: &Question<'_>,
        (at, position): (DateTime<Utc>, i64),
        (credentials, actor): (Option<&[Uuid]>, Option<&str>),
        (rows, limit): (i64, i64),
    ) -> Result<Vec<(bool, i64, Row)>, StoreError> {
        let (tenant, from, filter, lifetime) = (self.tenant.0, question.from, question.filter, PhantomData);
        let action = filter.action.as_ref().map(|action| action.as_str());
        let resource_type = filter.resource_type.as_ref().map(|kind| kind.as_str());
        match credentials {
            None => {
                let window = Window { tenant, at, position, from, rows, action, resource_type, actor, limit, lifetime };
                self.store.search(window).await
            }
            Some(credentials) => {
                let window = WindowOfCredentials {
                    tenant,
                    credentials,
                    at,
                    position,
                    from,
                    rows,
                    action,
                    resource_type,
                    limit,
                    lifetime,
                };
                self.store.search(window).await
            }
        }
    }

    /// The changes that a request made, in order, up to `limit` of them. It began at `from` and was over at `to`.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn changes_of_request(
        &self,
        request: RequestId,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        let (tenant, request, limit, lifetime) = (self.tenant.0, request.0, i64::from(limit), PhantomData);
        let statement = OfRequest { tenant, from, to, request, limit, lifetime };
        let rows: Vec<(bool, i64, Row)> = self.store.search(statement).await?;
        rows.into_iter().map(|(_, _, row)| entry(row)).collect()
    }
}

fn entry(row: Row) -> Result<Entry, StoreError> {
    let ((position, at, action, resource_type, resource_id, resource_name, version, credential, actor), rest) = row;
    let (request, address, attributes, readings, by_credential, connection_id, connection) = rest;
    let mut attributes: Vec<AttributeChange> = serde_json::from_value(attributes).map_err(StoreError::internal)?;
    let restored = restored_version(&mut attributes);
    let connection = connection_id.zip(connection);
    let nobody = credential.is_nil();
    let kind = match () {
        () if nobody && actor == Actor::CommandLine.name() => Actor::CommandLine.kind(),
        () if nobody => Actor::System.kind(),
        () if by_credential => "credential",
        () => "admin",
    };
    Ok(Entry {
        kind: Kind::Change,
        position,
        at,
        action,
        outcome: Outcome::Success,
        actor: By { kind: kind.to_owned(), id: (!nobody).then_some(credential), name: actor },
        connection: connection.map(|(id, name)| ThroughConnection { id: ConnectionId(id), name }),
        target: Target { kind: resource_type, id: Some(resource_id.to_string()), name: resource_name },
        request: (!request.is_nil()).then_some(RequestId(request)),
        address,
        told: Told::Change {
            version,
            restored,
            attributes,
            notes: readings.as_deref().map(Readings::told).unwrap_or_default(),
        },
    })
}
