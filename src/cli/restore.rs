//! `scimgate restore`

use std::sync::Arc;

use clap::Args;

use super::database::with_store;
use super::{activity, history, table, tenant};
use crate::config::DatabaseArgs;
use crate::gateway::{Gateway, Restoration, Restored};
use crate::model::{Origin, SystemClock, TenantSlug, Told};

/// The flags of `scimgate restore`.
#[derive(Debug, Args)]
#[command(disable_version_flag = true)]
pub struct Restore {
    /// The resource, also a removed one: id, userName, displayName, externalId or employeeNumber
    resource: String,
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// The version to go back to, as `scimgate history` shows it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    version: i64,
    /// Only tell what would change
    #[arg(long, env = "SCIMGATE_DRY_RUN")]
    dry_run: bool,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// Brings a resource back to an earlier version, or back at all.
pub fn run(args: &DatabaseArgs, flags: &Restore) -> anyhow::Result<()> {
    let restored = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.tenant).await?;
        let wanted = Restoration {
            resource: history::find(store, &tenant, &flags.resource).await?,
            catalog: Arc::new(store.tenant(tenant.id).catalog().await?.1),
            tenant: Arc::new(tenant),
            version: flags.version,
            origin: Origin::command_line(),
        };
        let gateway = Gateway::new(store.clone(), Arc::new(SystemClock));
        Ok(if flags.dry_run { gateway.preview(&wanted).await? } else { gateway.restore(&wanted).await? })
    })?;
    if flags.json {
        println!("{}", serde_json::to_string(&restored)?);
    } else {
        print(&restored, flags.dry_run);
    }
    Ok(())
}

fn print(restored: &Restored, dry_run: bool) {
    let what = format!("{} {}", restored.resource_type, table::printable(&restored.name));
    match (restored.changed, dry_run) {
        (false, _) => println!("{what} is as it was in version {} already", restored.restored),
        (true, true) => println!("{what} would be brought back to version {}", restored.restored),
        (true, false) => {
            println!("{what} is back at version {}, as its version {}", restored.restored, restored.version);
        }
    }
    let told = Told::Change {
        version: restored.version,
        restored: None,
        attributes: restored.attributes.clone(),
        notes: Vec::new(),
    };
    let changed = activity::told(&told);
    if !changed.is_empty() {
        println!("changed: {}", table::printable(&changed));
    }
    for note in &restored.notes {
        println!("note: {}", table::printable(note));
    }
}
