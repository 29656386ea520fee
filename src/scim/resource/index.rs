//! What the database indexes and searches of a resource.

use std::fmt;

use serde_json::{Map, Value};

use crate::scim::urn;

/// The place of an indexed string in a resource.
#[derive(Debug)]
pub(super) struct IndexedPath {
    extension: Option<&'static str>,
    attribute: &'static str,
    sub: Option<&'static str>,
}

const fn base(attribute: &'static str) -> IndexedPath {
    IndexedPath { extension: None, attribute, sub: None }
}

/// Every string that stands in an index of its own, and so must fit into one.
pub(super) const INDEXED: [IndexedPath; 5] = [
    base("userName"),
    base("externalId"),
    base("displayName"),
    IndexedPath { extension: Some(urn::ENTERPRISE_USER), attribute: "employeeNumber", sub: None },
    IndexedPath { extension: None, attribute: "emails", sub: Some("value") },
];

impl IndexedPath {
    /// The strings at this place, in order.
    pub(super) fn strings<'a>(&self, attributes: &'a Map<String, Value>) -> impl Iterator<Item = &'a str> {
        let values = match self.extension {
            None => Some(attributes),
            Some(uri) => attributes.get(uri).and_then(Value::as_object),
        };
        let value = values.and_then(|values| values.get(self.attribute));
        let elements = match value {
            Some(Value::Array(elements)) => elements.as_slice(),
            other => other.map(std::slice::from_ref).unwrap_or_default(),
        };
        let sub = self.sub;
        elements.iter().filter_map(move |element| sub.map_or(Some(element), |sub| element.get(sub))?.as_str())
    }
}

impl fmt::Display for IndexedPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(uri) = self.extension {
            write!(f, "{uri}:")?;
        }
        f.write_str(self.attribute)?;
        self.sub.map_or(Ok(()), |sub| write!(f, ".{sub}"))
    }
}
