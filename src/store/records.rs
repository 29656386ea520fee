//! What records refer to, looked up for many of them at once.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::resources::stored;
use super::statement::statement;
use super::{StoreError, TenantStore};
use crate::model::{ResourceId, Role, Stored};
use crate::scim::schema::own::ORGANIZATION;
use crate::scim::urn;

statement! {
    /// The users who have one of these keys.
    FindPeople<'a> {
        tenant: Uuid => SqlUuid,
        external_ids: &'a [String] => Array<Text>,
        employee_keys: &'a [String] => Array<Text>,
        email_keys: &'a [String] => Array<Text>,
        ids: &'a [Uuid] => Array<SqlUuid>,
    } -> (SqlUuid, Text, BigInt, Timestamptz, Timestamptz, Nullable<Text>, Nullable<Text>, Array<Text>),
    "SELECT f.id, f.document, f.version, f.created_at, f.modified_at, f.external_id, f.employee_key, f.email_keys \
        FROM find_people($1, $2, $3, $4, $5) f ORDER BY f.id"
}

statement! {
    /// The groups that carry a role of one of these ids, or that carry one and are called so.
    FindRoles<'a> {
        tenant: Uuid => SqlUuid,
        keys: &'a [String] => Array<Text>,
    } -> (Text, SqlUuid, Text, Nullable<Text>),
    "SELECT o.role_key, o.group_id, r.document, r.display_key FROM roles o \
        JOIN resources r ON r.tenant_id = o.tenant_id AND r.id = o.group_id \
        WHERE o.tenant_id = $1 AND (o.role_key = ANY ($2) OR r.display_key = ANY ($2)) ORDER BY o.role_key"
}

statement! {
    /// The organizations with one of these ids or names.
    FindOrganizations<'a> {
        tenant: Uuid => SqlUuid,
        resource_type: &'a str => Text,
        ids: &'a [Uuid] => Array<SqlUuid>,
        attribute: &'a str => Text,
        names: &'a [String] => Array<Text>,
    } -> (SqlUuid, Text),
    "SELECT r.id, r.document FROM resources r WHERE r.tenant_id = $1 AND r.resource_type = $2 AND (r.id = ANY ($3) \
        OR r.id IN (SELECT u.resource_id FROM resource_unique_values u WHERE u.tenant_id = $1 AND u.scope = $2 \
            AND u.attribute = $4 AND u.key IN (SELECT sha256(convert_to(k.name, 'UTF8')) FROM unnest($5) AS k (name)))) \
        ORDER BY r.id"
}

statement! {
    /// Those of the users who were invited and have not come yet: with an open invitation, without one that they accepted, and
    /// without a password.
    Invited<'a> {
        tenant: Uuid => SqlUuid,
        ids: &'a [Uuid] => Array<SqlUuid>,
        now: DateTime<Utc> => Timestamptz,
    } -> SqlUuid,
    "SELECT r.id FROM resources r WHERE r.tenant_id = $1 AND r.id = ANY ($2) AND r.password_hash IS NULL \
        AND EXISTS (SELECT FROM invitations i WHERE i.tenant_id = r.tenant_id AND i.user_id = r.id AND i.state = 'pending' \
            AND i.expires_at > $3) \
        AND NOT EXISTS (SELECT FROM invitations i WHERE i.tenant_id = r.tenant_id AND i.user_id = r.id AND i.state = 'accepted') \
        ORDER BY r.id"
}

statement! {
    /// Users who were invited and have not come yet, in the order of their creation.
    InvitedPage<'a> {
        tenant: Uuid => SqlUuid,
        after: i64 => BigInt,
        now: DateTime<Utc> => Timestamptz,
        limit: i64 => BigInt,
    } -> (BigInt, SqlUuid, Text, BigInt, Timestamptz, Timestamptz),
    "SELECT r.seq, r.id, r.document, r.version, r.created_at, r.modified_at FROM resources r \
        WHERE r.tenant_id = $1 AND r.resource_type = 'User' AND r.seq > $2 AND r.password_hash IS NULL \
        AND r.id IN (SELECT i.user_id FROM invitations i WHERE i.tenant_id = $1 AND i.state = 'pending' AND i.expires_at > $3) \
        AND NOT EXISTS (SELECT FROM invitations i WHERE i.tenant_id = $1 AND i.user_id = r.id AND i.state = 'accepted') \
        ORDER BY r.seq LIMIT $4"
}

statement! {
    /// The place of the resource that was created last of some, in the order of creation.
    LastSeq<'a> {
        tenant: Uuid => SqlUuid,
        ids: &'a [Uuid] => Array<SqlUuid>,
    } -> Nullable<BigInt>,
    "SELECT max(seq) FROM resources WHERE tenant_id = $1 AND id = ANY ($2)"
}

