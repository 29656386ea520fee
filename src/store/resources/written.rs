//! What all writes share: the change row's values, and the question whether a write ran.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::AsyncPgConnection;
use diesel_async::methods::LoadQuery;
use uuid::Uuid;

use crate::model::{ChangeId, ResourceId};
use crate::scim::resource::IndexEntry;
use crate::store::fault::NAME;
use crate::store::statement::statement;
use crate::store::worker::Written;
use crate::store::{NewChange, StoreError, TenantStore};

/// How many bytes a key may have to be in an index that has other columns beside it; a B-tree holds 2,704 bytes a row.
pub(in crate::store) const INDEXED_BYTES: usize = 2_000;

/// The name of the resource type that has members.
pub(in crate::store) const GROUP: &str = "Group";

/// A change's values as they are bound.
pub(super) struct ChangeValues<'a> {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub action: &'static str,
    pub resource_name: &'a str,
    pub credential: Uuid,
    pub actor: &'a str,
    pub request: Uuid,
    pub address: Option<String>,
    pub attributes: String,
    pub readings: Option<&'a str>,
}

impl<'a> ChangeValues<'a> {
    /// The values of `change`.
    pub fn of(change: &NewChange<'a>) -> Result<Self, StoreError> {
        Ok(Self {
            id: change.id.0,
            at: change.at,
            action: change.action.as_str(),
            resource_name: change.resource_name,
            credential: change.credential.0,
            actor: change.actor,
            request: change.request.0,
            address: change.address.map(|address| address.to_string()),
            attributes: serde_json::to_string(change.attributes).map_err(StoreError::internal)?,
            readings: change.readings,
        })
    }
}

/// The e-mail addresses and the employee number that their indexes can hold; the filter knows that longer ones are not there.
pub(super) fn indexable(entry: &IndexEntry) -> (Vec<&str>, Option<&str>) {
    let fits = |key: &&str| key.len() <= INDEXED_BYTES;
    (entry.email_keys.iter().map(String::as_str).filter(fits).collect(), entry.employee_key.as_deref().filter(fits))
}

/// Ids as they are bound.
pub(super) fn uuids(ids: &[ResourceId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.0).collect()
}

statement! {
    /// Whether a change was written. Found by its resource, whose changes are indexed in the order of their ids.
    WasWritten<'a> {
        tenant: Uuid => SqlUuid,
        resource: Uuid => SqlUuid,
        change: Uuid => SqlUuid,
    } -> BigInt,
    "SELECT version FROM changes WHERE tenant_id = $1 AND resource_id = $2 AND id = $3"
}

impl TenantStore {
    /// Runs a write that leaves the change `change` of `resource`.
    pub(super) async fn write<'query, S, Row>(
        &self,
        statement: S,
        resource: ResourceId,
        change: ChangeId,
    ) -> Result<Written<Row>, StoreError>
    where
        S: Clone + 'query + for<'c> LoadQuery<'query, &'c AsyncPgConnection, Row>,
        Row: Send + 'static,
    {
        let was_written = async || {
            let (tenant, resource, change, lifetime) = (self.tenant.0, resource.0, change.0, PhantomData);
            let found: Vec<i64> = self.store.read(WasWritten { tenant, resource, change, lifetime }).await?;
            Ok(!found.is_empty())
        };
        self.store.write(statement, was_written).await
    }
}

/// Names the attribute of a taken name: a userName, or of a group the displayName.
pub(super) fn named(resource_type: &str) -> impl Fn(StoreError) -> StoreError {
    let is_group = resource_type == GROUP;
    move |error| match error {
        StoreError::Uniqueness { attribute: NAME } if is_group => StoreError::Uniqueness { attribute: "displayName" },
        error => error,
    }
}
