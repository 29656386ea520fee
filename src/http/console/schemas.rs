//! `/console/t/{slug}/schemas`: what resources look like.

use std::sync::Arc;

use serde_json::Value;

use super::pages::{AttributeLine, Here, Notice, OffenderView, SchemaView, Schemas, TypeView};
use super::{ConsoleAnswer, Place, Visit, reply};
use crate::scim::schema::own::Registry;
use crate::scim::schema::{AttributeDefinition, Mutability, ResourceType, Returned, Schema, Uniqueness, builtin};

/// Shows the resource types and schemas of a tenant, with why something was not removed.
pub async fn list(
    visit: &Visit<'_>,
    place: &Place,
    problem: Option<&str>,
    offenders: Vec<OffenderView>,
) -> ConsoleAnswer {
    let (_, registry) = visit.store(place).registry().await?;
    let mut schemas = place.catalog.schemas();
    // Those that no resource type is built on yet are in no catalog.
    let waiting = |own: &&Arc<Schema>| !place.catalog.schemas().iter().any(|known| known.uri == own.uri);
    schemas.extend(registry.schemas.iter().filter(waiting));
    reply::page(&Schemas {
        shell: visit.shell("Schemas", Here::Schemas, place),
        types: place.catalog.resource_types().iter().map(|kind| resource_type(kind, &registry)).collect(),
        schemas: schemas.into_iter().map(|schema| view(schema, &registry)).collect(),
        problem: problem.map(Notice::problem),
        offenders,
    })
}

fn resource_type(kind: &Arc<ResourceType>, registry: &Registry) -> TypeView {
    let built_in = builtin().named(&kind.name).is_some();
    let registered = registry.resource_type(&kind.name);
    TypeView {
        own: registered.is_some_and(|own| !built_in || !own.schema_extensions.is_empty()),
        built_in,
        name: kind.name.clone(),
        description: kind.description.clone(),
        endpoint: kind.endpoint.clone(),
        schemas: kind.schema_uris().map(ToString::to_string).collect(),
    }
}

fn view(schema: &Arc<Schema>, registry: &Registry) -> SchemaView {
    let mut attributes = Vec::new();
    for attribute in &schema.attributes {
        attributes.push(line(attribute, None));
        attributes.extend(attribute.sub_attributes.iter().map(|sub| line(sub, Some(&attribute.name))));
    }
    let own = registry.schema(schema.uri.as_str()).is_some();
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
