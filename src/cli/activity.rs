//! `scimgate activity`

use std::io::{self, BufWriter, Write};

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use serde_json::Value;

use super::database::with_store;
use super::{table, tenant};
use crate::config::DatabaseArgs;
use crate::model::{
    ActionName, ActivityCursor, ActivityFilter, ActivityPage, AttributeChange, CSV_HEADINGS, Entry, Kind, Outcome,
    TenantId, TenantSlug, Term, Told, csv_row, parse_instant,
};
use crate::store::{Store, StoreError};

/// How many entries are read at once.
const AT_ONCE: u32 = 500;
/// How many lines a table has unless told otherwise.
const TABLE: u64 = 100;

/// The flags of `scimgate activity`.
#[derive(Debug, Args)]
pub struct Activity {
    /// The tenant; without it, what concerns the whole installation
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: Option<TenantSlug>,
    /// Only one source: change, administration (with sign-ins) or request (those that failed)
    #[arg(long, env = "SCIMGATE_KIND", value_name = "KIND")]
    kind: Option<Kind>,
    /// Only one action: create, update, deactivate, reactivate, delete, read, bulk, or token.create, token.* and the like
    #[arg(long, env = "SCIMGATE_ACTION", value_name = "ACTION")]
    action: Option<ActionName>,
    /// Only what ended so: success or failure
    #[arg(long, env = "SCIMGATE_OUTCOME", value_name = "OUTCOME")]
    outcome: Option<Outcome>,
    /// Only resources of this type, for example User
    #[arg(long, env = "SCIMGATE_RESOURCE_TYPE", value_name = "NAME")]
    resource_type: Option<Term>,
    /// Only what this credential or administrator did, by name or id
    #[arg(long, env = "SCIMGATE_ACTOR", value_name = "NAME_OR_ID")]
    actor: Option<Term>,
    /// Only what came through this connection, by name or id
    #[arg(long, env = "SCIMGATE_CONNECTION", value_name = "NAME_OR_ID")]
    connection: Option<Term>,
    /// Only what was done to this: id, userName, displayName, externalId or employeeNumber, also former ones
    #[arg(long, env = "SCIMGATE_TARGET", value_name = "NAME_OR_ID")]
    target: Option<Term>,
    /// From this day or instant on, for example 2026-11-01 or 2026-11-01T08:00:00Z
    #[arg(long, env = "SCIMGATE_FROM", value_name = "DATE", value_parser = parse_instant)]
    from: Option<DateTime<Utc>>,
    /// Before this day or instant
    #[arg(long, env = "SCIMGATE_TO", value_name = "DATE", value_parser = parse_instant)]
    to: Option<DateTime<Utc>>,
    /// How many entries to print at most, the newest first [default: 100 in a table, else all]
    #[arg(long, env = "SCIMGATE_LIMIT", value_name = "N")]
    limit: Option<u64>,
    /// How to print it
    #[arg(long, env = "SCIMGATE_FORMAT", value_name = "FORMAT", default_value = "table")]
    format: Format,
    /// Print one JSON array
    #[arg(long, env = "SCIMGATE_JSON", conflicts_with = "format")]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// For spreadsheets; no cell is a formula
    Csv,
    /// One JSON object a line, with the old and new values
    Jsonl,
}

/// Prints the log.
pub fn run(args: &DatabaseArgs, flags: Activity) -> anyhow::Result<()> {
    let (format, json) = (flags.format, flags.json);
    let slug = flags.tenant.clone();
    let limit = flags.limit.unwrap_or(if format == Format::Table && !json { TABLE } else { u64::MAX });
    let filter = filter(flags);
    let mut out = Printer::new(format, json)?;
    let printed = with_store(args, async |store| {
        let tenant = match &slug {
            Some(slug) => Some(tenant::find(store, slug).await?.id),
            None => None,
        };
        print(store, tenant, &filter, limit, &mut out).await
    });
    // Whoever reads only the first lines closes the pipe.
    match printed.and_then(|()| out.end()) {
        Err(error)
            if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) =>
        {
            Ok(())
        }
        outcome => outcome,
    }
}

fn filter(flags: Activity) -> ActivityFilter {
    ActivityFilter {
        kind: flags.kind,
        action: flags.action,
        outcome: flags.outcome,
        resource_type: flags.resource_type,
        actor: flags.actor,
        connection: flags.connection,
        target: flags.target,
        from: flags.from,
        to: flags.to,
    }
}

/// Page after page, so that any number of entries takes the memory of one page.
async fn print(
    store: &Store,
    tenant: Option<TenantId>,
    filter: &ActivityFilter,
    limit: u64,
    out: &mut Printer,
) -> anyhow::Result<()> {
    let (mut left, mut after) = (limit, None);
    while left > 0 {
        let size = u32::try_from(left).unwrap_or(u32::MAX).min(AT_ONCE);
        let page = page(store, tenant, filter, after.as_ref(), size).await?;
        for entry in &page.entries {
            out.entry(entry)?;
        }
        left -= page.entries.len() as u64;
        let Some(next) = page.next else { break };
        after = Some(next);
    }
    Ok(())
}

async fn page(
    store: &Store,
    tenant: Option<TenantId>,
    filter: &ActivityFilter,
    after: Option<&ActivityCursor>,
    limit: u32,
) -> Result<ActivityPage, StoreError> {
    match tenant {
        Some(tenant) => store.tenant(tenant).activity(filter, after, limit).await,
        None => store.activity_of_instance(filter, after, limit).await,
    }
}

