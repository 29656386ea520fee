//! `/console/t/{slug}/schemas`: what resources look like.

use std::sync::Arc;

use serde_json::Value;

use super::pages::{AttributeLine, Here, SchemaView, Schemas, TypeView};
use super::{ConsoleAnswer, Place, Visit, reply};
use crate::scim::schema::{AttributeDefinition, Mutability, ResourceType, Returned, Schema, Uniqueness};

/// Shows the resource types and schemas of a tenant.
pub fn schemas(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    reply::page(&Schemas {
        shell: visit.shell("Schemas", Here::Schemas, place),
        types: place.catalog.resource_types().iter().map(resource_type).collect(),
        schemas: place.catalog.schemas().into_iter().map(schema).collect(),
    })
}

fn resource_type(kind: &Arc<ResourceType>) -> TypeView {
    TypeView {
        name: kind.name.clone(),
        description: kind.description.clone(),
        endpoint: kind.endpoint.clone(),
        schemas: kind.schema_uris().map(ToString::to_string).collect(),
    }
}

fn schema(schema: &Arc<Schema>) -> SchemaView {
    let mut attributes = Vec::new();
    for attribute in &schema.attributes {
        attributes.push(line(attribute, None));
        attributes.extend(attribute.sub_attributes.iter().map(|sub| line(sub, Some(&attribute.name))));
    }
    // Values are held to the canonical ones in schemas of a tenant's own alone.
    let own = schema.attributes.iter().any(|attribute| attribute.restricted);
    SchemaView {
        name: schema.name.clone(),
        urn: schema.uri.to_string(),
        count: schema.attributes.len(),
        own,
        open: own,
        attributes,
    }
}

fn line(attribute: &AttributeDefinition, parent: Option<&str>) -> AttributeLine {
    let name = match parent {
        Some(parent) => format!("{parent}.{}", attribute.name),
        None => attribute.name.clone(),
    };
    let kind = serde_json::to_value(attribute.kind).ok();
    let kind = kind.as_ref().and_then(Value::as_str).unwrap_or_default();
    let kind = if attribute.multi_valued { format!("{kind}, many") } else { kind.to_owned() };
    AttributeLine { name, description: attribute.description.clone(), kind, marks: marks(attribute) }
}

/// The characteristics, as far as they are not the usual ones.
fn marks(attribute: &AttributeDefinition) -> Vec<String> {
    let mut marks: Vec<&str> = Vec::new();
    if attribute.required {
        marks.push("required");
    }
    match attribute.uniqueness {
        Uniqueness::None => {}
        Uniqueness::Server => marks.push("unique in the tenant"),
        Uniqueness::Global => marks.push("unique everywhere"),
    }
    match attribute.mutability {
        Mutability::ReadWrite => {}
        Mutability::ReadOnly => marks.push("read only"),
        Mutability::Immutable => marks.push("set once"),
        Mutability::WriteOnly => marks.push("write only"),
    }
    match attribute.returned {
        Returned::Default => {}
        Returned::Always => marks.push("always returned"),
        Returned::Never => marks.push("never returned"),
        Returned::Request => marks.push("returned if asked for"),
    }
    if attribute.case_exact {
        marks.push("exact case");
    }
    let mut marks: Vec<String> = marks.into_iter().map(str::to_owned).collect();
    if !attribute.canonical_values.is_empty() {
        marks.push(attribute.canonical_values.join(" · "));
    }
    marks
}
