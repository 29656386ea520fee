//! Resources: from a client's JSON to a checked resource, and from a resource to what an answer shows.
//!
//! A [`Resource`] is canonical: attribute names are spelled as the schema spells them, in the schema's order; extension
//! attributes stand under the extension's URN; nothing is null and no array or object is empty; `schemas` names exactly the
//! base schema and the extensions that carry data. It holds neither `meta`, nor `password`, nor what memberships tell
//! (`members` of a group, `groups` of a user): those live elsewhere and are added when an answer is written.

mod canonical;
mod difference;
mod employee_id;
mod index;
mod members;
mod projection;
mod refit;
mod simple;
#[cfg(test)]
mod tests;
mod unique;
mod validate;
mod value;

pub use canonical::{MAX_ELEMENTS, MAX_KEY_BYTES, MAX_KEY_CHARS};
pub(in crate::scim) use canonical::{check, is_members, normalize_touched};
pub use difference::{AttributeChange, differences};
pub use index::{IndexEntry, UNIQUE_EMAILS};
pub use members::{MAX_MEMBERS, Member};
pub use projection::Projection;
pub use refit::{misfit, unique_values};
use unique::UNIQUE;
pub use unique::unique_value;
pub use validate::Draft;
pub(in crate::scim) use value::{
    canonical_element, canonical_value, is_unassigned, remove_duplicates, unknown_attribute,
};

use serde_json::{Map, Value};

pub use crate::scim::date_time::fixed_width;
use crate::scim::schema::ResourceType;

/// A resource's attributes in canonical form.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resource(pub(in crate::scim) Map<String, Value>);

impl Resource {
    /// Takes back what [`Resource::into_map`] or [`Resource::as_map`] gave out and the store kept. The caller vouches for
    /// the canonical form.
    pub fn from_stored(attributes: Map<String, Value>) -> Self {
        Self(attributes)
    }

    /// The attributes.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The attributes.
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }

    /// The resource's id, once it has one.
    pub fn id(&self) -> Option<&str> {
        self.0.get("id").and_then(Value::as_str)
    }

    /// The resource with this id, at its canonical place behind `schemas`.
    pub fn with_id(mut self, id: &str) -> Self {
        let place = usize::from(self.0.contains_key("schemas"));
        self.0.shift_remove("id");
        self.0.shift_insert(place, "id".to_owned(), id.into());
        self
    }

    /// The resource with `active` set.
    pub fn with_active(mut self, resource_type: &ResourceType, active: bool) -> Self {
        self.0.insert("active".to_owned(), active.into());
        normalize_touched(resource_type, self.0, &|name| name == "active")
    }

    /// The user with `active` set if it says nothing of it; other resources stay as they are.
    pub fn or_active(self, resource_type: &ResourceType, active: bool) -> Self {
        if self.0.contains_key("active") || resource_type.name != "User" {
            return self;
        }
        self.with_active(resource_type, active)
    }
}
