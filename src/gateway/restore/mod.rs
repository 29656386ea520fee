//! Bringing a resource back to an earlier version, or back at all. It is a new change like any other, held to the same rules, and
//! it tells which version it restored.
//!
//! The earlier version is rebuilt from the changes since then, undone one after the other. What they do not tell cannot come
//! back: a password, whatever else is never returned, and members who do not exist any more.

mod past;

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::update::{Found, Update, too_busy};
use super::{Gateway, GatewayError, ROUNDS, change, employee_id};
use crate::model::{
    Action, AttributeChange, Caller, CredentialId, MembersDelta, Origin, Preconditions, RequestId, ResourceId, Scopes,
    Tenant, Version, restored_mark,
};
use crate::scim::dialect::{Dialect, UnknownAttributes, UnknownMembers};
use crate::scim::explain::Readings;
use crate::scim::resource::{Draft, Resource, differences};
use crate::scim::schema::{Catalog, ResourceType};
use crate::store::{NewResource, PasswordUpdate, Span};
use past::Past;

/// How many changes are undone at most, and how many are read at once.
const MOST_CHANGES: usize = 20_000;
const CHANGES_AT_ONCE: u32 = 500;

/// Which resource of which tenant, and who asks.
#[derive(Debug, Clone)]
pub struct Restoration {
    /// The tenant.
    pub tenant: Arc<Tenant>,
    /// Its schemas and resource types.
    pub catalog: Arc<Catalog>,
    /// The resource.
    pub resource: ResourceId,
    /// The version to go back to, which is 1 or more.
    pub version: i64,
    /// Who asks for it.
    pub origin: Origin,
}

/// What a restoration did, or would do.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// The resource type.
    pub resource_type: String,
    /// The resource.
    pub id: ResourceId,
    /// Its name for people, as it was in that version.
    pub name: String,
    /// The version that was restored.
    pub restored: i64,
    /// The version that the resource has now.
    pub version: i64,
    /// Whether anything changed, or would.
    pub changed: bool,
    /// Whether the resource was gone.
    pub was_removed: bool,
    /// What differs from what was before.
    pub attributes: Vec<AttributeChange>,
    /// The whole resource as it was in that version, without members.
    pub document: Value,
    /// What could not be brought back, and why.
    pub notes: Vec<String>,
}

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The tenant never had it, or nothing is kept of it.
    #[error("there is no resource with the id {0}, nor any change of it that is still kept")]
    NotFound(ResourceId),
    /// It never had that version.
    #[error("the resource has no version {version} yet; its newest is {newest}")]
    NoSuchVersion {
        /// What was asked for.
        version: i64,
        /// What there is.
        newest: i64,
    },
    /// What led to that version is not kept any more.
    #[error(
        "the changes since version {version} are not all kept any more; the oldest version that can be restored is {oldest}"
    )]
    Forgotten {
        /// What was asked for.
        version: i64,
        /// What can be had.
        oldest: i64,
    },
    /// Too much lies between.
    #[error("more than {MOST_CHANGES} changes lie between then and now; restore a later version")]
    TooFar,
    /// The resource type is gone.
    #[error("the tenant has no resource type {0} any more; register it again first")]
    NoSuchType(String),
    /// The resource as it was is not allowed now, or the database is away.
    #[error(transparent)]
    Refused(#[from] GatewayError),
}

impl From<crate::store::StoreError> for RestoreError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Refused(error.into())
    }
}

/// A resource as it was in a version, and as it is.
struct Rebuilt {
    kind: Arc<ResourceType>,
    span: Span,
    /// As it is; `None` if it was removed.
    found: Option<Found>,
    past: Past,
    /// The members as they are, if the changes since then speak of members.
    members: Option<BTreeSet<ResourceId>>,
    after: Resource,
    notes: Vec<String>,
}

impl Gateway {
    /// What [`Gateway::restore`] would do.
    ///
    /// # Errors
    /// As there, but for what the database alone finds out.
    pub async fn preview(&self, wanted: &Restoration) -> Result<Restored, RestoreError> {
        let caller = self.caller(wanted);
        let rebuilt = self.rebuild(&caller, wanted).await?;
        let before = rebuilt.found.as_ref().map(|found| found.resource.clone()).unwrap_or_default();
        let mut attributes = differences(&rebuilt.kind, &before, &rebuilt.after);
        attributes.extend(rebuilt.members_line());
        let changed = !attributes.is_empty() || rebuilt.found.is_none();
        let version = rebuilt.found.as_ref().map_or(rebuilt.span.newest, |found| found.stored.version.0);
        Ok(rebuilt.told(wanted, version, changed, attributes))
    }

