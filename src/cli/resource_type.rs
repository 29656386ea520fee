//! `scimgate resource-type add|list|show|remove`

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{definition, table};
use crate::config::DatabaseArgs;
use crate::gateway::SchemasError;
use crate::model::TenantSlug;
use crate::scim::discovery;
use crate::scim::schema::builtin;
use crate::scim::schema::own::ResourceTypeDefinition;

const ABOUT_ADD: &str = "\
Registers a resource type of the tenant's own, or replaces it if its name is registered already.

FILE holds the resource type as JSON in the form of RFC 7643, section 6, which is also the form in which /ResourceTypes
shows them:

  { \"name\": \"Device\",
    \"endpoint\": \"/Devices\",
    \"schema\": \"urn:ietf:params:scim:schemas:acme:2.0:Device\",
    \"schemaExtensions\": [
      { \"schema\": \"urn:ietf:params:scim:schemas:extension:acme:2.0:Location\", \"required\": false } ] }

Its schemas are registered first, with `scimgate schema add`. The endpoint answers within seconds, on every node.

Under the name User or Group, FILE tells which extensions the built-in type takes beside its own.";

/// What can be done with a tenant's resource types.
#[derive(Debug, Subcommand)]
pub enum ResourceTypeCommand {
    /// Register or replace a resource type
    #[command(long_about = ABOUT_ADD)]
    Add(Add),
    /// List the resource types that a tenant has, the built-in ones included
    List(List),
    /// Print one resource type as JSON
    Show(Show),
    /// Remove a resource type that has no resources, or take all own extensions off a built-in one
    Remove(Remove),
}

/// The flags of `scimgate resource-type add`.
#[derive(Debug, Args)]
pub struct Add {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// The resource type as JSON; - reads standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate resource-type list`.
#[derive(Debug, Args)]
pub struct List {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate resource-type show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// The resource type's name
    name: String,
    /// Print JSON on one line
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate resource-type remove`.
#[derive(Debug, Args)]
pub struct Remove {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// The resource type's name
    name: String,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// Does what the command says.
pub fn run(args: &DatabaseArgs, command: ResourceTypeCommand) -> anyhow::Result<()> {
    match command {
        ResourceTypeCommand::Add(flags) => add(args, &flags),
        ResourceTypeCommand::List(flags) => list(args, &flags),
        ResourceTypeCommand::Show(flags) => show(args, &flags),
        ResourceTypeCommand::Remove(flags) => remove(args, &flags),
    }
}

fn add(args: &DatabaseArgs, flags: &Add) -> anyhow::Result<()> {
    let kind = ResourceTypeDefinition::read(&definition::read(&flags.file)?)
        .with_context(|| format!("{} is no resource type that can be registered", flags.file))?;
    let name = kind.name.clone();
    let mut what = "added";
    let version = definition::change(args, &flags.tenant, ("resource_type.put", "resource type", &name), |registry| {
        if registry.resource_type(&kind.name).is_some() {
            what = "replaced";
        }
        registry.put_resource_type(kind);
        Ok(())
    })?;
    definition::done(what, &name, version, flags.json);
    Ok(())
}

/// The tenant's resource types in the form of RFC 7643, section 6.
fn all(args: &DatabaseArgs, slug: &TenantSlug) -> anyhow::Result<(Value, Vec<Value>)> {
    let (version, registry) = definition::registry(args, slug)?;
    let catalog = registry.catalog(builtin())?;
    let kinds = catalog.resource_types().iter().map(|kind| discovery::resource_type_definition(kind));
    Ok((json!(version), kinds.collect()))
}

fn list(args: &DatabaseArgs, flags: &List) -> anyhow::Result<()> {
    let (version, kinds) = all(args, &flags.tenant)?;
    if flags.json {
        println!("{}", json!({ "version": version, "resourceTypes": kinds }));
        return Ok(());
    }
    let rows = kinds.iter().map(|kind| {
        let text = |name: &str| kind[name].as_str().unwrap_or_default().to_owned();
        let extensions = kind["schemaExtensions"].as_array().into_iter().flatten();
        let extensions: Vec<&str> = extensions.filter_map(|extension| extension["schema"].as_str()).collect();
        [text("name"), text("endpoint"), text("schema"), extensions.join(", ")]
    });
    table::print(["NAME", "ENDPOINT", "SCHEMA", "EXTENSIONS"], rows);
    Ok(())
}

fn show(args: &DatabaseArgs, flags: &Show) -> anyhow::Result<()> {
    let (_, kinds) = all(args, &flags.tenant)?;
    let named = |kind: &&Value| kind["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(&flags.name));
    let kind = kinds.iter().find(named).with_context(|| unknown(flags.tenant.as_str(), &flags.name))?;
    definition::print(kind, flags.json);
    Ok(())
}

fn remove(args: &DatabaseArgs, flags: &Remove) -> anyhow::Result<()> {
    let version =
        definition::change(args, &flags.tenant, ("resource_type.remove", "resource type", &flags.name), |registry| {
            if registry.resource_type(&flags.name).is_none() {
                return Err(SchemasError::NotFound(unknown(flags.tenant.as_str(), &flags.name)));
            }
            registry.resource_types.retain(|kind| !kind.name.eq_ignore_ascii_case(&flags.name));
            Ok(())
        })?;
    definition::done("removed", &flags.name, version, flags.json);
    Ok(())
}

fn unknown(slug: &str, name: &str) -> String {
    format!(
        "the tenant {slug} has registered no resource type {name}; `scimgate resource-type list --tenant {slug}` lists them"
    )
}
