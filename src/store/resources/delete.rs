//! Removing a resource.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::written::ChangeValues;
use crate::model::{ResourceId, Version};
use crate::store::statement::statement;
use crate::store::worker::Written;
use crate::store::{Deleted, NewChange, StoreError, TenantStore};

statement! {
    /// Calls `delete_resource`, which the migrations describe.
    Delete<'a> {
        tenant: Uuid => SqlUuid,
        resource_type: &'a str => Text,
        id: Uuid => SqlUuid,
        version: Option<i64> => Nullable<BigInt>,
        change: Uuid => SqlUuid,
        at: DateTime<Utc> => Timestamptz,
        action: &'a str => Text,
        resource_name: &'a str => Text,
        credential: Uuid => SqlUuid,
        actor: &'a str => Text,
        request: Uuid => SqlUuid,
        address: Option<&'a str> => Nullable<Text>,
        attributes: &'a str => Text,
    } -> Text,
    "SELECT delete_resource($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::json)"
}

impl TenantStore {
    /// Removes a resource with its memberships, as a member and as a group. The groups that it leaves move on by a version.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn delete(
        &self,
        resource_type: &str,
        id: ResourceId,
        if_version: Option<Version>,
        change: &NewChange<'_>,
    ) -> Result<Deleted, StoreError> {
        let values = ChangeValues::of(change)?;
        let statement = Delete {
            tenant: self.tenant.0,
            resource_type,
            id: id.0,
            version: if_version.map(|version| version.0),
            change: values.id,
            at: values.at,
            action: values.action,
            resource_name: values.resource_name,
            credential: values.credential,
            actor: values.actor,
            request: values.request,
            address: values.address.as_deref(),
            attributes: &values.attributes,
            lifetime: PhantomData,
        };
        let rows = match self.write::<_, String>(statement, id, change.id).await? {
            Written::Found => return Ok(Deleted::Deleted),
            Written::Rows(rows) => rows,
        };
        match rows.first().map(String::as_str) {
            Some("deleted") => Ok(Deleted::Deleted),
            Some("version_moved") => Ok(Deleted::VersionMoved),
            Some("not_found") => Ok(Deleted::NotFound),
            other => Err(StoreError::internal(format!("delete_resource answered {other:?}"))),
        }
    }
}
