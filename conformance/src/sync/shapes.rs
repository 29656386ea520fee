//! Bodies and expectations that both syncs share.

use serde_json::{Value, json};

use crate::variables::percent_encode;

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The variable that holds the id of a user.
pub fn user(number: usize) -> String {
    format!("user.{number}")
}

/// The variable that holds the id of a group.
pub fn group(number: usize) -> String {
    format!("group.{number}")
}

/// The place that a variable fills.
pub fn place(variable: &str) -> String {
    format!("{{{{{variable}}}}}")
}

/// `attribute eq "value"` in a query, spaces as `+` as Entra writes them.
pub fn eq(attribute: &str, value: &str) -> String {
    format!("{attribute}+eq+%22{}%22", percent_encode(value))
}

/// The body of a PATCH.
pub fn patch(operations: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations})
}

/// What every list answer holds.
pub fn list() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": {"@integer": true},
    })
}

/// The list answer of a query that finds nothing.
pub fn empty_list() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 0,
        "Resources": {"@absent": true},
    })
}