/// Where entries are printed to.
enum Printer {
    Table(Vec<[String; 6]>),
    Csv(Box<csv::Writer<BufWriter<io::Stdout>>>),
    Lines(BufWriter<io::Stdout>),
    /// How many were printed.
    Array(BufWriter<io::Stdout>, usize),
}

impl Printer {
    fn new(format: Format, json: bool) -> anyhow::Result<Self> {
        let out = || BufWriter::new(io::stdout());
        Ok(match format {
            _ if json => Self::Array(out(), 0),
            Format::Table => Self::Table(Vec::new()),
            Format::Jsonl => Self::Lines(out()),
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(out());
                writer.write_record(CSV_HEADINGS).map_err(plain)?;
                Self::Csv(Box::new(writer))
            }
        })
    }

    fn entry(&mut self, entry: &Entry) -> anyhow::Result<()> {
        match self {
            Self::Table(rows) => rows.push(row(entry)),
            Self::Csv(writer) => writer.write_record(csv_row(entry)).map_err(plain)?,
            Self::Lines(out) => {
                serde_json::to_writer(&mut *out, entry).map_err(io::Error::from)?;
                out.write_all(b"\n")?;
            }
            Self::Array(out, printed) => {
                out.write_all(if *printed == 0 { b"[" } else { b"," })?;
                serde_json::to_writer(&mut *out, entry).map_err(io::Error::from)?;
                *printed += 1;
            }
        }
        Ok(())
    }

    fn end(self) -> anyhow::Result<()> {
        match self {
            Self::Table(rows) => table::print(["WHEN", "ACTION", "WHAT", "NAME", "BY", "CHANGED"], rows),
            Self::Csv(mut writer) => writer.flush()?,
            Self::Lines(mut out) => out.flush()?,
            Self::Array(mut out, printed) => {
                out.write_all(if printed == 0 { b"[]\n" } else { b"]\n" })?;
                out.flush()?;
            }
        }
        Ok(())
    }
}

/// The error of the file below, which tells whether a pipe was closed.
fn plain(error: csv::Error) -> anyhow::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => anyhow::anyhow!("{other:?}"),
    }
}

/// An entry as people read it.
fn row(entry: &Entry) -> [String; 6] {
    let action = match &entry.told {
        Told::Request { status, .. } => format!("{} failed: {status}", entry.action),
        Told::Administration { .. } if entry.outcome == Outcome::Failure => format!("{} failed", entry.action),
        _ => entry.action.clone(),
    };
    let name = if entry.target.name.is_empty() {
        entry.target.id.clone().unwrap_or_default()
    } else {
        entry.target.name.clone()
    };
    let by = match &entry.connection {
        Some(connection) if connection.name != entry.actor.name => {
            format!("{} ({})", entry.actor.name, connection.name)
        }
        _ => entry.actor.name.clone(),
    };
    [table::instant(entry.at), action, entry.target.kind.clone(), name, by, told(&entry.told)]
}

/// What an entry tells beside who and what.
pub(super) fn told(told: &Told) -> String {
    match told {
        Told::Change { restored, attributes, .. } => {
            let restored = restored.map(|version| format!("version {version} restored"));
            let lines: Vec<String> = restored.into_iter().chain(attributes.iter().map(attribute)).collect();
            lines.join(", ")
        }
        Told::Administration { details } => {
            let mut told = Vec::new();
            words(String::new(), details, &mut told);
            told.join(", ")
        }
        Told::Request { detail, left_out, .. } if *left_out > 0 => {
            format!("{detail} ({left_out} failures before it are not told)")
        }
        Told::Request { detail, .. } => detail.clone(),
    }
}

/// What an act tells, each value behind the names that lead to it; what is not there is not told.
fn words(name: String, value: &Value, told: &mut Vec<String>) {
    let below = |member: &str| if name.is_empty() { member.to_owned() } else { format!("{name}.{member}") };
    match value {
        Value::Null => {}
        Value::Object(members) => members.iter().for_each(|(member, value)| words(below(member), value, told)),
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            told.push(format!("{name} {value}"));
        }
        Value::Array(items) if items.is_empty() => {}
        Value::Array(items) => {
            let texts: Vec<String> = items.iter().map(text).collect();
            told.push(format!("{name} {}", texts.join(" ")));
        }
        value => told.push(format!("{name} {}", text(value)).trim_start().to_owned()),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Simple values are shown, others only named: the whole of them is in the JSON.
fn attribute(change: &AttributeChange) -> String {
    let simple = |value: &Option<Value>| match value {
        Some(Value::String(text)) if text.len() <= 40 => Some(text.clone()),
        Some(value @ (Value::Bool(_) | Value::Number(_))) => Some(value.to_string()),
        _ => None,
    };
    match (simple(&change.old), simple(&change.new)) {
        (Some(old), Some(new)) => format!("{} {old} -> {new}", change.path),
        _ => change.path.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_values_are_shown() {
        let change = |old: Value, new: Value| AttributeChange { path: "title".into(), old: Some(old), new: Some(new) };
        assert_eq!(attribute(&change("a".into(), "b".into())), "title a -> b");
        assert_eq!(attribute(&change(serde_json::json!([1]), "b".into())), "title");
    }

    #[test]
    fn acts_are_told_in_words() {
        let details = serde_json::json!({
            "scopes": ["users:read", "bulk"], "allowedAddresses": [], "maxRoleWeight": null, "tokenMinutes": 60,
            "secret": {"hint": "tpar"}, "members": [{"value": "a"}]
        });
        let told = self::told(&Told::Administration { details });
        assert_eq!(told, r#"scopes users:read bulk, tokenMinutes 60, secret.hint tpar, members [{"value":"a"}]"#);
        assert_eq!(self::told(&Told::Administration { details: Value::Null }), "");
    }
}
