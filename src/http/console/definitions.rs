//! `/console/t/{slug}/schemas` and `/resource-types`: what a tenant registers of its own.

use std::sync::Arc;

use serde_json::Value;

use super::error::{ConsoleError, sentence};
use super::flash::Flash;
use super::pages::{Choice, DefinitionPage, Here, OffenderView};
use super::{ConsoleAnswer, Place, Visit, reply, resources, schemas};
use crate::gateway::{Offender, SchemasAct, SchemasError};
use crate::scim::discovery::{resource_type_definition, schema_definition};
use crate::scim::json;
use crate::scim::schema::builtin;
use crate::scim::schema::own::{InvalidDefinition, MAX_FILE, Registry, ResourceTypeDefinition, read_schema};

const SCHEMA: &str = r#"{
  "id": "urn:ietf:params:scim:schemas:extension:acme:2.0:User",
  "name": "Acme",
  "attributes": [
    { "name": "badge", "type": "string", "uniqueness": "server" },
    { "name": "clearance", "type": "string",
      "canonicalValues": ["none", "secret"] }
  ]
}"#;
const RESOURCE_TYPE: &str = r#"{
  "name": "Device",
  "endpoint": "/Devices",
  "schema": "urn:ietf:params:scim:schemas:acme:2.0:Device",
  "schemaExtensions": []
}"#;

/// What is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A schema.
    Schema,
    /// A resource type.
    ResourceType,
}

impl What {
    fn kind(self) -> &'static str {
        if self == Self::Schema { "schema" } else { "resource type" }
    }

    fn path(self) -> &'static str {
        if self == Self::Schema { "schemas" } else { "resource-types" }
    }
}

/// Hands a request to its form.
pub async fn route(visit: &Visit<'_>, place: &Place, what: What, path: &[&str]) -> ConsoleAnswer {
    match (path, visit.is_post()) {
        (["new"], false) => {
            visit.may_write()?;
            reply::page(&page(visit, place, what, true))
        }
        (["edit"], false) => edit(visit, place, what).await,
        ([] | ["edit"], true) => put(visit, place, what, path.is_empty()).await,
        (["remove"], true) => remove(visit, place, what).await,
        _ => Err(ConsoleError::NotFound),
    }
}

/// The form, with what was sent with it before.
fn page(visit: &Visit<'_>, place: &Place, what: What, is_new: bool) -> DefinitionPage {
    let sent: Vec<&str> = visit.form.all("extends").collect();
    let choice = |name: &str| Choice::new(name, name, sent.contains(&name));
    let kinds = place.catalog.resource_types();
    let title = format!("{} {}", if is_new { "New" } else { "Change a" }, what.kind());
    let edit = if is_new { "" } else { "/edit" };
    DefinitionPage {
        shell: visit.shell(&title, Here::Schemas, place),
        kind: what.kind(),
        action: format!("/console/t/{}/{}{edit}", place.tenant.slug, what.path()),
        is_new,
        text: visit.form.raw("definition").to_owned(),
        example: if what == What::Schema { SCHEMA } else { RESOURCE_TYPE },
        extends: kinds.iter().filter(|_| what == What::Schema).map(|kind| choice(&kind.name)).collect(),
        required: !visit.form.get("required").is_empty(),
        problems: Vec::new(),
        offenders: Vec::new(),
    }
}

async fn edit(visit: &Visit<'_>, place: &Place, what: What) -> ConsoleAnswer {
    visit.may_write()?;
    let (_, registry) = visit.store(place).registry().await?;
    let mut page = page(visit, place, what, false);
    let definition = match what {
        What::Schema => {
            let schema = registry.schema(visit.query.get("urn")).ok_or(ConsoleError::NotFound)?;
            for choice in &mut page.extends {
                let extension = registry.resource_type(&choice.key).and_then(|kind| {
                    kind.schema_extensions.iter().find(|extension| schema.uri.matches(&extension.schema))
                });
                choice.chosen = extension.is_some();
                page.required |= extension.is_some_and(|extension| extension.required);
            }
            schema_definition(schema)
        }
        What::ResourceType => {
            let kind = registry.resource_type(visit.query.get("name")).ok_or(ConsoleError::NotFound)?;
            match place.catalog.named(&kind.name).filter(|_| builtin().named(&kind.name).is_none()) {
                Some(kind) => resource_type_definition(kind),
                None => serde_json::to_value(kind).unwrap_or_default(),
            }
        }
    };
    page.text = serde_json::to_string_pretty(&definition).unwrap_or_default();
    reply::page(&page)
}

