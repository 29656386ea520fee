//! Failed provisioning requests: written in the background, some at a time, and kept for a while.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Integer, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::{Store, StoreError, TenantStore};
use crate::model::{CredentialId, FailedRequest, RequestId, TenantId};

statement! {
    /// Writes them all.
    Insert<'a> {
        requests: &'a Value => Json,
    } -> BigInt,
    "INSERT INTO failed_requests (tenant_id, at, id, credential_id, actor, address, action, method, path, query, resource_type, \
        target_id, target_name, target_keys, status, scim_type, detail, duration_us, body, explanation, left_out) \
        SELECT tenant_id, at, id, credential_id, actor, address, action, method, path, query, resource_type, target_id, \
        target_name, target_keys, status, scim_type, detail, duration_us, body, explanation, left_out \
        FROM json_to_recordset($1) AS r (tenant_id uuid, at timestamptz, id uuid, credential_id uuid, actor text, address text, \
        action text, method text, path text, query text, resource_type text, target_id uuid, target_name text, \
        target_keys text[], status integer, scim_type text, detail text, duration_us bigint, body json, explanation json, \
        left_out bigint) RETURNING position"
}

statement! {
    /// One of them.
    Find<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
    } -> Columns,
    "SELECT at, credential_id, actor, address, action, method, path, query, resource_type, target_id, target_name, status, \
        scim_type, detail, duration_us, body, explanation, left_out FROM failed_requests WHERE tenant_id = $1 AND id = $2 LIMIT 1"
}

type Columns = (
    (Timestamptz, SqlUuid, Text, Nullable<Text>, Text, Text, Text, Nullable<Text>, Nullable<Text>),
    (Nullable<SqlUuid>, Nullable<Text>, Integer, Nullable<Text>, Text, BigInt, Nullable<Json>, Json, BigInt),
);
type Row = (
    (DateTime<Utc>, Uuid, String, Option<String>, String, String, String, Option<String>, Option<String>),
    (Option<Uuid>, Option<String>, i32, Option<String>, String, i64, Option<Value>, Value, i64),
);

statement! {
    /// The tenants that have any, each found by one step through the index.
    Tenants<'a> {} -> SqlUuid,
    "WITH RECURSIVE step AS ( \
        (SELECT tenant_id FROM failed_requests ORDER BY tenant_id LIMIT 1) \
        UNION ALL \
        SELECT (SELECT f.tenant_id FROM failed_requests f WHERE f.tenant_id > step.tenant_id ORDER BY f.tenant_id LIMIT 1) \
        FROM step WHERE step.tenant_id IS NOT NULL \
    ) SELECT tenant_id FROM step WHERE tenant_id IS NOT NULL"
}

statement! {
    /// Removes some of those that are too old or too many, the oldest first.
    Trim<'a> {
        tenant: Uuid => SqlUuid,
        before: DateTime<Utc> => Timestamptz,
        keep: i64 => BigInt,
        limit: i64 => BigInt,
    } -> BigInt,
    "WITH old AS (SELECT at, position FROM failed_requests WHERE tenant_id = $1 AND at < greatest($2, ( \
            SELECT at FROM failed_requests WHERE tenant_id = $1 ORDER BY at DESC, position DESC OFFSET $3 - 1 LIMIT 1)) \
            ORDER BY at, position LIMIT $4 FOR UPDATE SKIP LOCKED), \
        gone AS (DELETE FROM failed_requests f USING old WHERE f.tenant_id = $1 AND f.at = old.at AND f.position = old.position \
            RETURNING 1) \
        SELECT count(*) FROM gone"
}

impl Store {
    /// Writes requests that failed.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn insert_failed_requests(&self, requests: &[FailedRequest]) -> Result<(), StoreError> {
        let requests = &serde_json::to_value(requests).map_err(StoreError::internal)?;
        let _: Vec<i64> = self.save(Insert { requests, lifetime: PhantomData }).await?;
        Ok(())
    }

    /// Of each tenant's failed requests, keeps the newest: those since `before`, and `keep` at most. Removes no more than
    /// `limit` of each tenant; answers whether any tenant may have more to remove.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn trim_failed_requests(&self, before: DateTime<Utc>, keep: u32, limit: u32) -> Result<bool, StoreError> {
        let (keep, limit, mut has_more) = (i64::from(keep), i64::from(limit), false);
        let tenants: Vec<Uuid> = self.search(Tenants { lifetime: PhantomData }).await?;
        for tenant in tenants {
            let gone: Vec<i64> = self.save(Trim { tenant, before, keep, limit, lifetime: PhantomData }).await?;
            has_more |= gone.first().is_some_and(|gone| *gone >= limit);
        }
        Ok(has_more)
    }
}

impl TenantStore {
    /// The failed request of that id.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn find_failed_request(&self, id: RequestId) -> Result<Option<FailedRequest>, StoreError> {
        let rows: Vec<Row> = self.store.read(Find { tenant: self.tenant.0, id: id.0, lifetime: PhantomData }).await?;
        rows.into_iter().next().map(|row| failed_request(self.tenant, id, row)).transpose()
    }
}

fn failed_request(tenant: TenantId, id: RequestId, (head, rest): Row) -> Result<FailedRequest, StoreError> {
    let (at, credential, actor, address, action, method, path, query, resource_type) = head;
    let (target_id, target_name, status, scim_type, detail, duration_us, body, explanation, left_out) = rest;
    Ok(FailedRequest {
        tenant,
        id,
        at,
        credential: CredentialId(credential),
        actor,
        address,
        action,
        method,
        path,
        query,
        resource_type,
        target_id,
        target_name,
        target_keys: Vec::new(),
        status: u16::try_from(status).unwrap_or_default(),
        scim_type,
        detail,
        duration_us: u64::try_from(duration_us).unwrap_or_default(),
        body,
        explanation: serde_json::from_value(explanation).map_err(StoreError::internal)?,
        left_out: u64::try_from(left_out).unwrap_or_default(),
    })
}
