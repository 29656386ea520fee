//! `scimgate explain`

use std::sync::Arc;

use anyhow::bail;
use clap::Args;

use super::database::with_store;
use super::{activity, table, tenant};
use crate::config::DatabaseArgs;
use crate::gateway::{Explained, FailedPart, Gateway};
use crate::model::{NotAnId, RequestId, SystemClock, TenantSlug};
use crate::scim::explain::{Note, NoteKind};

/// The flags of `scimgate explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The request, as the header X-Request-Id of its answer and the activity name it
    #[arg(value_parser = request)]
    request: RequestId,
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

fn request(text: &str) -> Result<RequestId, String> {
    text.parse().map_err(|error: NotAnId| error.to_string())
}

/// Prints what became of a request.
pub fn run(args: &DatabaseArgs, flags: &Explain) -> anyhow::Result<()> {
    let explained = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.tenant).await?;
        let gateway = Gateway::new(store.clone(), Arc::new(SystemClock));
        Ok(gateway.explain(tenant.id, flags.request).await?)
    })?;
    let Some(explained) = explained else {
        bail!(
            "nothing is known of this request: it changed nothing and did not fail, or that is not kept any more; failed requests are kept for 30 days, and not all of a flood of them"
        );
    };
    if flags.json {
        println!("{}", serde_json::to_string(&explained)?);
    } else {
        print(&explained);
    }
    Ok(())
}

fn print(explained: &Explained) {
    println!("{}", table::printable(&explained.summary));
    if let Some(failed) = &explained.failed {
        println!();
        table::print_values(rows(failed));
        if let Some(body) = &failed.body {
            println!("\nThe body, without passwords:");
            let text = serde_json::to_string_pretty(body).unwrap_or_default();
            text.lines().for_each(|line| println!("  {}", table::printable(line)));
        }
    }
    if !explained.notes.is_empty() {
        println!();
        table::print(["WHAT", "WHERE", "WHY"], explained.notes.iter().map(note));
    }
    if !explained.changes.is_empty() {
        println!();
        let rows = explained.changes.iter().map(|change| {
            [
                change.action.clone(),
                change.target.kind.clone(),
                change.target.name.clone(),
                activity::told(&change.told),
            ]
        });
        table::print(["DONE", "WHAT", "NAME", "CHANGED"], rows);
    }
}

fn rows(failed: &FailedPart) -> Vec<[String; 2]> {
    let mut rows = vec![
        ["when".to_owned(), table::instant(failed.at)],
        ["by".to_owned(), failed.actor.clone()],
        ["request".to_owned(), format!("{} {}", failed.method, failed.path)],
        ["answered".to_owned(), format!("{} {}", failed.status, failed.scim_type.as_deref().unwrap_or_default())],
        ["told".to_owned(), failed.detail.clone()],
        ["rule".to_owned(), failed.rule.clone()],
        ["profile".to_owned(), failed.profile.clone()],
        ["took".to_owned(), format!("{:.1} ms", failed.duration_ms)],
    ];
    rows.extend(failed.address.clone().map(|address| ["from".to_owned(), address]));
    rows.extend(failed.body_note.clone().map(|note| ["body".to_owned(), note]));
    for target in &failed.taken_by {
        let id = target.id.as_deref().unwrap_or_default();
        rows.push(["taken by".to_owned(), format!("{} {} ({id})", target.kind, target.name)]);
    }
    rows
}

fn note(note: &Note) -> [String; 3] {
    let kind = match note.kind {
        NoteKind::Rewritten => "read otherwise",
        NoteKind::Ignored => "left out",
        NoteKind::Policy => "policy",
        NoteKind::Refused => "refused",
    };
    [kind.to_owned(), note.at.clone(), note.told()]
}
