//! `scimgate schema add|list|show|remove`

use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{definition, table};
use crate::config::DatabaseArgs;
use crate::gateway::SchemasError;
use crate::model::TenantSlug;
use crate::scim::discovery::schema_definition;
use crate::scim::schema::own::{InvalidDefinition, Registry, read_schema};
use crate::scim::schema::{Schema, builtin};

const ABOUT_ADD: &str = "\
Registers a schema of the tenant's own, or replaces it if its URN is registered already.

FILE holds the schema as JSON in the form of RFC 7643, section 7, which is also the form in which /Schemas shows schemas:

  { \"id\": \"urn:ietf:params:scim:schemas:extension:acme:2.0:User\",
    \"name\": \"Acme\",
    \"attributes\": [
      { \"name\": \"badge\", \"type\": \"string\", \"uniqueness\": \"server\" },
      { \"name\": \"clearance\", \"type\": \"string\", \"canonicalValues\": [\"none\", \"secret\"] } ] }

With --extends User (or Group, or a type of the tenant's own) the schema becomes an extension of that resource type, and
clients send its attributes in an object under its URN. Without it the schema waits until a resource type is built on it
(`scimgate resource-type add`).

A characteristic that is left out has the default of RFC 7643, section 2.2. Values outside canonicalValues are refused.
uniqueness server means unique among the resources of one type, global unique among all resources of the tenant.

Replacing is refused if a resource would violate the new form; the first twenty are listed with the reason.";

/// What can be done with a tenant's schemas.
#[derive(Debug, Subcommand)]
pub enum SchemaCommand {
    /// Register or replace a schema, and let resource types take it as an extension
    #[command(long_about = ABOUT_ADD)]
    Add(Add),
    /// List the schemas that a tenant has registered
    List(List),
    /// Print one schema as JSON
    Show(Show),
    /// Remove a schema that no resource has values of
    Remove(Remove),
}

/// The flags of `scimgate schema add`.
#[derive(Debug, Args)]
pub struct Add {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// The schema as JSON; - reads standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// A resource type that takes the schema as an extension; may be repeated
    #[arg(long, env = "SCIMGATE_EXTENDS", value_name = "TYPE", value_delimiter = ',')]
    extends: Vec<String>,
    /// Every resource of these types must carry the extension
    #[arg(long, env = "SCIMGATE_REQUIRED", requires = "extends")]
    required: bool,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate schema list`.
#[derive(Debug, Args)]
pub struct List {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate schema show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// The schema's URN
    urn: String,
    /// Print JSON on one line
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate schema remove`.
#[derive(Debug, Args)]
pub struct Remove {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// The schema's URN
    urn: String,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// Does what the command says.
pub fn run(args: &DatabaseArgs, command: SchemaCommand) -> anyhow::Result<()> {
    match command {
        SchemaCommand::Add(flags) => add(args, &flags),
        SchemaCommand::List(flags) => list(args, &flags),
        SchemaCommand::Show(flags) => show(args, &flags),
        SchemaCommand::Remove(flags) => remove(args, &flags),
    }
}

fn add(args: &DatabaseArgs, flags: &Add) -> anyhow::Result<()> {
    let schema = read_schema(&definition::read(&flags.file)?)
        .with_context(|| format!("{} is no schema that can be registered", flags.file))?;
    let schema = Arc::new(schema);
    let mut what = "added";
    let version = definition::change(args, &flags.tenant, ("schema.put", "schema", schema.uri.as_str()), |registry| {
        if registry.schema(schema.uri.as_str()).is_some() {
            what = "replaced";
        }
        registry.put_schema(schema.clone());
        for kind in &flags.extends {
            if !registry.extend(kind, &schema.uri, flags.required, builtin()) {
                return Err(SchemasError::NotFound(format!(
                    "there is no resource type {kind}; `scimgate resource-type list` lists them"
                )));
            }
        }
        Ok(())
    })?;
    definition::done(what, schema.uri.as_str(), version, flags.json);
    Ok(())
}

fn list(args: &DatabaseArgs, flags: &List) -> anyhow::Result<()> {
    let (version, registry) = definition::registry(args, &flags.tenant)?;
    if flags.json {
        let schemas = registry.schemas.iter().map(|schema| {
            json!({
                "urn": schema.uri.as_str(),
                "name": schema.name,
                "attributes": schema.attributes.len(),
                "resourceTypes": users(&registry, schema),
            })
        });
        println!("{}", json!({ "version": version, "schemas": Value::from_iter(schemas) }));
        return Ok(());
    }
    let rows = registry.schemas.iter().map(|schema| {
        let users = users(&registry, schema).join(", ");
        [schema.uri.to_string(), schema.name.clone(), schema.attributes.len().to_string(), users]
    });
    table::print(["URN", "NAME", "ATTRIBUTES", "USED BY"], rows);
    Ok(())
}

/// The names of the resource types that the schema is part of.
fn users(registry: &Registry, schema: &Schema) -> Vec<String> {
    let uses = |kind: &&crate::scim::schema::own::ResourceTypeDefinition| {
        schema.uri.matches(&kind.schema)
            || kind.schema_extensions.iter().any(|extension| schema.uri.matches(&extension.schema))
    };
    registry.resource_types.iter().filter(uses).map(|kind| kind.name.clone()).collect()
}

fn show(args: &DatabaseArgs, flags: &Show) -> anyhow::Result<()> {
    let (_, registry) = definition::registry(args, &flags.tenant)?;
    let schema = registry.schema(&flags.urn).with_context(|| unknown(flags.tenant.as_str(), &flags.urn))?;
    definition::print(&schema_definition(schema), flags.json);
    Ok(())
}

fn remove(args: &DatabaseArgs, flags: &Remove) -> anyhow::Result<()> {
    let version = definition::change(args, &flags.tenant, ("schema.remove", "schema", &flags.urn), |registry| {
        if registry.schema(&flags.urn).is_none() {
            return Err(SchemasError::NotFound(unknown(flags.tenant.as_str(), &flags.urn)));
        }
        let based = registry.resource_types.iter().find(|kind| kind.schema.eq_ignore_ascii_case(&flags.urn));
        if let Some(kind) = based {
            let told = format!("{} is built on this schema; remove that resource type first", kind.name);
            return Err(InvalidDefinition(vec![told]).into());
        }
        registry.remove_schema(&flags.urn);
        Ok(())
    })?;
    definition::done("removed", &flags.urn, version, flags.json);
    Ok(())
}

fn unknown(slug: &str, urn: &str) -> String {
    format!("the tenant {slug} has registered no schema {urn}; `scimgate schema list --tenant {slug}` lists them")
}
