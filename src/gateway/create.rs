//! Creating a resource (RFC 7644, section 3.3).

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::Value;

use super::{Gateway, GatewayError, change, employee_id, members, roles};
use crate::auth::password;
use crate::model::{Action, AttributeChange, Caller, ResourceId, Stored, Version};
use crate::scim::explain::Readings;
use crate::scim::resource::{Draft, IndexEntry, Resource, differences};
use crate::scim::schema::ResourceType;
use crate::store::{NewChange, NewResource};

/// A resource that is ready to be created.
pub(super) struct New<'a> {
    pub kind: &'a ResourceType,
    pub id: ResourceId,
    pub entry: IndexEntry,
    pub password_hash: Option<SecretString>,
    pub members: Vec<ResourceId>,
    name: String,
    /// Whether its roles may have put it into groups.
    has_roles: bool,
    attributes: Vec<AttributeChange>,
    /// What of the body was read otherwise than it was sent, or left out.
    readings: Readings,
}

impl New<'_> {
    /// The resource as the store takes it.
    pub fn resource(&self) -> NewResource<'_> {
        NewResource {
            resource_type: &self.kind.name,
            id: self.id,
            entry: &self.entry,
            password_hash: self.password_hash.as_ref(),
            members: &self.members,
        }
    }

    /// What it would be once it was written.
    fn stored(self, at: DateTime<Utc>) -> Stored {
        Stored {
            id: self.id,
            document: self.entry.document,
            groups: Vec::new(),
            version: Version(1),
            created_at: at,
            modified_at: at,
        }
    }

    /// Its name for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The row that tells of it.
    pub fn change<'n>(&'n self, caller: &'n Caller, at: DateTime<Utc>) -> NewChange<'n> {
        let row = change::row(caller, at, Action::Create, &self.name, &self.attributes);
        NewChange { readings: self.readings.as_deref(), ..row }
    }
}

impl Gateway {
    /// Creates a resource from a client's body. The id is ours; `externalId` is a plain attribute.
    pub async fn create(&self, caller: &Caller, kind: &ResourceType, body: Value) -> Result<Stored, GatewayError> {
        let now = self.clock.now();
        let new = self.draft(caller, kind, ResourceId::new(now), body).await?;
        let has_roles = new.has_roles;
        let stored = self.insert(caller, new, now).await?;
        if has_roles {
            let found = self.store.tenant(caller.tenant.id).find(&kind.name, stored.id, true).await?;
            return Ok(found.unwrap_or(stored));
        }
        Ok(stored)
    }

    /// Reads a client's body; nothing is written yet.
    pub(super) async fn draft<'a>(
        &self,
        caller: &Caller,
        kind: &'a ResourceType,
        id: ResourceId,
        body: Value,
    ) -> Result<New<'a>, GatewayError> {
        let readings = Readings::of_body(&body, kind, &caller.tenant.dialect);
        self.draft_as(caller, kind, id, body, readings).await
    }

    /// As [`Gateway::draft`], of what a client sent in other words.
    pub(super) async fn draft_as<'a>(
        &self,
        caller: &Caller,
        kind: &'a ResourceType,
        id: ResourceId,
        body: Value,
        mut readings: Readings,
    ) -> Result<New<'a>, GatewayError> {
        let draft = Draft::parse(body, kind, &caller.tenant.dialect)?;
        let password_hash = match draft.password {
            Some(password) => Some(SecretString::from(password::hash(password).await?)),
            None => None,
        };
        let sent = draft.members.iter().flatten().map(|member| member.value.as_str());
        let members = members::ids(caller, sent, &mut readings)?;
        let resource = draft.resource.or_active(kind, true).with_id(&id.to_string());
        let resource = employee_id::settle(caller, kind, resource)?;
        let nothing = Resource::default();
        self.check_roles(caller, kind, &nothing, &resource).await?;
        let mut attributes = differences(kind, &nothing, &resource);
        attributes.extend(password_hash.is_some().then(change::password_changed));
        let (name, entry) = (change::name(&resource).to_owned(), super::entry(&caller.tenant, kind, &resource));
        let has_roles = roles::move_groups(kind, &nothing, &resource);
        Ok(New { kind, id, entry, password_hash, members, name, has_roles, attributes, readings })
    }

    /// Writes a resource that is ready.
    pub(super) async fn insert(
        &self,
        caller: &Caller,
        mut new: New<'_>,
        now: DateTime<Utc>,
    ) -> Result<Stored, GatewayError> {
        self.leave_out_own_types(caller, &mut new.members, &mut new.readings).await?;
        if self.is_rehearsal {
            self.check_free(caller, (&new.kind.name, new.id), &new.entry).await?;
            return Ok(new.stored(now));
        }
        self.claim(caller, &[new.id]).await?;
        let tenant = self.store.tenant(caller.tenant.id);
        loop {
            match tenant.insert(&new.resource(), &new.change(caller, now)).await {
                Ok(stored) => return Ok(stored),
                Err(error) => {
                    let error = employee_id::named(caller, &new.entry, error);
                    if let Err(error) = members::leave_out_unknown(caller, (&mut new.members, &mut new.readings), error)
                    {
                        self.disclaim(caller, &[new.id]).await;
                        return Err(error);
                    }
                }
            }
        }
    }
}