    /// Brings a resource back to a version.
    ///
    /// # Errors
    /// [`RestoreError`]; nothing was written then.
    pub async fn restore(&self, wanted: &Restoration) -> Result<Restored, RestoreError> {
        let caller = self.caller(wanted);
        for _ in 0..ROUNDS {
            let rebuilt = self.rebuild(&caller, wanted).await?;
            let written = match &rebuilt.found {
                Some(found) => self.bring_back_to(&caller, wanted, &rebuilt, found).await?,
                None => self.bring_back(&caller, wanted, &rebuilt).await?,
            };
            let Some((version, attributes)) = written else { continue };
            let changed = rebuilt.found.as_ref().is_none_or(|found| found.stored.version != version);
            return Ok(rebuilt.told(wanted, version.0, changed, attributes));
        }
        Err(too_busy().into())
    }

    /// Who restores, as the change tells it. Members who are gone are left out, whatever clients are told of such.
    fn caller(&self, wanted: &Restoration) -> Caller {
        let dialect = Dialect { unknown_members: UnknownMembers::Ignore, ..wanted.tenant.dialect.clone() };
        let origin = &wanted.origin;
        Caller {
            tenant: Arc::new(Tenant { dialect, ..Tenant::clone(&wanted.tenant) }),
            catalog: wanted.catalog.clone(),
            credential: CredentialId(origin.actor.id().unwrap_or(Uuid::nil())),
            label: origin.actor.name().into(),
            scopes: Scopes::WRITE,
            max_role_weight: None,
            connection: None,
            user: None,
            request: origin.request.unwrap_or_else(|| RequestId::new(self.clock.now())),
            address: origin.address,
        }
    }

