//! `scimgate task list|show|cancel|retry`

use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::database::{gateway, with_store};
use super::{table, tenant};
use crate::config::DatabaseArgs;
use crate::model::{Origin, OutcomeKind, Task, TaskId, TaskRecord, TenantSlug};
use crate::store::RecordsPage;

/// What can be done with tasks.
#[derive(Debug, Subcommand)]
pub enum TaskCommand {
    /// List a tenant's tasks, the newest first
    List(List),
    /// Show a task and what became of its records
    Show(Show),
    /// End a task; what it has done stays
    Cancel(Named),
    /// Try the records of a task again that failed, as a new task; prints its number
    Retry(Named),
}

/// The flags of `scimgate task list`.
#[derive(Debug, Args)]
pub struct List {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// How many tasks to print at most
    #[arg(long, env = "SCIMGATE_LIMIT", value_name = "N", default_value_t = 50)]
    limit: u32,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// The flags of `scimgate task show`.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    named: Named,
    /// Print only records that failed
    #[arg(long, env = "SCIMGATE_FAILED")]
    failed: bool,
    /// How many records to print at most
    #[arg(long, env = "SCIMGATE_LIMIT", value_name = "N", default_value_t = 100)]
    limit: u32,
    /// Print JSON
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// Which task.
#[derive(Debug, Args)]
pub struct Named {
    /// The number of the task
    #[arg(value_name = "TASK")]
    task: TaskId,
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
}

/// Does what the command says.
pub fn run(args: &DatabaseArgs, command: TaskCommand) -> anyhow::Result<()> {
    match command {
        TaskCommand::List(flags) => list(args, &flags),
        TaskCommand::Show(flags) => show(args, &flags),
        TaskCommand::Cancel(named) => with_store(args, async |store| {
            let tenant = tenant::find(store, &named.tenant).await?;
            gateway(store).cancel_task(tenant.id, named.task, &Origin::command_line()).await?;
            eprintln!("the task {} ends; what it has done stays", named.task);
            Ok(())
        }),
        TaskCommand::Retry(named) => with_store(args, async |store| {
            let tenant = tenant::find(store, &named.tenant).await?;
            let made = gateway(store).retry_task(tenant.id, named.task, &Origin::command_line()).await?;
            println!("{}", made.id);
            Ok(())
        }),
    }
}

fn list(args: &DatabaseArgs, flags: &List) -> anyhow::Result<()> {
    let tasks = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.tenant).await?;
        Ok(store.tenant(tenant.id).tasks_page(None, i64::from(flags.limit)).await?)
    })?;
    if flags.json {
        println!("{}", Value::from(tasks.iter().map(task_json).collect::<Vec<_>>()));
        return Ok(());
    }
    table::print(["TASK", "STATE", "RECORDS", "FAILED", "ASKED BY", "MADE", "ENDED"], tasks.iter().map(row));
    Ok(())
}

fn row(task: &Task) -> [String; 7] {
    let counts = task.counts;
    [
        task.id.to_string(),
        task.state.as_str().to_owned(),
        format!("{} of {}", counts.settled(), counts.total),
        counts.failed.to_string(),
        task.by.actor.name().to_owned(),
        table::instant(task.created_at),
        task.completed_at.map(table::instant).unwrap_or_default(),
    ]
}

fn show(args: &DatabaseArgs, flags: &Show) -> anyhow::Result<()> {
    let (task, records) = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.named.tenant).await?;
        let store = store.tenant(tenant.id);
        let found = store.task(flags.named.task).await?;
        let task = found.with_context(|| format!("the tenant {} has no task {}", tenant.slug, flags.named.task))?;
        let page = RecordsPage { after: i64::MIN, only_failed: flags.failed, limit: i64::from(flags.limit) };
        let records = store.task_records(task.id, page).await?;
        Ok((task, records))
    })?;
    if flags.json {
        let mut shown = task_json(&task);
        shown["records"] = records.iter().map(record_json).collect();
        println!("{shown}");
        return Ok(());
    }
    let counts = task.counts;
    let mut values = vec![
        ["task".into(), task.id.to_string()],
        ["type".into(), task.kind.as_str().into()],
        ["state".into(), task.state.as_str().into()],
        ["asked by".into(), task.by.actor.name().into()],
        ["records".into(), format!("{} of {}", counts.settled(), counts.total)],
        ["inserted".into(), counts.inserted.to_string()],
        ["updated".into(), counts.updated.to_string()],
        ["unchanged".into(), counts.unchanged.to_string()],
        ["failed".into(), counts.failed.to_string()],
    ];
    values.extend(task.error.clone().map(|error| ["error".into(), error]));
    table::print_values(values);
    table::print(["PLACE", "RECORD", "OUTCOME", "WHY"], records.iter().map(record_row));
    Ok(())
}

fn record_row(record: &TaskRecord) -> [String; 4] {
    let keys = ["employeeId", "email"].into_iter().filter_map(|name| record.record[name].as_str());
    let outcome = record.outcome.as_ref();
    let why = outcome.and_then(|outcome| outcome.failure()).map(|failure| failure.message);
    [
        record.place.to_string(),
        keys.collect::<Vec<_>>().join(" "),
        outcome.map_or("waiting", |outcome| outcome.kind.as_str()).to_owned(),
        why.unwrap_or_default(),
    ]
}

fn task_json(task: &Task) -> Value {
    let counts = task.counts;
    json!({
        "taskId": task.id,
        "type": task.kind.as_str(),
        "state": task.state.as_str(),
        "askedBy": task.by.actor.name(),
        "createdAt": task.created_at,
        "lastCheckedInAt": task.last_checked_in_at,
        "completedAt": task.completed_at,
        "errorMsg": task.error,
        "dryRun": task.dry_run,
        "retryOf": task.retry_of,
        "progress": {
            "total": counts.total,
            "done": counts.settled(),
            "inserted": counts.inserted,
            "updated": counts.updated,
            "unchanged": counts.unchanged,
            "failed": counts.failed,
        },
    })
}

fn record_json(record: &TaskRecord) -> Value {
    let outcome = record.outcome.as_ref();
    let failure = outcome.filter(|outcome| outcome.kind == OutcomeKind::Failed);
    json!({
        "place": record.place,
        "record": record.record,
        "outcome": outcome.map(|outcome| outcome.kind.as_str()),
        "userId": outcome.and_then(|outcome| outcome.resource),
        "failure": failure.and_then(|outcome| outcome.detail.clone()),
    })
}
