//! What the commands on schemas and on resource types have in common: reading a file, and telling why a change was refused.

use std::fs::File;
use std::io::Read;

use anyhow::{Context, anyhow, bail};
use serde_json::{Value, json};

use super::database::{gateway, with_store};
use super::tenant;
use crate::config::DatabaseArgs;
use crate::gateway::{Offender, SchemasAct, SchemasError};
use crate::model::{CatalogVersion, Origin, TenantSlug};
use crate::scim::json::parse;
use crate::scim::schema::own::{MAX_FILE, Registry};

/// Reads a definition from a file, or from standard input if its name is `-`.
pub fn read(name: &str) -> anyhow::Result<Value> {
    let mut text = Vec::new();
    let limit = MAX_FILE as u64 + 1;
    if name == "-" {
        std::io::stdin().take(limit).read_to_end(&mut text).context("standard input cannot be read")?;
    } else {
        let file = File::open(name).with_context(|| format!("{name} cannot be opened"))?;
        file.take(limit).read_to_end(&mut text).with_context(|| format!("{name} cannot be read"))?;
    }
    if text.len() > MAX_FILE {
        bail!("{name} is larger than {MAX_FILE} bytes");
    }
    parse(&text).map_err(|error| anyhow!("{}", error.detail.replacen("the body", name, 1)))
}

/// What a tenant has registered.
pub fn registry(args: &DatabaseArgs, slug: &TenantSlug) -> anyhow::Result<(CatalogVersion, Registry)> {
    with_store(args, async |store| {
        let tenant = tenant::find(store, slug).await?;
        Ok(store.tenant(tenant.id).registry().await?)
    })
}

/// Changes what a tenant has registered.
pub fn change(
    args: &DatabaseArgs,
    slug: &TenantSlug,
    (action, kind, name): (&'static str, &'static str, &str),
    change: impl FnOnce(&mut Registry) -> Result<(), SchemasError>,
) -> anyhow::Result<CatalogVersion> {
    with_store(args, async |store| {
        let tenant = tenant::find(store, slug).await?;
        let act = SchemasAct { action, kind, name, origin: &Origin::command_line() };
        gateway(store).change_schemas(tenant.id, &act, change).await.map_err(refused)
    })
}

/// Why nothing was changed.
pub fn refused(error: SchemasError) -> anyhow::Error {
    match error {
        SchemasError::Violated(offenders) => {
            let lines: Vec<String> = offenders.iter().map(offender).collect();
            anyhow!("nothing was changed, since these resources do not fit:\n{}", lines.join("\n"))
        }
        SchemasError::Invalid(problems) => anyhow!("nothing was changed, since this cannot be:\n{problems}"),
        SchemasError::Store(error) => error.into(),
        error => anyhow!("{error}"),
    }
}

/// A resource that does not fit, on a line of its own.
pub fn offender(Offender { resource_type, id, reason }: &Offender) -> String {
    super::table::printable(&format!("{resource_type} {id}: {reason}"))
}

/// Prints what was done.
pub fn done(what: &str, name: &str, version: CatalogVersion, as_json: bool) {
    if as_json {
        println!("{}", json!({ "done": what, "name": name, "version": version }));
    } else {
        println!("{what} {}; the tenant's schemas are at version {}", super::table::printable(name), version.0);
    }
}

/// Prints a definition: for people over many lines, for machines on one.
pub fn print(definition: &Value, as_json: bool) {
    if as_json {
        println!("{definition}");
    } else {
        println!("{definition:#}");
    }
}
