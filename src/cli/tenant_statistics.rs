//! `scimgate tenant statistics`

use super::database::with_store;
use super::{table, tenant};
use crate::config::DatabaseArgs;
use crate::model::{Clock, SystemClock, TenantSlug};

/// Prints what a tenant holds, and how much happens in it.
///
/// # Errors
/// That there is no such tenant, or that the database is away or at fault.
pub fn run(args: &DatabaseArgs, slug: &TenantSlug, json: bool) -> anyhow::Result<()> {
    let figures = with_store(args, async |store| {
        let tenant = tenant::find(store, slug).await?;
        Ok(store.tenant(tenant.id).statistics(SystemClock.now().date_naive()).await?)
    })?;
    if json {
        println!("{}", serde_json::to_string(&figures)?);
        return Ok(());
    }
    let share = figures.active_share.map_or_else(String::new, |share| format!(" ({:.0} %)", share * 100.0));
    let resources = figures.resources.iter().map(|(kind, count)| [format!("{kind} resources"), count.to_string()]);
    let more = [
        ["active users".to_owned(), format!("{}{share}", figures.active_users)],
        ["changes today".to_owned(), figures.changes_in(1).to_string()],
        ["changes in 7 days".to_owned(), figures.changes_in(7).to_string()],
        ["changes in 30 days".to_owned(), figures.changes_in(30).to_string()],
    ];
    table::print_values(resources.chain(more));
    Ok(())
}
