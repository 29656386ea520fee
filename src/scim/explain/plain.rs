//! A look that spares reading: whether a part is taken exactly as it was sent, which is so with most parts of most requests. It
//! allocates nothing, and says no where only a closer look can tell. It is asked about requests that are carried out alone: what
//! is wrong with a value it does not see.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use crate::scim::resource::is_unassigned;
use crate::scim::schema::{AttributeDefinition, AttributeType, Mutability, ResourceType, Schema};

/// Whether there is nothing to tell of a value.
pub(super) fn value(attribute: &AttributeDefinition, sent: &Value) -> bool {
    match sent {
        Value::Array(elements) if attribute.multi_valued => {
            elements.iter().all(|sent| element(attribute, sent)) && are_distinct(elements)
        }
        _ if attribute.multi_valued => false,
        sent => element(attribute, sent),
    }
}

fn element(attribute: &AttributeDefinition, sent: &Value) -> bool {
    match (attribute.kind, sent) {
        (AttributeType::Complex, Value::Object(members)) => {
            members.iter().all(|(name, value)| sub_value(attribute, name, value))
                && members.values().any(|value| !is_unassigned(value))
        }
        (AttributeType::Complex, _) => false,
        (AttributeType::Boolean, Value::Bool(_))
        | (AttributeType::Integer | AttributeType::Decimal, Value::Number(_)) => true,
        (AttributeType::Boolean, _) => false,
        (_, Value::String(text)) => {
            let known = &attribute.canonical_values;
            !text.is_empty() && (!attribute.restricted || known.is_empty() || known.contains(text))
        }
        _ => false,
    }
}

fn sub_value(attribute: &AttributeDefinition, name: &str, sent: &Value) -> bool {
    let Some(sub) = attribute.sub_attributes.iter().find(|sub| sub.name == *name) else { return false };
    let may_be_json = name == "value" && sent.as_str().is_some_and(|text| text.starts_with('{'));
    sub.mutability != Mutability::ReadOnly && !may_be_json && (is_unassigned(sent) || value(sub, sent))
}

/// Whether no element is the same as another one, as far as that can be seen.
fn are_distinct(elements: &[Value]) -> bool {
    /// Up to here comparing each with each is cheaper than hashing them.
    const FEW: usize = 16;
    // What is empty goes, which may make two the same.
    let is_full = |element: &Value| element.as_object().is_none_or(|members| !members.values().any(is_unassigned));
    if elements.len() > 1 && !elements.iter().all(is_full) {
        return false;
    }
    if elements.len() <= FEW {
        return elements.iter().enumerate().all(|(index, element)| !elements[..index].contains(element));
    }
    let mut seen = HashSet::with_capacity(elements.len());
    elements.iter().all(|element| seen.insert(element))
}

/// An attribute that a path spells exactly as its schema does.
pub(super) struct Exact<'k> {
    pub attribute: &'k Arc<AttributeDefinition>,
    pub sub: Option<&'k Arc<AttributeDefinition>>,
    /// Whether a filter selects some of its values. Whether that is well formed is not looked at.
    pub selects: bool,
}

impl<'k> Exact<'k> {
    /// What a path names, if it is the path that answers would show.
    pub fn of_path(kind: &'k ResourceType, path: &str) -> Option<Self> {
        let (front, behind) = match path.split_once('[') {
            None => (path, None),
            Some((front, filter)) => (front, Some(filter.rsplit_once(']')?.1)),
        };
        let in_extension = kind.extensions.iter().find_map(|extension| {
            let name = front.strip_prefix(extension.schema.uri.as_str())?.strip_prefix(':')?;
            Some((&extension.schema, name))
        });
        let (attribute, sub) = match in_extension {
            Some((schema, path)) => {
                let (name, sub) = in_two(path);
                (exactly(schema, name)?, sub)
            }
            None => {
                let (name, sub) = in_two(front);
                (Self::of_name(kind, name)?, sub)
            }
        };
        let sub = match (sub, behind) {
            (None, None | Some("")) => None,
            (None, Some(behind)) => Some(behind.strip_prefix('.')?),
            (sub, None) => sub,
            (Some(_), Some(_)) => return None,
        };
        let sub = match sub {
            None => None,
            Some(name) => Some(attribute.sub_attributes.iter().find(|sub| sub.name == name)?),
        };
        Some(Self { attribute, sub, selects: behind.is_some() })
    }

    /// The attribute of that name that no URN is needed for.
    pub fn of_name(kind: &'k ResourceType, name: &str) -> Option<&'k Arc<AttributeDefinition>> {
        let found = kind.common.attribute(name).or_else(|| kind.schema.attribute(name))?;
        (found.name == name).then_some(found)
    }
}

/// The attribute of a schema whose name is spelled so.
pub(super) fn exactly<'s>(schema: &'s Schema, name: &str) -> Option<&'s Arc<AttributeDefinition>> {
    schema.attribute(name).filter(|attribute| attribute.name == name)
}

fn in_two(path: &str) -> (&str, Option<&str>) {
    path.split_once('.').map_or((path, None), |(name, sub)| (name, Some(sub)))
}
