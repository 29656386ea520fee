//! Whether a stored resource fits its type after the type's schemas have changed.

use serde_json::{Map, Value};

use super::canonical::check;
use super::value::canonical_value;
use super::{Resource, UNIQUE};
use crate::scim::dialect::UnknownAttributes;
use crate::scim::schema::{Mutability, ResourceType, Schema};

/// Why a resource that is stored as one of `old` is none of `new`; `None` if it is, just as it is stored.
pub fn misfit(old: &ResourceType, new: &ResourceType, resource: &Resource) -> Option<String> {
    if old.schema.uri != new.schema.uri {
        return Some(format!("is built on {}", old.schema.uri));
    }
    let attributes = resource.as_map();
    let base = (*old.schema != *new.schema).then(|| {
        let own = attributes.iter().filter(|(name, _)| old.schema.attribute(name).is_some());
        unfit(&new.schema, own, "")
    });
    let in_extensions = old.extensions.iter().filter_map(|extension| {
        let uri = extension.schema.uri.as_str();
        let values = attributes.get(uri).and_then(Value::as_object)?;
        match new.extension(uri) {
            None => Some(format!("{uri} has values")),
            Some(schema) if **schema != *extension.schema => unfit(schema, values.iter(), &format!("{uri}:")),
            Some(_) => None,
        }
    });
    let unfit = base.flatten().or_else(|| in_extensions.into_iter().next());
    unfit.or_else(|| check(new, resource).err().map(|error| error.detail))
}

fn unfit<'a>(schema: &Schema, values: impl Iterator<Item = (&'a String, &'a Value)>, prefix: &str) -> Option<String> {
    for (name, value) in values {
        let at = format!("{prefix}{name}");
        let Some(attribute) = schema.attribute(name) else {
            return Some(format!("{at} has a value, and the schema has no such attribute any more"));
        };
        if attribute.mutability == Mutability::ReadOnly {
            return Some(format!("{at} has a value, and the attribute is readOnly now"));
        }
        match canonical_value(attribute, value.clone(), UnknownAttributes::Refuse, &at) {
            Err(error) => return Some(error.detail),
            Ok(Some(canonical)) if canonical == *value && attribute.name == *name => {}
            Ok(_) => return Some(format!("{at} has a value of another form than the schema gives it now")),
        }
    }
    None
}

/// The values in a search document that no other resource may have, each as scope, attribute and key.
pub fn unique_values(search: &Value) -> impl Iterator<Item = [&str; 3]> {
    let listed = search.get(UNIQUE).and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(|value| {
        let part = |index: usize| value.get(index).and_then(Value::as_str);
        Some([part(0)?, part(1)?, part(2)?])
    })
}

impl Resource {
    /// Reads the text that the store keeps; `None` if it is no resource.
    pub fn from_document(document: &str) -> Option<Self> {
        serde_json::from_str::<Map<String, Value>>(document).ok().map(Self::from_stored)
    }
}