async fn put(visit: &Visit<'_>, place: &Place, what: What, is_new: bool) -> ConsoleAnswer {
    visit.may_write()?;
    let outcome = match definition(visit.form.raw("definition")) {
        Err(problem) => Err(SchemasError::Invalid(problem)),
        Ok(value) if what == What::Schema => put_schema(visit, place, &value).await,
        Ok(value) => put_resource_type(visit, place, &value).await,
    };
    let mut page = page(visit, place, what, is_new);
    match outcome {
        Ok(()) => return reply::done(&format!("/console/t/{}/schemas", place.tenant.slug), Flash::SchemasChanged),
        Err(SchemasError::Store(error)) => return Err(error.into()),
        Err(SchemasError::Invalid(InvalidDefinition(problems))) => page.problems = problems,
        Err(SchemasError::Violated(offenders)) => page.offenders = offender_views(place, offenders),
        Err(error) => page.problems = vec![sentence(&error.to_string())],
    }
    reply::page(&page)
}

/// Reads what was pasted.
fn definition(text: &str) -> Result<Value, InvalidDefinition> {
    if text.len() > MAX_FILE {
        return Err(InvalidDefinition(vec![format!("the definition is larger than {} KiB", MAX_FILE >> 10)]));
    }
    let told = |detail: String| InvalidDefinition(vec![detail.replacen("the body", "the definition", 1)]);
    json::parse(text.as_bytes()).map_err(|error| told(error.detail))
}

async fn put_schema(visit: &Visit<'_>, place: &Place, value: &Value) -> Result<(), SchemasError> {
    let schema = Arc::new(read_schema(value)?);
    let required = !visit.form.get("required").is_empty();
    let act = act(visit, ("schema.put", "schema", schema.uri.as_str()));
    let put = |registry: &mut Registry| {
        registry.put_schema(schema.clone());
        for kind in &mut registry.resource_types {
            kind.schema_extensions.retain(|extension| !schema.uri.matches(&extension.schema));
        }
        for kind in visit.form.all("extends") {
            if !registry.extend(kind, &schema.uri, required, builtin()) {
                return Err(SchemasError::NotFound(format!("there is no resource type {kind}")));
            }
        }
        Ok(())
    };
    visit.app.gateway.change_schemas(place.tenant.id, &act, put).await.map(|_| ())
}

async fn put_resource_type(visit: &Visit<'_>, place: &Place, value: &Value) -> Result<(), SchemasError> {
    let kind = ResourceTypeDefinition::read(value)?;
    let name = kind.name.clone();
    let act = act(visit, ("resource_type.put", "resource type", &name));
    let put = |registry: &mut Registry| {
        registry.put_resource_type(kind);
        Ok(())
    };
    visit.app.gateway.change_schemas(place.tenant.id, &act, put).await.map(|_| ())
}

async fn remove(visit: &Visit<'_>, place: &Place, what: What) -> ConsoleAnswer {
    visit.may_write()?;
    let (tenant, gateway) = (place.tenant.id, &visit.app.gateway);
    let outcome = match what {
        What::Schema => {
            let urn = visit.form.get("urn");
            let remove = |registry: &mut Registry| match registry.schema(urn) {
                None => Err(SchemasError::NotFound(format!("the tenant has registered no schema {urn}"))),
                Some(_) => {
                    registry.remove_schema(urn);
                    Ok(())
                }
            };
            gateway.change_schemas(tenant, &act(visit, ("schema.remove", "schema", urn)), remove).await
        }
        What::ResourceType => {
            let name = visit.form.get("name");
            let remove = |registry: &mut Registry| match registry.resource_type(name) {
                None => Err(SchemasError::NotFound(format!("the tenant has registered no resource type {name}"))),
                Some(_) => {
                    registry.resource_types.retain(|kind| !kind.name.eq_ignore_ascii_case(name));
                    Ok(())
                }
            };
            gateway.change_schemas(tenant, &act(visit, ("resource_type.remove", "resource type", name)), remove).await
        }
    };
    match outcome {
        Ok(_) => reply::done(&format!("/console/t/{}/schemas", place.tenant.slug), Flash::SchemasChanged),
        Err(SchemasError::Store(error)) => Err(error.into()),
        Err(SchemasError::Violated(offenders)) => {
            let offenders = offender_views(place, offenders);
            schemas::list(visit, place, Some("Nothing was changed: these do not fit. Change them first."), offenders)
                .await
        }
        Err(error) => schemas::list(visit, place, Some(&sentence(&error.to_string())), Vec::new()).await,
    }
}

fn act<'a>(visit: &'a Visit<'_>, (action, kind, name): (&'static str, &'static str, &'a str)) -> SchemasAct<'a> {
    SchemasAct { action, kind, name, origin: &visit.caller.origin }
}

/// Resources that do not fit, as a page shows them.
pub fn offender_views(place: &Place, offenders: Vec<Offender>) -> Vec<OffenderView> {
    let view = |Offender { resource_type, id, reason }| OffenderView {
        url: format!("{}/{id}", resources::url(place, &resource_type)),
        kind: resource_type,
        id: id.to_string(),
        reason,
    };
    offenders.into_iter().map(view).collect()
}
