//! Bringing a removed resource back.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::written::{ChangeValues, indexable, named, uuids};
use crate::model::{ResourceId, Version};
use crate::store::json_text::JsonText;
use crate::store::statement::statement;
use crate::store::worker::Written;
use crate::store::{NewChange, NewResource, StoreError, TenantStore};

statement! {
    /// Calls `restore_resource`, which the migrations describe.
    Restore<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        resource_type: &'a str => Text,
        version: i64 => BigInt,
        created_at: DateTime<Utc> => Timestamptz,
        active: Option<bool> => Nullable<Bool>,
        name_key: Option<&'a str> => Nullable<Text>,
        external_id: Option<&'a str> => Nullable<Text>,
        display: Option<&'a str> => Nullable<Text>,
        display_key: Option<&'a str> => Nullable<Text>,
        employee_key: Option<&'a str> => Nullable<Text>,
        email_keys: &'a [&'a str] => Array<Text>,
        document: &'a str => Text,
        search: JsonText<'a> => Jsonb,
        members: &'a [Uuid] => Array<SqlUuid>,
        groups: &'a [Uuid] => Array<SqlUuid>,
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
    "SELECT restore_resource($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
        $22, $23, $24, $25::json)"
}

impl TenantStore {
    /// Brings a removed resource back under its id, at `version` and with the instant at which it was first created. Those of
    /// its members, and of the groups it was in, that still exist are joined again. Answers false if it is there already.
    ///
    /// # Errors
    /// [`StoreError::Uniqueness`] or [`StoreError::ValueTaken`], or that the database is away or at fault.
    pub async fn restore(
        &self,
        resource: &NewResource<'_>,
        (version, created_at): (Version, DateTime<Utc>),
        groups: &[ResourceId],
        change: &NewChange<'_>,
    ) -> Result<bool, StoreError> {
        let entry = resource.entry;
        let values = ChangeValues::of(change)?;
        let (email_keys, employee_key) = indexable(entry);
        let statement = Restore {
            tenant: self.tenant.0,
            id: resource.id.0,
            resource_type: resource.resource_type,
            version: version.0,
            created_at,
            active: entry.active,
            name_key: entry.name_key.as_deref(),
            external_id: entry.external_id.as_deref(),
            display: entry.display.as_deref(),
            display_key: entry.display_key.as_deref(),
            employee_key,
            email_keys: &email_keys,
            document: &entry.document,
            search: JsonText(&entry.search),
            members: &uuids(resource.members),
            groups: &uuids(groups),
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
        let written = self.write::<_, String>(statement, resource.id, change.id).await;
        match written.map_err(named(resource.resource_type))? {
            Written::Found => Ok(true),
            Written::Rows(rows) => match rows.first().map(String::as_str) {
                Some("restored") => Ok(true),
                Some("exists") => Ok(false),
                other => Err(StoreError::internal(format!("restore_resource answered {other:?}"))),
            },
        }
    }
}
