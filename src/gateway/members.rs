//! From ids as clients write them to ids that can be looked up.

use std::pin::pin;

use futures_util::TryStreamExt;
use serde_json::json;

use super::update::not_found;
use super::{Gateway, GatewayError};
use crate::model::{Caller, MembersDelta, ResourceId, Stored, Version};
use crate::scim::dialect::UnknownMembers;
use crate::scim::explain::Readings;
use crate::scim::patch::MembersChange;
use crate::scim::schema::ResourceType;
use crate::scim::{ScimError, ScimType};
use crate::store::{MembersChanged, NewChange, StoreError};

/// The ids in order, each once. What is no id of ours names nobody, and is treated as an unknown member is; who is left out is
/// told among `readings`.
pub(super) fn ids<'a>(
    caller: &Caller,
    texts: impl IntoIterator<Item = &'a str>,
    readings: &mut Readings,
) -> Result<Vec<ResourceId>, GatewayError> {
    let (mut ids, mut left_out) = (Vec::new(), Vec::new());
    for text in texts {
        match (text.parse(), caller.tenant.dialect.unknown_members) {
            (Ok(id), _) => ids.push(id),
            (Err(_), UnknownMembers::Ignore) => left_out.push(text),
            (Err(_), UnknownMembers::Refuse) => return Err(unknown(text)),
        }
    }
    readings.leave_out_members(&left_out);
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// What the operations of a PATCH do to the members. Removing somebody who cannot be a member does nothing.
pub(super) fn delta(
    caller: &Caller,
    change: &MembersChange,
    readings: &mut Readings,
) -> Result<MembersDelta, GatewayError> {
    let add = ids(caller, change.add.iter().map(String::as_str), readings)?;
    let mut remove: Vec<ResourceId> = change.remove.iter().filter_map(|text| text.parse().ok()).collect();
    remove.sort_unstable();
    Ok(MembersDelta { reset: change.reset, add, remove })
}

/// After a write that failed: takes the ids that turned out to be nobody's out of `add`, where the tenant wants them left
/// out, so that the write can be tried without them. Any other failure stays one.
pub(super) fn leave_out_unknown(
    caller: &Caller,
    (add, readings): (&mut Vec<ResourceId>, &mut Readings),
    error: StoreError,
) -> Result<(), GatewayError> {
    match error {
        StoreError::MemberUnknown { ids } if caller.tenant.dialect.unknown_members == UnknownMembers::Ignore => {
            add.retain(|id| !ids.contains(id));
            readings.leave_out_members(&ids);
            Ok(())
        }
        error => Err(error.into()),
    }
}

/// The error for ids that are nobody's, in this tenant or at all.
pub(super) fn unknown(ids: &str) -> GatewayError {
    let detail = format!("members: there is no resource with the id {ids}; add existing ones");
    GatewayError::Scim(ScimError::bad_request(ScimType::InvalidValue, detail))
}

/// The error for a group that would be a member of itself. Circles of several groups are taken, as RFC 7644, section 3.7.1
/// has one for an example; they do no harm.
pub(super) fn of_itself() -> GatewayError {
    let detail = "members: a group cannot be a member of itself; leave its own id out";
    GatewayError::Scim(ScimError::bad_request(ScimType::InvalidValue, detail))
}

impl Gateway {
    /// Changes the members of a group that is at that version, if one is given; `None` if the group has moved on.
    pub(super) async fn change_members(
        &self,
        caller: &Caller,
        kind: &ResourceType,
        (group, version): (ResourceId, Option<Version>),
        mut delta: MembersDelta,
        (row, mut readings): (&NewChange<'_>, Readings),
    ) -> Result<Option<Stored>, GatewayError> {
        self.check_members(caller, group, &delta.add).await?;
        self.leave_out_own_types(caller, &mut delta.add, &mut readings).await?;
        let tenant = self.store.tenant(caller.tenant.id);
        loop {
            let row = NewChange { readings: readings.as_deref(), ..*row };
            match tenant.change_members(group, version, &delta, &row).await {
                Ok(MembersChanged::Changed(stored) | MembersChanged::Unchanged(stored)) => return Ok(Some(stored)),
                Ok(MembersChanged::VersionMoved) => return Ok(None),
                Ok(MembersChanged::NotFound) => return Err(not_found(kind, group)),
                Err(error) => leave_out_unknown(caller, (&mut delta.add, &mut readings), error)?,
            }
        }
    }

    /// A group's members are users and groups (RFC 7643, section 4.2): resources of a tenant's own types are treated as
    /// members that do not exist. Asks nothing for a tenant without such types.
    pub(super) async fn leave_out_own_types(
        &self,
        caller: &Caller,
        add: &mut Vec<ResourceId>,
        readings: &mut Readings,
    ) -> Result<(), GatewayError> {
        if add.is_empty() || !caller.catalog.has_own_types() {
            return Ok(());
        }
        let ids = self.store.tenant(caller.tenant.id).of_own_types(add).await?;
        if ids.is_empty() {
            Ok(())
        } else {
            leave_out_unknown(caller, (add, readings), StoreError::MemberUnknown { ids })
        }
    }

    /// Turns a change into ids. A filter over members is evaluated over the present ones, which are read for it.
    pub(super) async fn resolve_members(
        &self,
        caller: &Caller,
        group: ResourceId,
        change: &MembersChange,
        readings: &mut Readings,
    ) -> Result<MembersDelta, GatewayError> {
        let mut delta = delta(caller, change, readings)?;
        if change.remove_matching.is_empty() {
            return Ok(delta);
        }
        let tenant = self.store.tenant(caller.tenant.id);
        let mut present = pin!(tenant.members(&[group]));
        while let Some(member) = present.try_next().await? {
            let element = json!({ "value": member.id, "type": member.resource_type, "display": member.display });
            let selected = change.remove_matching.iter().any(|filter| filter.matches_element(&element));
            if selected && !delta.add.contains(&member.id) {
                delta.remove.push(member.id);
            }
        }
        delta.remove.sort_unstable();
        delta.remove.dedup();
        Ok(delta)
    }
}
