//! Creating many resources at once: one statement, one transaction, all of them or none.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use secrecy::ExposeSecret;
use uuid::Uuid;

use super::written::{ChangeValues, GROUP, indexable};
use crate::store::fault::NAME;
use crate::store::json_text::JsonText;
use crate::store::statement::statement;
use crate::store::worker::Written;
use crate::store::{NewChange, NewResource, StoreError, TenantStore};

statement! {
    /// Creates resources without members, their counts and their changes. `$7` holds the e-mail addresses of all of them, and
    /// `$16` and `$17` where those of each begin and end; PostgreSQL has no arrays of arrays of different lengths.
    InsertMany<'a> {
        tenant: Uuid => SqlUuid,
        at: DateTime<Utc> => Timestamptz,
        credential: Uuid => SqlUuid,
        action: &'a str => Text,
        actor: &'a str => Text,
        address: Option<&'a str> => Nullable<Text>,
        email_keys: &'a [&'a str] => Array<Text>,
        ids: &'a [Uuid] => Array<SqlUuid>,
        resource_types: &'a [&'a str] => Array<Text>,
        active: &'a [Option<bool>] => Array<Nullable<Bool>>,
        name_keys: &'a [Option<&'a str>] => Array<Nullable<Text>>,
        external_ids: &'a [Option<&'a str>] => Array<Nullable<Text>>,
        displays: &'a [Option<&'a str>] => Array<Nullable<Text>>,
        display_keys: &'a [Option<&'a str>] => Array<Nullable<Text>>,
        employee_keys: &'a [Option<&'a str>] => Array<Nullable<Text>>,
        email_starts: &'a [i32] => Array<Integer>,
        email_ends: &'a [i32] => Array<Integer>,
        password_hashes: &'a [Option<&'a str>] => Array<Nullable<Text>>,
        documents: &'a [&'a str] => Array<Text>,
        searches: &'a [JsonText<'a>] => Array<Jsonb>,
        changes: &'a [Uuid] => Array<SqlUuid>,
        resource_names: &'a [&'a str] => Array<Text>,
        attributes: &'a [&'a str] => Array<Text>,
        readings: &'a [Option<&'a str>] => Array<Nullable<Text>>,
        requests: &'a [Uuid] => Array<SqlUuid>,
    } -> BigInt,
    concat!(
        "WITH given AS MATERIALIZED (SELECT $1 AS tenant_id, $2 AS at, $3 AS credential_id, $4 AS action, \
            $5 AS actor, $6 AS address, $7 AS email_keys), ",
        "new AS (INSERT INTO resources (tenant_id, id, resource_type, version, created_at, modified_at, active, name_key, \
            external_id, display, display_key, employee_key, email_keys, password_hash, document, search) \
            SELECT g.tenant_id, r.id, r.resource_type, 1, g.at, g.at, r.active, r.name_key, r.external_id, r.display, \
            r.display_key, r.employee_key, g.email_keys[r.email_start:r.email_end], r.password_hash, r.document, r.search \
            FROM given g, unnest($8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) \
            AS r (id, resource_type, active, name_key, external_id, display, display_key, employee_key, email_start, email_end, \
            password_hash, document, search) RETURNING resource_type, seq), ",
        "counted AS (INSERT INTO resource_counts (tenant_id, resource_type, seq, folded, n) \
            SELECT g.tenant_id, n.resource_type, n.seq, false, 1 FROM given g, new n), ",
        "logged AS (INSERT INTO changes (tenant_id, at, id, resource_id, version, credential_id, request_id, action, \
            resource_type, resource_name, actor, address, attributes, readings) \
            SELECT g.tenant_id, g.at, r.change_id, r.id, 1, g.credential_id, r.request_id, g.action, r.resource_type, \
            r.resource_name, g.actor, g.address, r.attributes::json, r.readings \
            FROM given g, unnest($8, $9, $21, $22, $23, $24, $25) \
            AS r (id, resource_type, change_id, resource_name, attributes, readings, request_id) RETURNING 1) ",
        "SELECT count(*) FROM logged"
    )
}

statement! {
    /// Which of the resources could not be created because another one has their name or externalId.
    Taken<'a> {
        tenant: Uuid => SqlUuid,
        resource_types: &'a [&'a str] => Array<Text>,
        name_keys: &'a [Option<&'a str>] => Array<Nullable<Text>>,
        external_ids: &'a [Option<&'a str>] => Array<Nullable<Text>>,
    } -> (BigInt, Bool),
    "SELECT t.place, t.name_taken FROM ( \
        SELECT r.place, \
            EXISTS (SELECT FROM resources o WHERE o.tenant_id = $1 AND o.resource_type = r.resource_type \
                AND o.name_key = r.name_key) AS name_taken, \
            EXISTS (SELECT FROM resources o WHERE o.tenant_id = $1 AND o.resource_type = r.resource_type \
                AND o.external_id = r.external_id) AS external_id_taken \
        FROM unnest($2, $3, $4) WITH ORDINALITY AS r (resource_type, name_key, external_id, place) \
    ) t WHERE t.name_taken OR t.external_id_taken"
}

