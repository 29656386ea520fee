//! Entries as rows of a table for spreadsheets.

use serde_json::Value;

use super::{Entry, Told};
use crate::model::AttributeChange;

/// The headings of the rows that [`csv_row`] makes.
pub const CSV_HEADINGS: [&str; 19] = [
    "at",
    "kind",
    "action",
    "outcome",
    "actorKind",
    "actorId",
    "actor",
    "connectionId",
    "connection",
    "targetType",
    "targetId",
    "target",
    "request",
    "address",
    "version",
    "changed",
    "status",
    "scimType",
    "details",
];

/// An entry as the cells of one row. Spreadsheets take a text for a formula that begins with `=`, `+`, `-`, `@`, a tab or a
/// carriage return; such a cell begins with an apostrophe here, which they take for "this is text".
pub fn csv_row(entry: &Entry) -> [String; 19] {
    let optional = |value: Option<String>| value.unwrap_or_default();
    let (version, changed, status, scim_type, details) = match &entry.told {
        Told::Change { version, attributes, .. } => {
            let changed: Vec<String> = attributes.iter().map(change).collect();
            (version.to_string(), changed.join("; "), String::new(), String::new(), String::new())
        }
        Told::Administration { details } => {
            let empty = details.as_object().is_some_and(serde_json::Map::is_empty);
            let details = if details.is_null() || empty { String::new() } else { details.to_string() };
            (String::new(), String::new(), String::new(), String::new(), details)
        }
        Told::Request { method, path, status, scim_type, detail, .. } => {
            let details = format!("{method} {path}: {detail}");
            (String::new(), String::new(), status.to_string(), optional(scim_type.clone()), details)
        }
    };
    [
        entry.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        entry.kind.as_str().to_owned(),
        entry.action.clone(),
        entry.outcome.as_str().to_owned(),
        entry.actor.kind.clone(),
        optional(entry.actor.id.map(|id| id.to_string())),
        entry.actor.name.clone(),
        optional(entry.connection.as_ref().map(|connection| connection.id.to_string())),
        optional(entry.connection.as_ref().map(|connection| connection.name.clone())),
        entry.target.kind.clone(),
        optional(entry.target.id.clone()),
        entry.target.name.clone(),
        optional(entry.request.map(|request| request.to_string())),
        optional(entry.address.clone()),
        version,
        changed,
        status,
        scim_type,
        details,
    ]
    .map(harmless)
}

/// `path: old -> new`, each value as JSON.
fn change(change: &AttributeChange) -> String {
    let text = |value: &Option<Value>| value.as_ref().map_or_else(|| "none".to_owned(), Value::to_string);
    match (&change.old, &change.new) {
        (None, None) => format!("{}: (not told)", change.path),
        (old, new) => format!("{}: {} -> {}", change.path, text(old), text(new)),
    }
}

/// A cell that no spreadsheet takes for a formula.
pub fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"] {
            assert_eq!(harmless(text.to_owned()), format!("'{text}"));
        }
        assert_eq!(harmless("a=1".to_owned()), "a=1");
    }

    #[test]
    fn values_are_told_as_json_and_secrets_are_not() {
        let told = |old: Option<Value>, new| change(&AttributeChange { path: "title".into(), old, new });
        assert_eq!(told(Some("a".into()), None), "title: \"a\" -> none");
        assert_eq!(told(None, None), "title: (not told)");
    }
}
