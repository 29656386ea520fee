//! Reading a schema (RFC 7643, section 7).

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::problems::{InvalidDefinition, NAME, Object, Problems, is_name};
use super::{MAX_ATTRIBUTES, MAX_CANONICAL_VALUES, MAX_TEXT, MAX_URN};
use crate::scim::fold::fold;
use crate::scim::path::is_uri;
use crate::scim::schema::resource_type::SchemaDefinition;
use crate::scim::schema::{AttributeDefinition, AttributeType, Mutability, Returned, Schema, Uniqueness};
use crate::scim::urn::SchemaUri;

/// What RFC 7643 gives a meaning of its own, and what the engine keeps apart from other attributes.
const RESERVED_NAMES: [&str; 7] = ["schemas", "id", "externalId", "meta", "members", "groups", "password"];

/// The beginnings of URNs that belong to the standards and to this program. Others below `urn:ietf:params:scim:` are left
/// to tenants: Entra's own examples put customers' extensions there.
const RESERVED_URNS: [&str; 4] = [
    "urn:ietf:params:scim:schemas:core:",
    "urn:ietf:params:scim:api:",
    "urn:ietf:params:scim:schemas:extension:enterprise:",
    "urn:ietf:params:scim:schemas:extension:scimgate:",
];

const ATTRIBUTE: [&str; 13] = [
    "name",
    "type",
    "subAttributes",
    "multiValued",
    "description",
    "required",
    "canonicalValues",
    "caseExact",
    "mutability",
    "returned",
    "uniqueness",
    "referenceTypes",
    "sensitive",
];

/// Reads a schema as a tenant registers it. `schemas` and `meta`, which a schema has that was read from a server, are passed
/// over.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_schema(value: &Value) -> Result<Schema, InvalidDefinition> {
    let mut problems = Problems::default();
    let known = ["schemas", "id", "name", "description", "attributes", "meta"];
    let Some(object) = Object::read(value, "", &known, &mut problems) else {
        return problems.or(()).and(Err(InvalidDefinition(Vec::new())));
    };
    let uri = object.text("id", MAX_URN, &mut problems);
    check_uri(&uri, &mut problems);
    let name = object.text("name", MAX_TEXT, &mut problems);
    if name.trim().is_empty() {
        problems.add("name", "must be there and not empty");
    }
    let description = object.text("description", MAX_TEXT, &mut problems);
    let attributes = read_attributes(&object, "attributes", false, &mut problems);
    problems.or(Schema { uri: SchemaUri::new(uri), name, description, attributes })
}

/// Reads a schema back that was registered once and kept as [`crate::scim::discovery::schema_definition`] writes it.
///
/// # Errors
/// That it is no schema.
pub fn kept_schema(value: Value) -> Result<Schema, serde_json::Error> {
    let definition: SchemaDefinition = serde_json::from_value(value)?;
    let mut schema = Schema::from(definition);
    schema.attributes.iter_mut().for_each(restrict);
    Ok(schema)
}

fn restrict(attribute: &mut Arc<AttributeDefinition>) {
    let attribute = Arc::make_mut(attribute);
    attribute.restricted = true;
    attribute.sub_attributes.iter_mut().for_each(restrict);
}

fn check_uri(uri: &str, problems: &mut Problems) {
    let lower_case = uri.to_ascii_lowercase();
    if let Some(reserved) = RESERVED_URNS.iter().find(|reserved| lower_case.starts_with(**reserved)) {
        problems.add("id", format_args!("{reserved}... is reserved; use a URN of your own"));
    } else if !is_uri(uri) || uri.ends_with(':') || !uri.is_ascii() {
        let example = "urn:ietf:params:scim:schemas:extension:example:2.0:User";
        problems.add("id", format_args!("must be the schema's URN, such as {example}"));
    }
}

/// The attributes of a schema, or the sub-attributes of one.
fn read_attributes(
    object: &Object<'_>,
    name: &str,
    is_inner: bool,
    problems: &mut Problems,
) -> Vec<Arc<AttributeDefinition>> {
    let listed = object.list(name, MAX_ATTRIBUTES, problems);
    if listed.is_empty() {
        problems.add(object.at(name), "must have at least one element");
    }
    let mut seen = HashSet::new();
    let mut attributes = Vec::with_capacity(listed.len());
    for (index, value) in listed.iter().enumerate() {
        let at = format!("{}[{index}]", object.at(name));
        let Some(attribute) = read_attribute(value, at.clone(), is_inner, problems) else { continue };
        if !seen.insert(attribute.name.to_ascii_lowercase()) {
            problems.add(at, format_args!("{} stands more than once (names compare without case)", attribute.name));
        }
        attributes.push(Arc::new(attribute));
    }
    attributes
}

