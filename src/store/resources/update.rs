//! Rewriting a resource that is still at the version that was read.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::written::{ChangeValues, indexable, named};
use crate::model::{MembersDelta, Stored, Version};
use crate::store::json_text::JsonText;
use crate::store::statement::statement;
use crate::store::worker::Written;
use crate::store::{MembersChanged, NewChange, PasswordUpdate, ResourceUpdate, StoreError, TenantStore};

statement! {
    /// Rewrites a resource and logs the change, if the version is the one that was read.
    Update<'a> {
        at: DateTime<Utc> => Timestamptz,
        active: Option<bool> => Nullable<Bool>,
        name_key: Option<&'a str> => Nullable<Text>,
        external_id: Option<&'a str> => Nullable<Text>,
        display: Option<&'a str> => Nullable<Text>,
        display_key: Option<&'a str> => Nullable<Text>,
        employee_key: Option<&'a str> => Nullable<Text>,
        email_keys: &'a [&'a str] => Array<Text>,
        keep_password: bool => Bool,
        password_hash: Option<&'a str> => Nullable<Text>,
        document: &'a str => Text,
        search: JsonText<'a> => Jsonb,
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        resource_type: &'a str => Text,
        read_version: i64 => BigInt,
        change: Uuid => SqlUuid,
        credential: Uuid => SqlUuid,
        request: Uuid => SqlUuid,
        action: &'a str => Text,
        resource_name: &'a str => Text,
        actor: &'a str => Text,
        address: Option<&'a str> => Nullable<Text>,
        attributes: &'a str => Text,
        readings: Option<&'a str> => Nullable<Text>,
    } -> (BigInt, Timestamptz, Timestamptz),
    concat!(
        "WITH new AS (UPDATE resources SET version = version + 1, modified_at = greatest(modified_at, $1), active = $2, \
            name_key = $3, external_id = $4, display = $5, display_key = $6, employee_key = $7, email_keys = $8, \
            password_hash = CASE WHEN $9 THEN password_hash ELSE $10 END, document = $11, search = $12 \
            WHERE tenant_id = $13 AND id = $14 AND resource_type = $15 AND version = $16 \
            RETURNING version, created_at, modified_at), ",
        "logged AS (INSERT INTO changes (tenant_id, at, id, resource_id, version, credential_id, request_id, action, \
            resource_type, resource_name, actor, address, attributes, readings) \
            SELECT $13, $1, $17, $14, version, $18, $19, $20, $15, $21, $22, $23, $24::json, $25 FROM new) ",
        "SELECT version, created_at, modified_at FROM new"
    )
}

impl TenantStore {
    /// Rewrites a resource, and changes its members if it is a group. `None` if it is not at the version that was read, or not
    /// there at all: read again.
    ///
    /// # Errors
    /// [`StoreError::Uniqueness`], [`StoreError::MemberUnknown`], or that the database is away or at fault.
    pub async fn update(
        &self,
        update: &ResourceUpdate<'_>,
        members: &MembersDelta,
        change: &NewChange<'_>,
    ) -> Result<Option<Stored>, StoreError> {
        let written = if members.is_empty() {
            self.update_plain(update, change).await
        } else {
            let version = Some(update.read_version);
            let changed = self.change_group(update.id, version, members, Some(update.entry), change).await;
            changed.map(|changed| match changed {
                MembersChanged::Changed(stored) | MembersChanged::Unchanged(stored) => Some(stored),
                MembersChanged::NotFound | MembersChanged::VersionMoved => None,
            })
        };
        written.map_err(named(update.resource_type))
    }

    async fn update_plain(
        &self,
        update: &ResourceUpdate<'_>,
        change: &NewChange<'_>,
    ) -> Result<Option<Stored>, StoreError> {
        let entry = update.entry;
        let values = ChangeValues::of(change)?;
        let (email_keys, employee_key) = indexable(entry);
        let (keep_password, password_hash) = match update.password {
            PasswordUpdate::Keep => (true, None),
            PasswordUpdate::Set(hash) => (false, Some(hash.expose_secret())),
            PasswordUpdate::Clear => (false, None),
        };
        let statement = Update {
            at: values.at,
            active: entry.active,
            name_key: entry.name_key.as_deref(),
            external_id: entry.external_id.as_deref(),
            display: entry.display.as_deref(),
            display_key: entry.display_key.as_deref(),
            employee_key,
            email_keys: &email_keys,
            keep_password,
            password_hash,
            document: &entry.document,
            search: JsonText(&entry.search),
            tenant: self.tenant.0,
            id: update.id.0,
            resource_type: update.resource_type,
            read_version: update.read_version.0,
            change: values.id,
            credential: values.credential,
            request: values.request,
            action: values.action,
            resource_name: values.resource_name,
            actor: values.actor,
            address: values.address.as_deref(),
            attributes: &values.attributes,
            readings: values.readings,
            lifetime: PhantomData,
        };
        match self.write::<_, (i64, DateTime<Utc>, DateTime<Utc>)>(statement, update.id, change.id).await? {
            Written::Found => self.find(update.resource_type, update.id, false).await,
            Written::Rows(rows) => Ok(rows.into_iter().next().map(|(version, created_at, modified_at)| Stored {
                id: update.id,
                document: entry.document.clone(),
                groups: Vec::new(),
                version: Version(version),
                created_at,
                modified_at,
            })),
        }
    }
}
