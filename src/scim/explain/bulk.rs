//! The body of a bulk request.

use serde_json::Value;

use super::{Notes, explain_body, explain_patch};
use crate::scim::dialect::Dialect;
use crate::scim::schema::Catalog;

/// Tells what becomes of each operation's data.
pub fn explain_bulk(body: &Value, catalog: &Catalog, dialect: &Dialect, notes: &mut Notes) {
    let members = body.as_object();
    let named = |name: &str, value: &'_ Value| -> Option<Value> {
        let found = value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    };
    let operations = members.into_iter().flatten().find(|(key, _)| key.eq_ignore_ascii_case("operations"));
    let operations = operations.and_then(|(_, value)| value.as_array()).into_iter().flatten();
    for (operation, place) in operations.zip(1..) {
        let text = |name: &str| named(name, operation).and_then(|value| value.as_str().map(str::to_owned));
        let (method, path) = (text("method").unwrap_or_default(), text("path").unwrap_or_default());
        let (Some(data), Some(endpoint)) = (named("data", operation), path.split('/').find(|part| !part.is_empty()))
        else {
            continue;
        };
        let Some(kind) = catalog.at_endpoint(&format!("/{endpoint}")) else { continue };
        notes.operation.0 = place;
        match method.to_ascii_uppercase().as_str() {
            "POST" => explain_body(&data, kind, dialect, false, notes),
            "PUT" => explain_body(&data, kind, dialect, true, notes),
            "PATCH" => explain_patch(&data, kind, dialect, notes),
            _ => {}
        }
        notes.operation.0 = 0;
    }
}
