//! Changing a group's members, with or without a rewrite of the group itself.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::written::{ChangeValues, GROUP, uuids};
use crate::model::{MembersDelta, ResourceId, Stored, Version};
use crate::scim::resource::IndexEntry;
use crate::store::json_text::JsonText;
use crate::store::statement::statement;
use crate::store::worker::Written;
use crate::store::{MembersChanged, NewChange, StoreError, TenantStore};

statement! {
    /// Calls `change_group_3`, which the migrations describe.
    ChangeGroup<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        version: Option<i64> => Nullable<BigInt>,
        reset: bool => Bool,
        add: &'a [Uuid] => Array<SqlUuid>,
        remove: &'a [Uuid] => Array<SqlUuid>,
        rewrite: bool => Bool,
        name_key: Option<&'a str> => Nullable<Text>,
        external_id: Option<&'a str> => Nullable<Text>,
        display: Option<&'a str> => Nullable<Text>,
        display_key: Option<&'a str> => Nullable<Text>,
        document: &'a str => Text,
        search: JsonText<'a> => Jsonb,
        change: Uuid => SqlUuid,
        at: DateTime<Utc> => Timestamptz,
        action: &'a str => Text,
        resource_name: &'a str => Text,
        credential: Uuid => SqlUuid,
        actor: &'a str => Text,
        request: Uuid => SqlUuid,
        address: Option<&'a str> => Nullable<Text>,
        attributes: &'a str => Text,
        readings: Option<&'a str> => Nullable<Text>,
    } -> (
        Text,
        Nullable<Array<SqlUuid>>,
        Nullable<Text>,
        Nullable<BigInt>,
        Nullable<Timestamptz>,
        Nullable<Timestamptz>,
    ),
    "SELECT outcome, unknown, document, version, created_at, modified_at FROM change_group_3($1, $2, $3, $4, $5, $6, $7, $8, $9, \
        $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22::json, $23)"
}

type Changed = (String, Option<Vec<Uuid>>, Option<String>, Option<i64>, Option<DateTime<Utc>>, Option<DateTime<Utc>>);

impl TenantStore {
    /// Changes the members of a group, reading none but those named. The version moves on only if a member comes or goes.
    ///
    /// # Errors
    /// [`StoreError::MemberUnknown`], [`StoreError::MemberOfItself`], or that the database is away or at fault.
    pub async fn change_members(
        &self,
        group: ResourceId,
        if_version: Option<Version>,
        members: &MembersDelta,
        change: &NewChange<'_>,
    ) -> Result<MembersChanged, StoreError> {
        self.change_group(group, if_version, members, None, change).await
    }

    /// Changes the members of a group, and rewrites it if there is an `entry`.
    pub(super) async fn change_group(
        &self,
        group: ResourceId,
        if_version: Option<Version>,
        members: &MembersDelta,
        entry: Option<&IndexEntry>,
        change: &NewChange<'_>,
    ) -> Result<MembersChanged, StoreError> {
        let values = ChangeValues::of(change)?;
        let statement = ChangeGroup {
            tenant: self.tenant.0,
            id: group.0,
            version: if_version.map(|version| version.0),
            reset: members.reset,
            add: &uuids(&members.add),
            remove: &uuids(&members.remove),
            rewrite: entry.is_some(),
            name_key: entry.and_then(|entry| entry.name_key.as_deref()),
            external_id: entry.and_then(|entry| entry.external_id.as_deref()),
            display: entry.and_then(|entry| entry.display.as_deref()),
            display_key: entry.and_then(|entry| entry.display_key.as_deref()),
            document: entry.map_or("", |entry| &entry.document),
            search: JsonText(entry.map_or("null", |entry| &entry.search)),
            change: values.id,
            at: values.at,
            action: values.action,
            resource_name: values.resource_name,
            credential: values.credential,
            actor: values.actor,
            request: values.request,
            address: values.address.as_deref(),
            attributes: &values.attributes,
            readings: values.readings,
            lifetime: PhantomData,
        };
        match self.write::<_, Changed>(statement, group, change.id).await? {
            Written::Found => {
                let found = self.find(GROUP, group, false).await?;
                Ok(found.map_or(MembersChanged::NotFound, MembersChanged::Changed))
            }
            Written::Rows(rows) => {
                rows.into_iter().next().map_or(Ok(MembersChanged::NotFound), |row| outcome(group, row))
            }
        }
    }
}

/// What `change_group_3` answered.
fn outcome(group: ResourceId, row: Changed) -> Result<MembersChanged, StoreError> {
    let (outcome, unknown, document, version, created_at, modified_at) = row;
    let stored = || {
        Some(Stored {
            id: group,
            document: document?,
            groups: Vec::new(),
            version: Version(version?),
            created_at: created_at?,
            modified_at: modified_at?,
        })
    };
    match outcome.as_str() {
        "not_found" => Ok(MembersChanged::NotFound),
        "version_moved" => Ok(MembersChanged::VersionMoved),
        "member_unknown" => {
            Err(StoreError::MemberUnknown { ids: unknown.into_iter().flatten().map(ResourceId).collect() })
        }
        "member_of_itself" => Err(StoreError::MemberOfItself),
        "unchanged" => {
            stored().map(MembersChanged::Unchanged).ok_or_else(|| StoreError::internal("a group without a row"))
        }
        "changed" => stored().map(MembersChanged::Changed).ok_or_else(|| StoreError::internal("a group without a row")),
        other => Err(StoreError::internal(format!("change_group_3 answered {other}"))),
    }
}
