//! `scimgate history`

use anyhow::bail;
use clap::Args;

use super::database::with_store;
use super::{activity, table, tenant};
use crate::config::DatabaseArgs;
use crate::model::{ActivityFilter, Entry, Kind, ResourceId, Tenant, TenantSlug, Told};
use crate::store::Store;

/// How many versions are read at once.
const AT_ONCE: u32 = 500;

/// The flags of `scimgate history`.
#[derive(Debug, Args)]
pub struct History {
    /// The resource, also a removed one: id, userName, displayName, externalId or employeeNumber
    resource: String,
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// How many changes to print at most, the newest first
    #[arg(long, env = "SCIMGATE_LIMIT", value_name = "N", default_value_t = 100)]
    limit: u32,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// Prints how a resource became what it is.
pub fn run(args: &DatabaseArgs, flags: &History) -> anyhow::Result<()> {
    let (id, entries) = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.tenant).await?;
        let id = find(store, &tenant, &flags.resource).await?;
        Ok((id, entries(store, &tenant, id, flags.limit).await?))
    })?;
    if flags.json {
        println!("{}", serde_json::to_string(&entries)?);
        return Ok(());
    }
    if let Some(newest) = entries.first() {
        println!("{} {} ({id})", newest.target.kind, table::printable(&newest.target.name));
    }
    table::print(["VERSION", "WHEN", "ACTION", "BY", "CHANGED"], entries.iter().map(row));
    Ok(())
}

async fn entries(store: &Store, tenant: &Tenant, id: ResourceId, limit: u32) -> anyhow::Result<Vec<Entry>> {
    let target = Some(id.to_string().parse()?);
    let filter = ActivityFilter { kind: Some(Kind::Change), target, ..ActivityFilter::default() };
    let (mut entries, mut after) = (Vec::new(), None);
    while entries.len() < limit as usize {
        let size = (limit - entries.len() as u32).min(AT_ONCE);
        let page = store.tenant(tenant.id).activity(&filter, after.as_ref(), size).await?;
        entries.extend(page.entries);
        let Some(next) = page.next else { break };
        after = Some(next);
    }
    Ok(entries)
}

fn row(entry: &Entry) -> [String; 5] {
    let version = if let Told::Change { version, .. } = entry.told { version.to_string() } else { String::new() };
    [version, table::instant(entry.at), entry.action.clone(), entry.actor.name.clone(), activity::told(&entry.told)]
}

/// The one resource that people call so, or what to do about it.
pub(super) async fn find(store: &Store, tenant: &Tenant, resource: &str) -> anyhow::Result<ResourceId> {
    let named = store.tenant(tenant.id).resources_named(resource).await?;
    let mut known = Vec::new();
    for id in named {
        if let Some(span) = store.tenant(tenant.id).span(id).await? {
            known.push((id, span));
        }
    }
    match known.as_slice() {
        [(id, _)] => Ok(*id),
        [] => bail!("the tenant {} has and had no resource called {resource}, nor one with that id", tenant.slug),
        several => {
            let lines: Vec<String> = several
                .iter()
                .map(|(id, span)| format!("{id}  {} {}", span.resource_type, table::printable(&span.name)))
                .collect();
            bail!("{} resources have or had that name; choose one by its id:\n{}", lines.len(), lines.join("\n"))
        }
    }
}