    async fn rebuild(&self, caller: &Caller, wanted: &Restoration) -> Result<Rebuilt, RestoreError> {
        let (tenant, id, version) = (self.store.tenant(caller.tenant.id), wanted.resource, wanted.version);
        let span = tenant.span(id).await?.ok_or(RestoreError::NotFound(id))?;
        let kind = caller.catalog.named(&span.resource_type).cloned();
        let kind = kind.ok_or_else(|| RestoreError::NoSuchType(span.resource_type.clone()))?;
        let found = match self.find(caller, &kind, id, &Preconditions::default()).await {
            Ok(found) => Some(found),
            Err(GatewayError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let newest = found.as_ref().map_or(span.newest, |found| found.stored.version.0.max(span.newest));
        if version > newest {
            return Err(RestoreError::NoSuchVersion { version, newest });
        }
        if version < span.oldest {
            return Err(RestoreError::Forgotten { version, oldest: span.oldest });
        }
        let mut past = Past::of(found.as_ref().map_or(&Resource::default(), |found| &found.resource));
        let members = self.undo(caller, &kind, (id, found.is_some()), version, &mut past).await?;
        let lenient = Dialect { unknown_attributes: UnknownAttributes::Ignore, ..caller.tenant.dialect.clone() };
        let draft = Draft::parse_replacement(past.body(), &kind, &lenient).map_err(GatewayError::from)?;
        let nothing = Resource::default();
        let before = found.as_ref().map_or(&nothing, |found| &found.resource);
        let after = draft.replacing(before, &kind).map_err(GatewayError::from)?.resource.with_id(&id.to_string());
        let notes = notes(&kind, &past, &after, found.is_some());
        Ok(Rebuilt { kind, span, found, past, members, after, notes })
    }

    /// Undoes what happened since a version. Answers the present members of a group if any of that speaks of members.
    async fn undo(
        &self,
        caller: &Caller,
        kind: &ResourceType,
        (id, is_there): (ResourceId, bool),
        version: i64,
        past: &mut Past,
    ) -> Result<Option<BTreeSet<ResourceId>>, RestoreError> {
        let tenant = self.store.tenant(caller.tenant.id);
        let (mut members, mut count, mut before) = (None, 0, None);
        loop {
            let changes = tenant.changes_since(id, version, before, CHANGES_AT_ONCE).await?;
            count += changes.len();
            if count > MOST_CHANGES {
                return Err(RestoreError::TooFar);
            }
            for change in &changes {
                let speaks_of_members = change.attributes.iter().any(|line| line.path == "members");
                if members.is_none() && speaks_of_members && kind.name == "Group" {
                    let present = if is_there { self.present_members(caller, id).await? } else { BTreeSet::new() };
                    past.members.clone_from(&present);
                    members = Some(present);
                }
                past.undo(kind, change);
            }
            match changes.last() {
                Some(last) if changes.len() == CHANGES_AT_ONCE as usize => before = Some(last.position),
                _ => return Ok(members),
            }
        }
    }

    async fn present_members(&self, caller: &Caller, group: ResourceId) -> Result<BTreeSet<ResourceId>, RestoreError> {
        let tenant = self.store.tenant(caller.tenant.id);
        let groups = [group];
        let mut present = pin!(tenant.members(&groups));
        let mut ids = BTreeSet::new();
        while let Some(member) = present.try_next().await? {
            ids.insert(member.id);
        }
        Ok(ids)
    }

    /// Changes a resource that is there. `None` if somebody else was faster.
    async fn bring_back_to(
        &self,
        caller: &Caller,
        wanted: &Restoration,
        rebuilt: &Rebuilt,
        found: &Found,
    ) -> Result<Option<(Version, Vec<AttributeChange>)>, RestoreError> {
        let changes = differences(&rebuilt.kind, &found.resource, &rebuilt.after);
        let mut shown = changes.clone();
        shown.extend(rebuilt.members_line());
        let (after, password) = (rebuilt.after.clone(), PasswordUpdate::Keep);
        let (members, readings) = (rebuilt.members_delta(), Readings::default());
        let update = Update { after, changes, members, password, readings };
        let marks = [restored_mark(wanted.version)];
        let stored = self.write_marked(caller, &rebuilt.kind, found, update, &marks).await?;
        Ok(stored.map(|stored| (stored.version, shown)))
    }

    /// Brings back a resource that is gone. `None` if somebody else was faster.
    async fn bring_back(
        &self,
        caller: &Caller,
        wanted: &Restoration,
        rebuilt: &Rebuilt,
    ) -> Result<Option<(Version, Vec<AttributeChange>)>, RestoreError> {
        let (kind, span, nothing, now) = (&rebuilt.kind, &rebuilt.span, Resource::default(), self.clock.now());
        let after = employee_id::settle(caller, kind, rebuilt.after.clone())?;
        self.check_roles(caller, kind, &nothing, &after).await?;
        let entry = super::entry(&caller.tenant, kind, &after);
        let members: Vec<ResourceId> = rebuilt.past.members.iter().copied().collect();
        let groups: Vec<ResourceId> = rebuilt.past.groups.iter().copied().collect();
        let new = NewResource {
            resource_type: &kind.name,
            id: wanted.resource,
            entry: &entry,
            password_hash: None,
            members: &members,
        };
        let mut attributes = differences(kind, &nothing, &after);
        let shown = attributes.clone();
        attributes.push(restored_mark(wanted.version));
        let row = change::row(caller, now, Action::Create, change::name(&after), &attributes);
        let version = Version(span.newest + 1);
        let tenant = self.store.tenant(caller.tenant.id);
        let written = tenant.restore(&new, (version, created_at(wanted.resource, span)), &groups, &row).await;
        let is_done = written.map_err(|error| employee_id::named(caller, &entry, error))?;
        Ok(is_done.then_some((version, shown)))
    }
}

impl Rebuilt {
    /// Who has to come and go; both only where the changes since then speak of members.
    fn members_delta(&self) -> MembersDelta {
        let Some(present) = &self.members else { return MembersDelta::default() };
        let then = &self.past.members;
        MembersDelta {
            reset: false,
            add: then.difference(present).copied().collect(),
            remove: present.difference(then).copied().collect(),
        }
    }

    fn members_line(&self) -> Option<AttributeChange> {
        let delta = self.members_delta();
        let list = |ids: &[ResourceId]| (!ids.is_empty()).then(|| ids.iter().map(|id| json!({"value": id})).collect());
        let (old, new) = (list(&delta.remove), list(&delta.add));
        (old.is_some() || new.is_some()).then(|| AttributeChange { path: "members".to_owned(), old, new })
    }

    fn told(self, wanted: &Restoration, version: i64, changed: bool, attributes: Vec<AttributeChange>) -> Restored {
        Restored {
            resource_type: self.kind.name.clone(),
            id: wanted.resource,
            name: change::name(&self.after).to_owned(),
            restored: wanted.version,
            version,
            changed,
            was_removed: self.found.is_none(),
            attributes,
            document: Value::Object(self.after.into_map()),
            notes: self.notes,
        }
    }
}

/// When a resource was first created: as its first change tells, or, where that is not kept any more, its id, which is ordered
/// by time.
fn created_at(id: ResourceId, span: &Span) -> DateTime<Utc> {
    let of_id = || {
        let (seconds, nanoseconds) = id.0.get_timestamp()?.to_unix();
        DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
    };
    if span.is_whole { span.began_at } else { of_id().unwrap_or(span.began_at) }
}

/// What cannot be brought back.
fn notes(kind: &ResourceType, past: &Past, after: &Resource, is_there: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if kind.name == "User" && !is_there {
        notes.push("a password, if there was one, is not kept: the user comes back without it".to_owned());
    }
    for path in past.secrets.iter().filter(|path| is_there || *path != "password") {
        let stays = if is_there { "it stays as it is now" } else { "the resource comes back without it" };
        notes.push(format!("{path} was changed since then, and its values are not kept: {stays}"));
    }
    for path in past.lost(after) {
        notes.push(format!("{path} had a value, and clients cannot set it by the present schemas: it is left out"));
    }
    if past.has_gaps {
        notes.push(
            "more than 10000 members came or went at once: those beyond are not told, and stay as they are".to_owned(),
        );
    }
    notes
}
