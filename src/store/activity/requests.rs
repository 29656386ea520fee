//! Failed provisioning requests as entries of the log.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::{Found, Question};
use crate::model::{By, ConnectionId, Entry, Kind, Outcome, RequestId, Target, ThroughConnection, Told};
use crate::store::statement::statement;
use crate::store::{StoreError, TenantStore};

statement! {
    /// A tenant's failed requests. There are so few that they need no index but that of their order.
    Requests<'a> {
        tenant: Uuid => SqlUuid,
        at: DateTime<Utc> => Timestamptz,
        position: i64 => BigInt,
        from: DateTime<Utc> => Timestamptz,
        action: Option<&'a str> => Nullable<Text>,
        resource_type: Option<&'a str> => Nullable<Text>,
        credentials: Option<&'a [Uuid]> => Nullable<Array<SqlUuid>>,
        actor: Option<&'a str> => Nullable<Text>,
        targets: Option<&'a [Uuid]> => Nullable<Array<SqlUuid>>,
        target_keys: &'a [String] => Array<Text>,
        limit: i64 => BigInt,
    } -> Columns,
    "WITH s AS (SELECT * FROM failed_requests WHERE tenant_id = $1 AND at <= $2 AND (at, position) < ($2, $3) AND at >= $4 \
        AND coalesce(action = $5, true) AND ($6::text IS NULL OR coalesce(resource_type = $6, false)) \
        AND (coalesce(credential_id = ANY ($7), true) OR coalesce(actor = $8, false)) \
        AND ($9 IS NULL OR coalesce(target_id = ANY ($9), false) OR target_keys && $10) \
        ORDER BY at DESC, position DESC LIMIT $11) \
    SELECT s.position, s.at, s.id, s.credential_id, s.actor, s.address, s.action, s.method, s.path, s.query, s.resource_type, \
        s.target_id, s.target_name, s.status, s.scim_type, s.detail, s.duration_us, s.left_out, n.id, n.name FROM s \
        LEFT JOIN credentials k ON k.tenant_id = $1 AND k.id = s.credential_id \
        LEFT JOIN connections n ON n.tenant_id = k.tenant_id AND n.id = k.connection_id ORDER BY s.at DESC, s.position DESC"
}

type Columns = (
    (BigInt, Timestamptz, SqlUuid, SqlUuid, Text, Nullable<Text>, Text, Text, Text, Nullable<Text>),
    (Nullable<Text>, Nullable<SqlUuid>, Nullable<Text>, Integer, Nullable<Text>, Text, BigInt, BigInt),
    (Nullable<SqlUuid>, Nullable<Text>),
);
type Row = (
    (i64, DateTime<Utc>, Uuid, Uuid, String, Option<String>, String, String, String, Option<String>),
    (Option<String>, Option<Uuid>, Option<String>, i32, Option<String>, String, i64, i64),
    (Option<Uuid>, Option<String>),
);

impl TenantStore {
    /// What failed.
    pub(super) async fn activity_of_requests(&self, question: &Question<'_>) -> Result<Found, StoreError> {
        let (filter, who) = (question.filter, question.who);
        let statement = Requests {
            tenant: self.tenant.0,
            at: question.below.0,
            position: question.below.1,
            from: question.from,
            action: filter.action.as_ref().map(|action| action.as_str()),
            resource_type: filter.resource_type.as_ref().map(|kind| kind.as_str()),
            credentials: who.credentials.as_deref(),
            actor: filter.actor.as_ref().map(|actor| actor.as_str()).filter(|_| filter.connection.is_none()),
            targets: who.targets.as_deref(),
            target_keys: &who.target_keys,
            limit: question.limit as i64,
            lifetime: PhantomData,
        };
        let rows: Vec<Row> = self.store.search(statement).await?;
        Ok(Found::of(rows.into_iter().map(entry).collect(), question.limit))
    }
}

fn entry((head, about, (connection_id, connection)): Row) -> Entry {
    let (position, at, request, credential, actor, address, action, method, path, query) = head;
    let (resource_type, target_id, target_name, status, scim_type, detail, duration_us, left_out) = about;
    Entry {
        kind: Kind::Request,
        position,
        at,
        action,
        outcome: Outcome::Failure,
        actor: By { kind: "credential".to_owned(), id: Some(credential), name: actor },
        connection: connection_id.zip(connection).map(|(id, name)| ThroughConnection { id: ConnectionId(id), name }),
        target: Target {
            kind: resource_type.unwrap_or_default(),
            id: target_id.map(|id| id.to_string()),
            name: target_name.unwrap_or_default(),
        },
        request: Some(RequestId(request)),
        address,
        told: Told::Request {
            method,
            path: query.map_or(path.clone(), |query| format!("{path}?{query}")),
            status: u16::try_from(status).unwrap_or_default(),
            scim_type,
            detail,
            duration_ms: duration_us as f64 / 1e3,
            left_out,
        },
    }
}