fn read_attribute(value: &Value, at: String, is_inner: bool, problems: &mut Problems) -> Option<AttributeDefinition> {
    let object = Object::read(value, at, &ATTRIBUTE, problems)?;
    let name = object.text("name", MAX_TEXT, problems);
    let is_allowed = is_name(&name) || (is_inner && name == "$ref");
    if !is_allowed {
        problems.add(object.at("name"), NAME);
    } else if !is_inner && RESERVED_NAMES.iter().any(|reserved| reserved.eq_ignore_ascii_case(&name)) {
        problems.add(object.at("name"), format_args!("{name} has a meaning of its own in SCIM; choose another name"));
    }
    let kinds = "string, boolean, decimal, integer, dateTime, binary, reference, complex";
    let kind: AttributeType = object.keyword("type", kinds, problems);
    let sub_attributes = match (kind, is_inner) {
        (AttributeType::Complex, true) => {
            problems.add(object.at("type"), "a sub-attribute cannot be complex (RFC 7643, section 2.3.8)");
            Vec::new()
        }
        (AttributeType::Complex, false) => read_attributes(&object, "subAttributes", true, problems),
        _ if object.list("subAttributes", MAX_ATTRIBUTES, problems).is_empty() => Vec::new(),
        _ => {
            problems.add(object.at("subAttributes"), "only a complex attribute has sub-attributes");
            Vec::new()
        }
    };
    let attribute = AttributeDefinition {
        name,
        kind,
        sub_attributes,
        multi_valued: object.flag("multiValued", problems),
        description: object.text("description", MAX_TEXT, problems),
        required: object.flag("required", problems),
        canonical_values: read_texts(&object, "canonicalValues", MAX_CANONICAL_VALUES, problems),
        case_exact: object.flag("caseExact", problems),
        mutability: object.keyword("mutability", "readOnly, readWrite, immutable, writeOnly", problems),
        returned: object.keyword("returned", "always, never, default, request", problems),
        uniqueness: object.keyword("uniqueness", "none, server, global", problems),
        reference_types: read_texts(&object, "referenceTypes", MAX_ATTRIBUTES, problems),
        sensitive: object.flag("sensitive", problems),
        restricted: true,
    };
    check_characteristics(&attribute, &object, is_inner, problems);
    Some(attribute)
}

fn read_texts(object: &Object<'_>, name: &str, limit: usize, problems: &mut Problems) -> Vec<String> {
    let listed = object.list(name, limit, problems);
    let fits = |text: &&str| !text.is_empty() && text.len() <= MAX_TEXT && !text.chars().any(char::is_control);
    let texts: Vec<String> = listed.iter().filter_map(|value| value.as_str().filter(fits)).map(str::to_owned).collect();
    if texts.len() < listed.len() {
        problems.add(object.at(name), format_args!("must hold strings of 1 to {MAX_TEXT} bytes"));
    }
    texts
}

/// Characteristics that contradict each other.
fn check_characteristics(
    attribute: &AttributeDefinition,
    object: &Object<'_>,
    is_inner: bool,
    problems: &mut Problems,
) {
    let mut refuse = |name: &str, what: &str| problems.add(object.at(name), what);
    let kind = attribute.kind;
    let is_text = matches!(kind, AttributeType::String | AttributeType::Reference);
    if !attribute.canonical_values.is_empty() && !is_text {
        refuse("canonicalValues", "only strings and references have canonical values");
    }
    let mut seen = HashSet::new();
    let key = |text: &str| if attribute.compares_exactly() { text.to_owned() } else { fold(text).into_owned() };
    if !attribute.canonical_values.iter().all(|text| seen.insert(key(text))) {
        refuse("canonicalValues", "must not hold the same value twice");
    }
    match (kind == AttributeType::Reference, attribute.reference_types.is_empty()) {
        (true, true) => refuse("referenceTypes", "a reference needs them: names of resource types, external or uri"),
        (false, false) => refuse("referenceTypes", "only references have them"),
        _ => {}
    }
    if attribute.mutability == Mutability::WriteOnly && attribute.returned != Returned::Never {
        refuse("returned", "must be never, since the attribute is writeOnly");
    }
    if attribute.mutability == Mutability::ReadOnly && attribute.required {
        refuse("required", "must be false, since the attribute is readOnly and no client could give it a value");
    }
    let cannot_be_unique = matches!(kind, AttributeType::Boolean | AttributeType::Complex);
    if attribute.uniqueness != Uniqueness::None && cannot_be_unique {
        refuse("uniqueness", "must be none for a boolean or complex attribute");
    }
    if is_inner && attribute.sensitive {
        refuse("sensitive", "belongs to the attribute as a whole; say it there");
    }
    if is_inner && attribute.is_named("primary") && (kind != AttributeType::Boolean || attribute.multi_valued) {
        refuse("type", "primary marks one value of several and must be a single boolean (RFC 7643, section 2.4)");
    }
}