/// A place in the order of creation, and a user.
type SeqRow = (i64, Uuid, String, i64, DateTime<Utc>, DateTime<Utc>);
type PersonRow = (Uuid, String, i64, DateTime<Utc>, DateTime<Utc>, Option<String>, Option<String>, Vec<String>);

/// By what users are looked for. Keys of e-mail addresses and of employee numbers are folded.
#[derive(Debug, Default)]
pub struct PeopleKeys {
    /// Values of `externalId`, as they are.
    pub external_ids: Vec<String>,
    /// Employee numbers.
    pub employee_keys: Vec<String>,
    /// E-mail addresses.
    pub email_keys: Vec<String>,
    /// Ids.
    pub ids: Vec<ResourceId>,
}

/// A user, and by what it is found.
#[derive(Debug, Clone)]
pub struct Person {
    /// The user.
    pub stored: Stored,
    /// `externalId`.
    pub external_id: Option<String>,
    /// The employee number, folded.
    pub employee_key: Option<String>,
    /// The e-mail addresses, folded.
    pub email_keys: Vec<String>,
}

impl TenantStore {
    /// The users who have one of these keys, by their ids.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn people(&self, keys: &PeopleKeys) -> Result<Vec<Person>, StoreError> {
        let ids: Vec<Uuid> = keys.ids.iter().map(|id| id.0).collect();
        let statement = FindPeople {
            tenant: self.tenant.0,
            external_ids: &keys.external_ids,
            employee_keys: &keys.employee_keys,
            email_keys: &keys.email_keys,
            ids: &ids,
            lifetime: PhantomData,
        };
        let rows: Vec<PersonRow> = self.store.search(statement).await?;
        let person = |(id, document, version, created, modified, external_id, employee_key, email_keys): PersonRow| {
            let stored = stored((id, document, version, created, modified));
            Person { stored, external_id, employee_key, email_keys }
        };
        Ok(rows.into_iter().map(person).collect())
    }

    /// The roles with one of these ids, or carried by a group of that name, with the folded name of the group; the keys are folded.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn roles_named(&self, keys: &[String]) -> Result<Vec<(Role, Option<String>)>, StoreError> {
        let statement = FindRoles { tenant: self.tenant.0, keys, lifetime: PhantomData };
        let rows: Vec<(String, Uuid, String, Option<String>)> = self.store.search(statement).await?;
        let role = |(key, group, document, name)| (Role { key, group: ResourceId(group), document, holders: 0 }, name);
        Ok(rows.into_iter().map(role).collect())
    }

    /// The organizations with one of these ids or folded names, as their ids and documents.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn organizations_named(
        &self,
        ids: &[ResourceId],
        names: &[String],
    ) -> Result<Vec<(ResourceId, String)>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let attribute = format!("{}:name", urn::ORGANIZATION);
        let (tenant, lifetime) = (self.tenant.0, PhantomData);
        let statement = FindOrganizations {
            tenant,
            resource_type: ORGANIZATION,
            ids: &ids,
            attribute: &attribute,
            names,
            lifetime,
        };
        let rows: Vec<(Uuid, String)> = self.store.search(statement).await?;
        Ok(rows.into_iter().map(|(id, document)| (ResourceId(id), document)).collect())
    }

    /// Those of the users who were invited and have not come yet.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn invited(&self, users: &[ResourceId], now: DateTime<Utc>) -> Result<Vec<ResourceId>, StoreError> {
        let ids: Vec<Uuid> = users.iter().map(|id| id.0).collect();
        let statement = Invited { tenant: self.tenant.0, ids: &ids, now, lifetime: PhantomData };
        let rows: Vec<Uuid> = self.store.search(statement).await?;
        Ok(rows.into_iter().map(ResourceId).collect())
    }

    /// The place of whichever of these resources was created last; of those that are there still.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn last_seq(&self, ids: &[ResourceId]) -> Result<Option<i64>, StoreError> {
        let ids = &ids.iter().map(|id| id.0).collect::<Vec<_>>();
        let rows: Vec<Option<i64>> =
            self.store.read(LastSeq { tenant: self.tenant.0, ids, lifetime: PhantomData }).await?;
        Ok(rows.into_iter().next().flatten())
    }

    /// Users who were invited and have not come yet, behind a place in the order of creation, each with its own place.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn invited_page(
        &self,
        after: i64,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Vec<(i64, Stored)>, StoreError> {
        let (tenant, limit, lifetime) = (self.tenant.0, i64::from(limit), PhantomData);
        let rows: Vec<SeqRow> = self.store.search(InvitedPage { tenant, after, now, limit, lifetime }).await?;
        let place = |(seq, id, document, version, created, modified): SeqRow| {
            (seq, stored((id, document, version, created, modified)))
        };
        Ok(rows.into_iter().map(place).collect())
    }
}
