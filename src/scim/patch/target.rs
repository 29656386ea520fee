//! What the path of an operation, or the name of a member in the value of one without a path, means for a resource type.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::edit::Selector;
use crate::scim::dialect::UnknownAttributes;
use crate::scim::filter::{CheckedFilter, CompareOp, Filter, Node, Operand};
use crate::scim::fold::fold;
use crate::scim::path::PatchPath;
use crate::scim::schema::{AttributeDefinition, Resolved, ResourceType, Schema};
use crate::scim::{ScimError, urn::SchemaUri};

/// The meaning of a path.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// All attributes of the base schema, or those of an extension.
    Schema(Arc<Schema>),
    /// An attribute or sub-attribute, or some of its values.
    Attribute {
        /// The attribute.
        target: Resolved,
        /// Which of its values.
        filter: Option<Selector>,
    },
    /// No schema of the resource type has such an attribute.
    Unknown,
}

/// Reads a path.
///
/// # Errors
/// 400 `invalidPath` if it is malformed, `invalidFilter` if its filter does not fit the attribute.
pub(super) fn find(resource_type: &ResourceType, path: &str, unknown: UnknownAttributes) -> Result<Target, ScimError> {
    let (path, filter) = match PatchPath::parse(path, resource_type)? {
        PatchPath::Schema(uri) => return Ok(schema(resource_type, &uri)),
        PatchPath::Attribute(path) => (path, None),
        PatchPath::Values { mut path, filter, sub } => {
            path.sub = path.sub.or(sub);
            (path, Some(filter))
        }
    };
    let lenient =
        || (unknown == UnknownAttributes::Ignore).then(|| resource_type.resolve_in_extensions(&path)).flatten();
    let Some(target) = resource_type.resolve(&path).or_else(lenient) else { return Ok(Target::Unknown) };
    let filter = filter.map(|filter| Selector::check(&filter, &target)).transpose()?;
    Ok(Target::Attribute { target, filter })
}

/// What a path names, for those who tell of it.
#[derive(Debug, Clone)]
pub(in crate::scim) enum Meaning {
    /// The base schema or an extension, by its URN.
    Schema(String),
    /// An attribute or sub-attribute.
    Attribute {
        /// Which.
        target: Resolved,
        /// Whether a filter selects some of its values.
        selects: bool,
    },
    /// Nothing that a schema defines.
    Unknown,
}

/// What an operation with this path is about.
///
/// # Errors
/// As [`find`].
pub(in crate::scim) fn meaning(
    resource_type: &ResourceType,
    path: &str,
    unknown: UnknownAttributes,
) -> Result<Meaning, ScimError> {
    Ok(match find(resource_type, path, unknown)? {
        Target::Schema(schema) => Meaning::Schema(schema.uri.as_str().to_owned()),
        Target::Attribute { target, filter } => Meaning::Attribute { target, selects: filter.is_some() },
        Target::Unknown => Meaning::Unknown,
    })
}

/// Reads the name of a member of a value. A name that is not even a path is the name of no attribute; only what looks like a
/// value path must be one, as ignoring it would lose what the client meant.
pub(super) fn find_key(
    resource_type: &ResourceType,
    name: &str,
    unknown: UnknownAttributes,
) -> Result<Target, ScimError> {
    find(resource_type, name, unknown)
        .or_else(|error| if name.contains('[') { Err(error) } else { Ok(Target::Unknown) })
}

fn schema(resource_type: &ResourceType, uri: &SchemaUri) -> Target {
    let schema = resource_type.extension(uri.as_str()).unwrap_or(&resource_type.schema);
    Target::Schema(schema.clone())
}

impl Selector {
    /// Checks the filter of a value path against the attribute that `target` names.
    fn check(filter: &Filter, target: &Resolved) -> Result<Self, ScimError> {
        let attribute = Resolved { sub: None, ..target.clone() };
        let filter = CheckedFilter::check_element(filter, &attribute, 0)?;
        let seed = seed(filter.node(), &target.attribute);
        let pinned = demands(filter.node()).into_iter().flatten().map(|(name, _)| name.to_owned()).collect();
        Ok(Self { filter, seed, pinned })
    }

    /// Whether the filter selects this element.
    pub(super) fn matches(&self, element: &Value) -> bool {
        self.filter.matches_element(element)
    }

    /// The ids that a filter on `members` names, if it is `value eq "id"` or several of them joined by `or`.
    pub(super) fn member_ids(&self) -> Option<Vec<String>> {
        match self.filter.node() {
            Node::Or(nodes) => nodes.iter().map(member_id).collect(),
            node => Some(vec![member_id(node)?]),
        }
    }
}

fn member_id(node: &Node) -> Option<String> {
    match node {
        Node::Compare { target, op: CompareOp::Equal, value: Operand::Exact(id) | Operand::Folded(id) }
            if target.sub.as_ref().is_some_and(|sub| sub.name == "value") =>
        {
            Some(id.clone())
        }
        _ => None,
    }
}

/// The sub-attributes that an element must equal to be selected, if the filter is made of equalities joined by `and`.
fn demands(node: &Node) -> Option<Vec<(&str, &Operand)>> {
    match node {
        Node::Compare { target, op: CompareOp::Equal, value } => {
            let sub = target.sub.as_ref()?;
            Some(vec![(sub.name.as_str(), value)])
        }
        Node::And(nodes) => {
            let all: Option<Vec<_>> = nodes.iter().map(demands).collect();
            all.map(|all| all.into_iter().flatten().collect())
        }
        _ => None,
    }
}

/// What an element begins with that an operation creates because the filter selects none: only `type eq` one of the
/// canonical values, `primary eq true`, or both, describe an element that a client may expect to come into being. Entra
/// sends these; under any other filter RFC 7644, section 3.5.2.3 has the last word.
fn seed(node: &Node, attribute: &AttributeDefinition) -> Option<Map<String, Value>> {
    demands(node)?
        .into_iter()
        .map(|(name, value)| Some((name.to_owned(), seed_value(attribute, name, value)?)))
        .collect()
}

fn seed_value(attribute: &AttributeDefinition, name: &str, value: &Operand) -> Option<Value> {
    match (name, value) {
        ("primary", Operand::Boolean(true)) => Some(Value::Bool(true)),
        ("type", Operand::Folded(text) | Operand::Exact(text)) => {
            let canonical = &attribute.sub_attribute("type")?.canonical_values;
            canonical.iter().find(|value| fold(value) == fold(text)).map(|value| Value::from(value.as_str()))
        }
        _ => None,
    }
}
