//! What may be kept of a request: no password, and nothing that a schema says is never returned or sensitive. Everything else
//! may, personal data too: it is the tenant's own, and what its administrators look at.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::scim::date_time::parse_instant;
use crate::scim::schema::{AttributeDefinition, Catalog, Returned};

/// What stands in the place of a text that is not kept.
const REDACTED: &str = "[redacted]";
/// What stands in the place of an instant.
const SOME_INSTANT: &str = "1970-01-01T00:00:00Z";

/// The names of what is never returned or sensitive, in lower case.
#[derive(Debug, Clone)]
pub struct Sensitive {
    attributes: BTreeSet<String>,
    /// With the attribute they belong to.
    sub_attributes: BTreeSet<(String, String)>,
}

impl Sensitive {
    /// Of all schemas of a tenant.
    pub fn of(catalog: &Catalog) -> Self {
        let mut sensitive = Self { attributes: ["password".to_owned()].into(), sub_attributes: BTreeSet::new() };
        for attribute in catalog.schemas().into_iter().flat_map(|schema| &schema.attributes) {
            sensitive.learn(attribute);
        }
        sensitive
    }

    fn learn(&mut self, attribute: &AttributeDefinition) {
        let name = attribute.name.to_ascii_lowercase();
        if !attribute.is_told() {
            self.attributes.insert(name.clone());
        }
        for sub in attribute.sub_attributes.iter().filter(|sub| sub.returned == Returned::Never) {
            self.sub_attributes.insert((name.clone(), sub.name.to_ascii_lowercase()));
        }
    }

    /// A body with what is sensitive taken out, wherever it stands. Types stay as they are, so that the rest can be read as it
    /// was sent.
    pub fn redact(&self, body: Value) -> Value {
        self.value(body, "")
    }

    fn value(&self, value: Value, parent: &str) -> Value {
        match value {
            Value::Array(elements) => elements.into_iter().map(|element| self.value(element, parent)).collect(),
            Value::Object(members) => self.object(members, parent),
            Value::String(text) if self.is_told_in(&text) => REDACTED.into(),
            Value::String(text) if text.contains('\0') => text.replace('\0', "\u{fffd}").into(),
            other => other,
        }
    }

    fn object(&self, members: Map<String, Value>, parent: &str) -> Value {
        let text = |wanted: &str| {
            let found = members.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.and_then(|(_, value)| value.as_str()).map(str::to_owned)
        };
        // An operation of a PATCH: its path says what its value is about.
        let path = text("op").and(text("path")).unwrap_or_default();
        let redacted = members.into_iter().map(|(name, value)| {
            let key = name.to_ascii_lowercase();
            let value = match key.as_str() {
                "value" if !path.is_empty() && self.is_named_by(&path, parent) => blank(value),
                "value" if !path.is_empty() => self.value(value, &attribute_of(&path)),
                "path" if path.contains('[') && self.is_told_in_filter(&path) => REDACTED.into(),
                _ if self.is_named_by(&name, parent) => blank(value),
                _ => self.value(value, &attribute_of(&name)),
            };
            (name.replace('\0', "\u{fffd}"), value)
        });
        Value::Object(redacted.collect())
    }

    /// Whether a name or path leads to something sensitive.
    fn is_named_by(&self, path: &str, parent: &str) -> bool {
        let (attribute, sub) = parts(path);
        self.attributes.contains(&attribute)
            || self.sub_attributes.contains(&(parent.to_owned(), attribute.clone()))
            || sub.is_some_and(|sub| self.sub_attributes.contains(&(attribute, sub)))
    }

    /// Whether a text is itself JSON that tells of something sensitive: clients send JSON inside of texts.
    fn is_told_in(&self, text: &str) -> bool {
        let is_json = text.contains('"') && (text.contains('{') || text.contains('['));
        is_json && self.names().any(|name| text.to_ascii_lowercase().contains(&format!("{name}\"")))
    }

    fn is_told_in_filter(&self, path: &str) -> bool {
        let lower = path.to_ascii_lowercase();
        self.names().any(|name| lower.contains(name))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let attributes = self.attributes.iter().map(String::as_str);
        attributes.chain(self.sub_attributes.iter().map(|(_, sub)| sub.as_str()))
    }
}

/// The attribute that a name or a path names, in lower case, and its sub-attribute.
fn parts(path: &str) -> (String, Option<String>) {
    let without_filter = match (path.find('['), path.rfind(']')) {
        (Some(open), Some(close)) if open < close => format!("{}{}", &path[..open], &path[close + 1..]),
        _ => path.to_owned(),
    };
    let lower = without_filter.to_ascii_lowercase();
    // The version of a URN has dots of its own.
    let name = lower.rsplit(':').next().unwrap_or_default();
    match name.split_once('.') {
        Some((attribute, sub)) => (attribute.to_owned(), Some(sub.to_owned())),
        None => (name.to_owned(), None),
    }
}

fn attribute_of(path: &str) -> String {
    parts(path).0
}

/// Something of the same type that says nothing.
fn blank(value: Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(_) => false.into(),
        Value::Number(_) => 0.into(),
        Value::String(text) if text.is_empty() => text.into(),
        // So that an instant is not told to be none.
        Value::String(text) if parse_instant(&text).is_some() => SOME_INSTANT.into(),
        Value::String(_) => REDACTED.into(),
        Value::Array(elements) => elements.into_iter().map(blank).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, blank(value))).collect(),
    }
}

