//! References to other resources as answers show them: the elements of `members` and of `groups`.
//!
//! They are written as text at once, without a tree between: a group may have a hundred thousand.

use std::io::Write;

use crate::model::ResourceId;
use crate::scim::resource::Projection;

/// A reference from one resource to another.
pub struct Reference<'a> {
    /// `value`
    pub id: ResourceId,
    /// What `$ref` begins with: the base URL and the endpoint of the type that is referred to.
    pub endpoint: (&'a str, &'a str),
    /// `display`
    pub display: Option<&'a str>,
    /// `type`, which needs no escape in JSON.
    pub kind: &'a str,
}

/// Which sub-attributes of an attribute with references are shown.
#[derive(Clone, Copy)]
pub struct Shown {
    value: bool,
    reference: bool,
    display: bool,
    kind: bool,
}

impl Shown {
    /// All of them.
    pub const ALL: Self = Self { value: true, reference: true, display: true, kind: true };

    /// What the request's choice leaves of `attribute`.
    pub fn of(projection: &Projection, attribute: &str) -> Self {
        let shows = |sub| projection.shows(attribute, sub);
        Self { value: shows("value"), reference: shows("$ref"), display: shows("display"), kind: shows("type") }
    }

    /// Writes one element, and whether anything was left of it to write.
    pub fn write(self, out: &mut Vec<u8>, reference: &Reference<'_>) -> std::io::Result<bool> {
        let Reference { id, endpoint: (base, path), display, kind } = reference;
        let start = out.len();
        if self.value {
            write!(out, ",\"value\":\"{id}\"")?;
        }
        if self.reference {
            write!(out, ",\"$ref\":\"{base}{path}/{id}\"")?;
        }
        if let (true, Some(display)) = (self.display, display) {
            out.extend_from_slice(b",\"display\":");
            serde_json::to_writer(&mut *out, display)?;
        }
        if self.kind {
            write!(out, ",\"type\":\"{kind}\"")?;
        }
        let Some(first) = out.get_mut(start) else { return Ok(false) };
        *first = b'{';
        out.push(b'}');
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    fn written(shown: Shown, display: Option<&str>) -> Option<Value> {
        let mut out = Vec::new();
        let endpoint = ("https://scim.example/scim/v2", "/Users");
        let reference = Reference { id: ResourceId(Uuid::from_u128(7)), endpoint, display, kind: "User" };
        let any = shown.write(&mut out, &reference).unwrap();
        any.then(|| serde_json::from_slice(&out).unwrap())
    }

    #[test]
    fn what_is_shown_is_json_whatever_the_display_says() {
        let id = "00000000-0000-0000-0000-000000000007";
        let location = format!("https://scim.example/scim/v2/Users/{id}");
        for display in ["Ann", "\"quoted\" \\ \n \u{1}", "\u{2028}é漢"] {
            let whole = json!({"value": id, "$ref": location, "display": display, "type": "User"});
            assert_eq!(written(Shown::ALL, Some(display)), Some(whole));
        }
        assert_eq!(written(Shown::ALL, None), Some(json!({"value": id, "$ref": location, "type": "User"})));
        let only_kind = Shown { value: false, reference: false, display: false, kind: true };
        assert_eq!(written(only_kind, Some("Ann")), Some(json!({"type": "User"})));
    }

    #[test]
    fn an_element_of_which_nothing_is_left_is_not_written() {
        let only_display = Shown { value: false, reference: false, display: true, kind: false };
        assert_eq!(written(only_display, None), None);
    }
}