/// The rows of [`InsertMany`], a column each.
#[derive(Default)]
struct Columns<'a> {
    email_keys: Vec<&'a str>,
    ids: Vec<Uuid>,
    resource_types: Vec<&'a str>,
    active: Vec<Option<bool>>,
    name_keys: Vec<Option<&'a str>>,
    external_ids: Vec<Option<&'a str>>,
    displays: Vec<Option<&'a str>>,
    display_keys: Vec<Option<&'a str>>,
    employee_keys: Vec<Option<&'a str>>,
    email_starts: Vec<i32>,
    email_ends: Vec<i32>,
    password_hashes: Vec<Option<&'a str>>,
    documents: Vec<&'a str>,
    searches: Vec<JsonText<'a>>,
    changes: Vec<Uuid>,
    requests: Vec<Uuid>,
    resource_names: Vec<&'a str>,
    readings: Vec<Option<&'a str>>,
}

impl<'a> Columns<'a> {
    fn push(&mut self, new: &NewResource<'a>, change: &NewChange<'a>) -> Result<(), StoreError> {
        let entry = new.entry;
        let (email_keys, employee_key) = indexable(entry);
        let place = |count: usize| i32::try_from(count).map_err(StoreError::internal);
        self.email_starts.push(place(self.email_keys.len() + 1)?);
        self.email_keys.extend(email_keys);
        self.email_ends.push(place(self.email_keys.len())?);
        self.ids.push(new.id.0);
        self.resource_types.push(new.resource_type);
        self.active.push(entry.active);
        self.name_keys.push(entry.name_key.as_deref());
        self.external_ids.push(entry.external_id.as_deref());
        self.displays.push(entry.display.as_deref());
        self.display_keys.push(entry.display_key.as_deref());
        self.employee_keys.push(employee_key);
        self.password_hashes.push(new.password_hash.map(ExposeSecret::expose_secret));
        self.documents.push(&entry.document);
        self.searches.push(JsonText(&entry.search));
        self.changes.push(change.id.0);
        self.requests.push(change.request.0);
        self.resource_names.push(change.resource_name);
        self.readings.push(change.readings);
        Ok(())
    }
}

impl TenantStore {
    /// Creates resources that have no members, all at version 1 and at the instant of their changes, which are those of one
    /// credential at one instant, each of a request of its own or all of one; or none of them.
    ///
    /// # Errors
    /// [`StoreError::Uniqueness`] if some of them cannot be created, of which [`TenantStore::taken`] tells which; or that the
    /// database is away or at fault.
    pub async fn insert_many(&self, new: &[(NewResource<'_>, NewChange<'_>)]) -> Result<(), StoreError> {
        let Some((first, change)) = new.first() else { return Ok(()) };
        let mut columns = Columns::default();
        let mut attributes = Vec::with_capacity(new.len());
        for (new, change) in new {
            columns.push(new, change)?;
            attributes.push(serde_json::to_string(change.attributes).map_err(StoreError::internal)?);
        }
        let attributes: Vec<&str> = attributes.iter().map(String::as_str).collect();
        let shared = ChangeValues::of(change)?;
        let statement = InsertMany {
            tenant: self.tenant.0,
            at: shared.at,
            credential: shared.credential,
            action: shared.action,
            actor: shared.actor,
            address: shared.address.as_deref(),
            email_keys: &columns.email_keys,
            ids: &columns.ids,
            resource_types: &columns.resource_types,
            active: &columns.active,
            name_keys: &columns.name_keys,
            external_ids: &columns.external_ids,
            displays: &columns.displays,
            display_keys: &columns.display_keys,
            employee_keys: &columns.employee_keys,
            email_starts: &columns.email_starts,
            email_ends: &columns.email_ends,
            password_hashes: &columns.password_hashes,
            documents: &columns.documents,
            searches: &columns.searches,
            changes: &columns.changes,
            resource_names: &columns.resource_names,
            attributes: &attributes,
            readings: &columns.readings,
            requests: &columns.requests,
            lifetime: PhantomData,
        };
        let _: Written<i64> = self.write(statement, first.id, change.id).await?;
        Ok(())
    }

    /// Which of these resources, by their places from 0, could not be created now because another one has the attribute that is
    /// told with the place.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn taken(&self, new: &[&NewResource<'_>]) -> Result<Vec<(usize, &'static str)>, StoreError> {
        let resource_types: Vec<&str> = new.iter().map(|new| new.resource_type).collect();
        let name_keys: Vec<Option<&str>> = new.iter().map(|new| new.entry.name_key.as_deref()).collect();
        let external_ids: Vec<Option<&str>> = new.iter().map(|new| new.entry.external_id.as_deref()).collect();
        let statement = Taken {
            tenant: self.tenant.0,
            resource_types: &resource_types,
            name_keys: &name_keys,
            external_ids: &external_ids,
            lifetime: PhantomData,
        };
        let rows: Vec<(i64, bool)> = self.store.search(statement).await?;
        let told = rows.into_iter().filter_map(|(place, name_taken)| {
            let index = usize::try_from(place).ok()?.checked_sub(1)?;
            let attribute = if name_taken { name_attribute(new.get(index)?.resource_type) } else { "externalId" };
            Some((index, attribute))
        });
        Ok(told.collect())
    }
}

/// The attribute that is unique as the name of resources of a type.
pub(crate) fn name_attribute(resource_type: &str) -> &'static str {
    if resource_type == GROUP { "displayName" } else { NAME }
}