/// A body cut down until it has at most `limit` bytes: long texts and long lists first, and then whatever is deep inside. Answers
/// whether anything was cut.
pub fn shortened(body: Value, limit: usize) -> (Value, bool) {
    let size = |body: &Value| body.to_string().len();
    if size(&body) <= limit {
        return (body, false);
    }
    for (text, list, depth) in [(1_000, 100, 32), (200, 20, 32), (80, 5, 8), (40, 2, 4), (20, 1, 2)] {
        let cut = cut(&body, text, list, depth);
        if size(&cut) <= limit {
            return (cut, true);
        }
    }
    (Value::Null, true)
}

fn cut(value: &Value, text: usize, list: usize, depth: usize) -> Value {
    match value {
        Value::String(long) if long.chars().count() > text => {
            Value::String(long.chars().take(text).chain("…".chars()).collect())
        }
        Value::Array(_) | Value::Object(_) if depth == 0 => "…".into(),
        Value::Array(elements) => {
            let kept = elements.iter().take(list).map(|element| cut(element, text, list, depth - 1));
            let more = (elements.len() > list).then(|| format!("… {} more", elements.len() - list).into());
            kept.chain(more).collect()
        }
        Value::Object(members) => {
            let kept = members.iter().take(list.max(8));
            let kept: Map<String, Value> = kept
                .map(|(name, value)| (name.chars().take(100).collect(), cut(value, text, list, depth - 1)))
                .collect();
            kept.into()
        }
        other => other.clone(),
    }
}

/// A query as it may be kept, decoded: names of parameters and what says how to list stay; what stands in quotes is masked
/// letter by letter, so that the positions which errors name stay right; other values go.
pub fn masked_query(query: &str) -> String {
    const PLAIN: [&str; 7] =
        ["startindex", "count", "sortby", "sortorder", "attributes", "excludedattributes", "cursor"];
    let begin = |text: &str, chars: usize| -> String { text.chars().take(chars).filter(|c| *c != '\0').collect() };
    let pairs = url::form_urlencoded::parse(query.as_bytes()).take(50).map(|(name, value)| {
        let shown = begin(&name, 100);
        match name.to_ascii_lowercase().as_str() {
            _ if value.is_empty() => shown,
            "filter" => format!("{shown}={}", masked_filter(&value)),
            plain if PLAIN.contains(&plain) => format!("{shown}={}", begin(&value, 300)),
            _ => format!("{shown}=…"),
        }
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// A filter with the letters between quotes masked.
fn masked_filter(filter: &str) -> String {
    let (mut inside, mut escaped) = (false, false);
    let masked = filter.chars().take(2_000).filter(|c| *c != '\0').map(|c| match c {
        '"' if !escaped => {
            inside = !inside;
            '"'
        }
        _ if inside => {
            escaped = c == '\\' && !escaped;
            '*'
        }
        other => other,
    });
    masked.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::schema::builtin;
    use crate::scim::urn;

    fn redacted(body: Value) -> Value {
        Sensitive::of(builtin()).redact(body)
    }

    #[test]
    fn a_password_is_not_kept_wherever_it_stands() {
        for body in [
            json!({"userName": "u", "password": "t0p"}),
            json!({"PASSWORD": ["t0p", {"value": "t0p"}]}),
            json!({format!("{}:password", urn::USER): "t0p"}),
            json!({"Operations": [{"op": "Add", "path": "password", "value": "t0p"}]}),
            json!({"Operations": [{"OP": "replace", "Path": "Password", "VALUE": {"a": "t0p"}}]}),
            json!({"Operations": [{"op": "replace", "path": format!("{}:password", urn::USER), "value": "t0p"}]}),
            json!({"Operations": [{"op": "replace", "value": {"password": "t0p"}}]}),
            json!({"Operations": [{"op": "replace", "path": "emails[password eq \"t0p\"].value", "value": "x"}]}),
            json!({"Operations": [{"method": "POST", "path": "/Users", "data": {"password": "t0p"}}]}),
            json!({"roles": [{"value": "{\"Password\": \"t0p\"}"}]}),
        ] {
            let kept = redacted(body.clone());
            assert!(!kept.to_string().contains("t0p"), "{body} is kept as {kept}");
        }
        let body = json!({"userName": "pass", "active": "True", "emails": [{"value": "a@b", "primary": true}]});
        assert_eq!(redacted(body.clone()), body, "everything else stays");
    }

    #[test]
    fn a_long_body_is_shortened_until_it_fits() {
        let members: Value = (0..5_000).map(|n| json!({"value": format!("member {n}")})).collect();
        let body = json!({"displayName": "x".repeat(20_000), "members": members});
        let (kept, is_cut) = shortened(body, 8_192);
        assert!(is_cut && kept.to_string().len() <= 8_192);
        assert_eq!(kept["members"][0]["value"], "member 0");
        let small = json!({"a": 1});
        assert_eq!(shortened(small.clone(), 8_192), (small, false));
    }

    #[test]
    fn values_in_a_query_are_masked_and_places_stay() {
        assert_eq!(
            masked_query("filter=userName%20eq%20%22a%40b.c%22+and+x&startIndex=1&secret=abc&attributes=userName"),
            "filter=userName eq \"*****\" and x&startIndex=1&secret=…&attributes=userName"
        );
        assert_eq!(masked_query("filter=a eq \"b\\\"c\""), "filter=a eq \"****\"");
    }
}
