//! Where ids of resources stand in the data of an operation, and so `bulkId:` references (RFC 7644, section 3.7.2).
//!
//! The schema tells: attributes that refer to resources (`members`, `manager`, and those of other schemas that are built
//! alike) hold ids; text that merely begins with `bulkId:` elsewhere is text.

use serde_json::{Map, Value};

use super::request::Method;
use crate::scim::path::PatchPath;
use crate::scim::schema::{AttributeDefinition, AttributeType, ResourceType, Schema};

/// What a reference begins with; the `bulkId` follows.
pub(super) const PREFIX: &str = "bulkId:";

/// Is shown each id in the data, and may write another one in its place.
type Visitor<'v> = dyn FnMut(&mut String) + 'v;

/// Shows `visit` every id that the body of such a request holds.
pub(super) fn visit(kind: &ResourceType, method: Method, data: &mut Value, visit: &mut Visitor<'_>) {
    match (method, data) {
        (Method::Post | Method::Put, Value::Object(attributes)) => visit_attributes(kind, None, attributes, visit),
        (Method::Patch, Value::Object(request)) => {
            for operations in named(request, "operations").filter_map(Value::as_array_mut) {
                for operation in operations.iter_mut().filter_map(Value::as_object_mut) {
                    visit_operation(kind, operation, visit);
                }
            }
        }
        _ => {}
    }
}

fn visit_operation(kind: &ResourceType, operation: &mut Map<String, Value>, visit: &mut Visitor<'_>) {
    let path = named(operation, "path").find_map(|path| path.as_str().map(str::to_owned)).unwrap_or_default();
    match Place::find(kind, &path) {
        Place::Attribute => {
            for path in named(operation, "path") {
                if let Value::String(path) = path {
                    visit_quoted(path, visit);
                }
            }
            named(operation, "value").for_each(|value| visit_ids(value, visit));
        }
        Place::Attributes(schema) => named(operation, "value").for_each(|value| {
            let objects = match value {
                Value::Array(elements) => elements.as_mut_slice(),
                single => std::slice::from_mut(single),
            };
            for attributes in objects.iter_mut().filter_map(Value::as_object_mut) {
                visit_attributes(kind, schema, attributes, visit);
            }
        }),
        Place::Elsewhere => {}
    }
}

/// What a path of a PATCH means, as far as ids are concerned.
enum Place<'k> {
    /// An attribute that holds ids.
    Attribute,
    /// All attributes: of the resource itself, or of one schema.
    Attributes(Option<&'k Schema>),
    /// Nothing that could hold an id.
    Elsewhere,
}

impl<'k> Place<'k> {
    fn find(kind: &'k ResourceType, path: &str) -> Self {
        if path.is_empty() {
            return Self::Attributes(None);
        }
        // Most names are plain ones or the URN of an extension, and need no parsing.
        if let Some(attribute) = kind.common.attribute(path).or_else(|| kind.schema.attribute(path)) {
            return if holds_ids(attribute) { Self::Attribute } else { Self::Elsewhere };
        }
        if let Some(schema) = kind.extension(path) {
            return Self::Attributes(Some(schema));
        }
        let path = match PatchPath::parse(path, kind) {
            Ok(PatchPath::Schema(uri)) => return Self::Attributes(kind.extension(uri.as_str()).map(AsRef::as_ref)),
            Ok(PatchPath::Attribute(path) | PatchPath::Values { path, .. }) => path,
            Err(_) => return Self::Elsewhere,
        };
        // Without the sub-attribute: whether there is one is not decided here.
        let path = crate::scim::path::AttrPath { sub: None, ..path };
        let target = kind.resolve(&path).or_else(|| kind.resolve_in_extensions(&path));
        match target {
            Some(target) if holds_ids(&target.attribute) => Self::Attribute,
            _ => Self::Elsewhere,
        }
    }
}

/// The attributes of a resource, or of `schema` alone. A name may be a path, as in the value of a PATCH.
fn visit_attributes(
    kind: &ResourceType,
    schema: Option<&Schema>,
    attributes: &mut Map<String, Value>,
    visit: &mut Visitor<'_>,
) {
    for (name, value) in attributes.iter_mut() {
        if let Some(schema) = schema {
            if schema.attribute(name).is_some_and(|attribute| holds_ids(attribute)) {
                visit_ids(value, visit);
            }
            continue;
        }
        match (Place::find(kind, name), value) {
            (Place::Attribute, value) => visit_ids(value, visit),
            (Place::Attributes(schema @ Some(_)), Value::Object(inner)) => visit_attributes(kind, schema, inner, visit),
            _ => {}
        }
    }
}

/// Whether the attribute refers to resources of this server.
fn holds_ids(attribute: &AttributeDefinition) -> bool {
    let refers = |attribute: &AttributeDefinition| {
        attribute.kind == AttributeType::Reference
            && attribute.reference_types.iter().any(|kind| kind != "external" && kind != "uri")
    };
    refers(attribute) || attribute.sub_attributes.iter().any(|sub| refers(sub))
}

/// The ids in the value of such an attribute: bare, or in `value` or `$ref`, in an array or not.
fn visit_ids(value: &mut Value, visit: &mut Visitor<'_>) {
    match value {
        Value::String(id) => visit(id),
        Value::Array(elements) => elements.iter_mut().for_each(|element| match element {
            Value::Array(_) => {}
            element => visit_ids(element, visit),
        }),
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                if let Value::String(id) = member
                    && (name.eq_ignore_ascii_case("value") || name.eq_ignore_ascii_case("$ref"))
                {
                    visit(id);
                }
            }
        }
        _ => {}
    }
}

/// The strings in a path's filter, which are JSON strings.
fn visit_quoted(path: &mut String, visit: &mut Visitor<'_>) {
    let mut out = String::with_capacity(path.len());
    let mut rest = path.as_str();
    while let Some(start) = rest.find('"') {
        let Some(length) = quoted_length(&rest[start..]) else { break };
        let (quoted, after) = rest[start..].split_at(length);
        out.push_str(&rest[..start]);
        match serde_json::from_str::<String>(quoted) {
            Ok(mut text) => {
                let before = text.clone();
                visit(&mut text);
                let changed = (text != before).then(|| Value::String(text).to_string());
                out.push_str(changed.as_deref().unwrap_or(quoted));
            }
            Err(_) => out.push_str(quoted),
        }
        rest = after;
    }
    out.push_str(rest);
    *path = out;
}

/// The length of the string that begins with the quote at the beginning of `text`, with both quotes.
fn quoted_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn named<'m>(members: &'m mut Map<String, Value>, name: &'static str) -> impl Iterator<Item = &'m mut Value> {
    members.iter_mut().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
