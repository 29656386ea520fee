//! Changes: one row for every mutation, the base of activity log, feeds, history and undo.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{CredentialId, RequestId, ResourceId};
use crate::scim::resource::AttributeChange;

/// What a mutation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// A resource was created.
    Create,
    /// A resource changed.
    Update,
    /// A user's `active` went from true, or absent, to false.
    Deactivate,
    /// A user's `active` went from false to true.
    Reactivate,
    /// A resource was removed.
    Delete,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 5] = [Self::Create, Self::Update, Self::Deactivate, Self::Reactivate, Self::Delete];

    /// The name as it is stored and printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Deactivate => "deactivate",
            Self::Reactivate => "reactivate",
            Self::Delete => "delete",
        }
    }
}

impl FromStr for Action {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|action| action.as_str() == text)
            .ok_or_else(|| format!("\"{text}\" is no action; choose create, update, deactivate, reactivate or delete"))
    }
}

/// One row of the change stream.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Its place in the stream.
    pub position: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened.
    pub action: Action,
    /// The name of the resource type.
    pub resource_type: String,
    /// The resource.
    pub resource_id: ResourceId,
    /// The resource's name for people at that time: userName or displayName.
    pub resource_name: String,
    /// The resource's version after the change.
    pub version: i64,
    /// The credential that did it.
    pub credential: CredentialId,
    /// The credential's name for people.
    pub actor: String,
    /// The request.
    pub request: RequestId,
    /// The client's address.
    pub address: Option<String>,
    /// What changed.
    pub attributes: Vec<AttributeChange>,
}

/// Under this path, which no attribute can have, a change that restores an earlier version tells which.
const RESTORED: &str = "#restored";

/// The line that tells of a restoration.
pub fn restored_mark(version: i64) -> AttributeChange {
    AttributeChange { path: RESTORED.to_owned(), old: None, new: Some(version.into()) }
}

/// Takes that line out; the version that was restored, if it was there.
pub fn restored_version(attributes: &mut Vec<AttributeChange>) -> Option<i64> {
    let place = attributes.iter().position(|change| change.path == RESTORED)?;
    attributes.remove(place).new.as_ref().and_then(Value::as_i64)
}
