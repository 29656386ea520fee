//! Creating a resource.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::written::{ChangeValues, indexable, named, uuids};
use crate::model::{ResourceId, Stored, Version};
use crate::store::json_text::JsonText;
use crate::store::statement::statement;
use crate::store::worker::Written;
use crate::store::{NewChange, NewResource, StoreError, TenantStore};

statement! {
    /// Creates a resource without members: the resource, its count and its change.
    Insert<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        resource_type: &'a str => Text,
        at: DateTime<Utc> => Timestamptz,
        active: Option<bool> => Nullable<Bool>,
        name_key: Option<&'a str> => Nullable<Text>,
        external_id: Option<&'a str> => Nullable<Text>,
        display: Option<&'a str> => Nullable<Text>,
        display_key: Option<&'a str> => Nullable<Text>,
        employee_key: Option<&'a str> => Nullable<Text>,
        email_keys: &'a [&'a str] => Array<Text>,
        password_hash: Option<&'a str> => Nullable<Text>,
        document: &'a str => Text,
        search: JsonText<'a> => Jsonb,
        change: Uuid => SqlUuid,
        credential: Uuid => SqlUuid,
        request: Uuid => SqlUuid,
        action: &'a str => Text,
        resource_name: &'a str => Text,
        actor: &'a str => Text,
        address: Option<&'a str> => Nullable<Text>,
        attributes: &'a str => Text,
        readings: Option<&'a str> => Nullable<Text>,
    } -> BigInt,
    concat!(
        "WITH new AS (INSERT INTO resources (tenant_id, id, resource_type, version, created_at, modified_at, active, name_key, \
            external_id, display, display_key, employee_key, email_keys, password_hash, document, search) \
            VALUES ($1, $2, $3, 1, $4, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING seq), ",
        "counted AS (INSERT INTO resource_counts (tenant_id, resource_type, seq, folded, n) SELECT $1, $3, seq, false, 1 FROM new) ",
        "INSERT INTO changes (tenant_id, at, id, resource_id, version, credential_id, request_id, action, resource_type, \
            resource_name, actor, address, attributes, readings) \
            VALUES ($1, $4, $15, $2, 1, $16, $17, $18, $3, $19, $20, $21, $22::json, $23) RETURNING version"
    )
}

statement! {
    /// Creates a group with members, unless one of them does not exist. Answers the unknown ids, or one row of null. A member
    /// that is removed in the same moment is caught by the foreign key, and the statement tried again.
    InsertGroup<'a> {
        tenant: Uuid => SqlUuid,
        members: &'a [Uuid] => Array<SqlUuid>,
        id: Uuid => SqlUuid,
        resource_type: &'a str => Text,
        at: DateTime<Utc> => Timestamptz,
        name_key: Option<&'a str> => Nullable<Text>,
        external_id: Option<&'a str> => Nullable<Text>,
        display: Option<&'a str> => Nullable<Text>,
        display_key: Option<&'a str> => Nullable<Text>,
        document: &'a str => Text,
        search: JsonText<'a> => Jsonb,
        change: Uuid => SqlUuid,
        credential: Uuid => SqlUuid,
        request: Uuid => SqlUuid,
        action: &'a str => Text,
        resource_name: &'a str => Text,
        actor: &'a str => Text,
        address: Option<&'a str> => Nullable<Text>,
        attributes: &'a str => Text,
        readings: Option<&'a str> => Nullable<Text>,
    } -> Nullable<SqlUuid>,
    concat!(
        "WITH known AS MATERIALIZED (SELECT id FROM resources WHERE tenant_id = $1 AND id = ANY ($2) ORDER BY id FOR KEY SHARE), ",
        "unknown AS MATERIALIZED (SELECT a.id FROM unnest($2) AS a (id) WHERE NOT EXISTS (SELECT FROM known k WHERE k.id = a.id)), ",
        "new AS (INSERT INTO resources (tenant_id, id, resource_type, version, created_at, modified_at, name_key, \
            external_id, display, display_key, email_keys, document, search) \
            SELECT $1, $3, $4, 1, $5, $5, $6, $7, $8, $9, '{}', $10, $11 WHERE NOT EXISTS (SELECT FROM unknown) RETURNING seq), ",
        "joined AS (INSERT INTO memberships (tenant_id, group_id, member_id, origin) \
            SELECT $1, $3, known.id, 'group' FROM new, known), ",
        "counted AS (INSERT INTO resource_counts (tenant_id, resource_type, seq, folded, n) SELECT $1, $4, seq, false, 1 FROM new), ",
        "logged AS (INSERT INTO changes (tenant_id, at, id, resource_id, version, credential_id, request_id, action, \
            resource_type, resource_name, actor, address, attributes, readings) \
            SELECT $1, $5, $12, $3, 1, $13, $14, $15, $4, $16, $17, $18, ($19::jsonb || jsonb_build_array( \
                jsonb_build_object('path', 'members', 'new', member_values($2))))::json, $20 FROM new RETURNING 1) ",
        "SELECT id FROM unknown UNION ALL SELECT NULL FROM logged"
    )
}

