//! The members of a group as a request names them. They never stand in a resource: they are rows of their own.

use std::collections::HashSet;
use std::fmt::Display;

use serde_json::Value;

use super::value::canonical_element;
use crate::scim::dialect::UnknownAttributes;
use crate::scim::schema::AttributeDefinition;
use crate::scim::{ScimError, ScimType};

/// How many members one request may name.
pub const MAX_MEMBERS: usize = 10_000;

/// One member as a request names it. `display` and `$ref` are the server's to tell and are not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The member's id, as sent.
    pub value: String,
    /// `User` or `Group`, where the request says so.
    pub kind: Option<String>,
}

/// The members that `value` names, in order, each once. Accepts one object or one bare id where an array is due. `attribute`
/// is the definition of `members`, and `at` the path that errors name.
pub(super) fn parse_members(
    attribute: &AttributeDefinition,
    value: Value,
    unknown: UnknownAttributes,
    at: &dyn Display,
) -> Result<Vec<Member>, ScimError> {
    let elements = match value {
        Value::Array(elements) => elements,
        single => vec![single],
    };
    if elements.len() > MAX_MEMBERS {
        let sent = elements.len();
        return Err(ScimError::bad_request(
            ScimType::InvalidValue,
            format!(
                "{at} names {sent} members; send at most {MAX_MEMBERS} in one request and add the others with PATCH"
            ),
        ));
    }
    let mut seen = HashSet::with_capacity(elements.len());
    let mut members = Vec::with_capacity(elements.len());
    for (index, element) in elements.into_iter().enumerate() {
        let at = format_args!("{at}[{index}]");
        let Some(Value::Object(mut sub_values)) = canonical_element(attribute, element, unknown, &at)? else {
            continue;
        };
        let Some(Value::String(value)) = sub_values.swap_remove("value") else {
            return Err(ScimError::bad_request(
                ScimType::InvalidValue,
                format!("{at}.value is required; send the id of the member"),
            ));
        };
        let kind = sub_values.get("type").and_then(Value::as_str).and_then(|kind| canonical_kind(attribute, kind));
        if seen.insert(value.clone()) {
            members.push(Member { value, kind });
        }
    }
    Ok(members)
}

/// The resource type in the schema's spelling. Other words say nothing that the id does not say, and are dropped.
fn canonical_kind(attribute: &AttributeDefinition, kind: &str) -> Option<String> {
    let known = &attribute.sub_attribute("type")?.canonical_values;
    known.iter().find(|known| known.eq_ignore_ascii_case(kind)).cloned()
}
