//! `scimgate activity`

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::Args;
use serde_json::Value;

use super::database::with_store;
use super::{table, tenant};
use crate::config::DatabaseArgs;
use crate::model::{Action, AttributeChange, Change, TenantSlug};
use crate::store::ChangeFilter;

/// The flags of `scimgate activity`.
#[derive(Debug, Args)]
pub struct Activity {
    /// The tenant
    #[arg(long, env = "SCIMGATE_TENANT", value_name = "SLUG")]
    tenant: TenantSlug,
    /// Only one kind of change: create, update, deactivate, reactivate or delete
    #[arg(long, env = "SCIMGATE_ACTION", value_name = "ACTION")]
    action: Option<Action>,
    /// From this day or instant on, for example 2026-11-01 or 2026-11-01T08:00:00Z
    #[arg(long, env = "SCIMGATE_FROM", value_name = "DATE", value_parser = instant)]
    from: Option<DateTime<Utc>>,
    /// Before this day or instant
    #[arg(long, env = "SCIMGATE_TO", value_name = "DATE", value_parser = instant)]
    to: Option<DateTime<Utc>>,
    /// How many changes to print at most; the newest come first
    #[arg(long, env = "SCIMGATE_LIMIT", value_name = "N", default_value_t = 100)]
    limit: u32,
    /// Print JSON, with the old and new values
    #[arg(long, env = "SCIMGATE_JSON")]
    json: bool,
}

/// A day means its beginning, in UTC.
fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let day = || text.parse::<NaiveDate>().ok().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let instant = DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.to_utc());
    instant.or_else(day).ok_or_else(|| "write a day like 2026-11-01 or an instant like 2026-11-01T08:00:00Z".into())
}

/// Prints the changes.
pub fn run(args: &DatabaseArgs, flags: &Activity) -> anyhow::Result<()> {
    let filter = ChangeFilter { action: flags.action, from: flags.from, to: flags.to, limit: flags.limit };
    let changes = with_store(args, async |store| {
        let tenant = tenant::find(store, &flags.tenant).await?;
        Ok(store.tenant(tenant.id).changes(&filter).await?)
    })?;
    if flags.json {
        println!("{}", serde_json::to_string(&changes)?);
    } else {
        table::print(["WHEN", "ACTION", "WHAT", "NAME", "BY", "CHANGED"], changes.iter().map(row));
    }
    Ok(())
}

fn row(change: &Change) -> [String; 6] {
    let attributes: Vec<String> = change.attributes.iter().map(attribute).collect();
    [
        table::instant(change.at),
        change.action.as_str().to_owned(),
        change.resource_type.clone(),
        change.resource_name.clone(),
        change.actor.clone(),
        attributes.join(", "),
    ]
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
    fn days_and_instants_are_read() {
        assert_eq!(instant("2026-11-01"), instant("2026-11-01T01:00:00+01:00"));
        assert!(instant("yesterday").is_err());
    }

    #[test]
    fn simple_values_are_shown() {
        let change = |old: Value, new: Value| AttributeChange { path: "title".into(), old: Some(old), new: Some(new) };
        assert_eq!(attribute(&change("a".into(), "b".into())), "title a -> b");
        assert_eq!(attribute(&change(serde_json::json!([1]), "b".into())), "title");
    }
}
