//! A file to fill in.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};

use super::super::database::with_store;
use super::super::{table, tenant};
use super::source;
use crate::config::DatabaseArgs;
use crate::gateway::required_by_role;
use crate::import;
use crate::model::TenantSlug;

/// Writes a template for people with a role, of the kind that the name of its file says.
pub fn write(args: &DatabaseArgs, slug: &TenantSlug, path: &Path, role: Option<&str>) -> anyhow::Result<()> {
    let required = with_store(args, async |store| {
        let tenant = store.tenant(tenant::find(store, slug).await?.id);
        let Some(role) = role else { return Ok(Vec::new()) };
        let required = required_by_role(&tenant, role).await?;
        required.with_context(|| format!("there is no role {}", table::printable(role)))
    })?;
    let extension = path.extension().unwrap_or_default();
    let bytes = if extension.eq_ignore_ascii_case("xlsx") {
        import::template_workbook(&required)?
    } else if extension.eq_ignore_ascii_case("xls") {
        bail!("{} would be a workbook of an old Excel; call it .xlsx or .csv", path.display())
    } else {
        import::template(&required).into_bytes()
    };
    if path == Path::new("-") {
        return Ok(std::io::stdout().lock().write_all(&bytes)?);
    }
    source::create(path)?.write_all(&bytes).with_context(|| format!("cannot write to {}", path.display()))
}
