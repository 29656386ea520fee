//! Reading the change stream.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::{ChangeFilter, StoreError, TenantStore};
use crate::model::{Change, CredentialId, RequestId, ResourceId};

statement! {
    /// A tenant's changes, the newest first.
    Changes<'a> {
        tenant: Uuid => SqlUuid,
        action: Option<&'a str> => Nullable<Text>,
        from: Option<DateTime<Utc>> => Nullable<Timestamptz>,
        to: Option<DateTime<Utc>> => Nullable<Timestamptz>,
        limit: i64 => BigInt,
    } -> (
        (BigInt, Timestamptz, Text, Text, SqlUuid, Text, BigInt),
        (SqlUuid, Text, SqlUuid, Nullable<Text>, Json),
    ),
    "SELECT position, at, action, resource_type, resource_id, resource_name, version, credential_id, actor, request_id, \
        address, attributes \
        FROM changes WHERE tenant_id = $1 AND action = coalesce($2, action) AND at >= coalesce($3, '-infinity') \
        AND at < coalesce($4, 'infinity') ORDER BY at DESC, position DESC LIMIT $5"
}

type Row = ((i64, DateTime<Utc>, String, String, Uuid, String, i64), (Uuid, String, Uuid, Option<String>, Value));

impl TenantStore {
    /// The tenant's changes that `filter` selects, the newest first.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn changes(&self, filter: &ChangeFilter) -> Result<Vec<Change>, StoreError> {
        let statement = Changes {
            tenant: self.tenant.0,
            action: filter.action.map(|action| action.as_str()),
            from: filter.from,
            to: filter.to,
            limit: i64::from(filter.limit),
            lifetime: PhantomData,
        };
        let rows: Vec<Row> = self.store.search(statement).await?;
        rows.into_iter().map(change).collect()
    }
}

fn change(row: Row) -> Result<Change, StoreError> {
    let ((position, at, action, resource_type, resource_id, resource_name, version), rest) = row;
    let (credential, actor, request, address, attributes) = rest;
    Ok(Change {
        position,
        at,
        action: action.parse().map_err(|error: String| StoreError::internal(error))?,
        resource_type,
        resource_id: ResourceId(resource_id),
        resource_name,
        version,
        credential: CredentialId(credential),
        actor,
        request: RequestId(request),
        address,
        attributes: serde_json::from_value(attributes).map_err(StoreError::internal)?,
    })
}
