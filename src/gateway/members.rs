//! From ids as clients write them to ids that can be looked up.

use std::pin::pin;

use futures_util::TryStreamExt;
use serde_json::json;

use super::update::not_found;
use super::{Gateway, GatewayError};
use crate::model::{Caller, MembersDelta, ResourceId, Stored};
use crate::scim::patch::MembersChange;
use crate::scim::schema::ResourceType;
use crate::scim::{ScimError, ScimType};
use crate::store::MembersChanged;

/// The ids in order, each once. What is no id of ours names nobody, and is refused as an unknown member is.
pub(super) fn ids<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Vec<ResourceId>, GatewayError> {
    let parsed: Result<Vec<ResourceId>, _> =
        texts.into_iter().map(|text| text.parse().map_err(|_| unknown(text))).collect();
    let mut ids = parsed?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// What the operations of a PATCH do to the members. Removing somebody who cannot be a member does nothing.
pub(super) fn delta(change: &MembersChange) -> Result<MembersDelta, GatewayError> {
    let add = ids(change.add.iter().map(String::as_str))?;
    let mut remove: Vec<ResourceId> = change.remove.iter().filter_map(|text| text.parse().ok()).collect();
    remove.sort_unstable();
    Ok(MembersDelta { reset: change.reset, add, remove })
}

/// The error for ids that are nobody's, in this tenant or at all.
pub(super) fn unknown(ids: &str) -> GatewayError {
    let detail = format!("members: there is no resource with the id {ids}; add existing ones");
    GatewayError::Scim(ScimError::bad_request(ScimType::InvalidValue, detail))
}

/// The outcome of a change of members; `None` if the group has moved on.
pub(super) fn changed(
    changed: MembersChanged,
    kind: &ResourceType,
    group: ResourceId,
) -> Result<Option<Stored>, GatewayError> {
    match changed {
        MembersChanged::Changed(stored) | MembersChanged::Unchanged(stored) => Ok(Some(stored)),
        MembersChanged::VersionMoved => Ok(None),
        MembersChanged::NotFound => Err(not_found(kind, group)),
    }
}

impl Gateway {
    /// Turns a change into ids. A filter over members is evaluated over the present ones, which are read for it.
    pub(super) async fn resolve_members(
        &self,
        caller: &Caller,
        group: ResourceId,
        change: &MembersChange,
    ) -> Result<MembersDelta, GatewayError> {
        let mut delta = delta(change)?;
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