impl TenantStore {
    /// Creates a resource, at version 1 and at the instant of its change.
    ///
    /// # Errors
    /// [`StoreError::Uniqueness`], [`StoreError::MemberUnknown`], or that the database is away or at fault.
    pub async fn insert(&self, resource: &NewResource<'_>, change: &NewChange<'_>) -> Result<Stored, StoreError> {
        let written = if resource.members.is_empty() {
            self.insert_plain(resource, change).await
        } else {
            self.insert_group(resource, change).await
        };
        written.map_err(named(resource.resource_type))?;
        Ok(Stored {
            id: resource.id,
            document: resource.entry.document.clone(),
            groups: Vec::new(),
            version: Version(1),
            created_at: change.at,
            modified_at: change.at,
        })
    }

    async fn insert_plain(&self, resource: &NewResource<'_>, change: &NewChange<'_>) -> Result<(), StoreError> {
        let entry = resource.entry;
        let values = ChangeValues::of(change)?;
        let (email_keys, employee_key) = indexable(entry);
        let statement = Insert {
            tenant: self.tenant.0,
            id: resource.id.0,
            resource_type: resource.resource_type,
            at: values.at,
            active: entry.active,
            name_key: entry.name_key.as_deref(),
            external_id: entry.external_id.as_deref(),
            display: entry.display.as_deref(),
            display_key: entry.display_key.as_deref(),
            employee_key,
            email_keys: &email_keys,
            password_hash: resource.password_hash.map(ExposeSecret::expose_secret),
            document: &entry.document,
            search: JsonText(&entry.search),
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
        let _: Written<i64> = self.write(statement, resource.id, change.id).await?;
        Ok(())
    }

    async fn insert_group(&self, resource: &NewResource<'_>, change: &NewChange<'_>) -> Result<(), StoreError> {
        let entry = resource.entry;
        let values = ChangeValues::of(change)?;
        let statement = InsertGroup {
            tenant: self.tenant.0,
            members: &uuids(resource.members),
            id: resource.id.0,
            resource_type: resource.resource_type,
            at: values.at,
            name_key: entry.name_key.as_deref(),
            external_id: entry.external_id.as_deref(),
            display: entry.display.as_deref(),
            display_key: entry.display_key.as_deref(),
            document: &entry.document,
            search: JsonText(&entry.search),
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
        match self.write::<_, Option<Uuid>>(statement, resource.id, change.id).await? {
            Written::Found => Ok(()),
            Written::Rows(rows) => {
                let mut ids: Vec<_> = rows.into_iter().flatten().map(ResourceId).collect();
                ids.sort_unstable();
                if ids.is_empty() { Ok(()) } else { Err(StoreError::MemberUnknown { ids }) }
            }
        }
    }
}
