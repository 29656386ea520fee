//! Named values that a replay learns on the way, and the `{{name}}` places they are filled into.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use serde_json::{Map, Value};

/// What makes the names of one replay differ from those of another: 1 to 24 of `a-z0-9`, in recordings `{{run}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunTag(String);

/// A run tag that is empty, too long, or holds other characters.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a run tag is 1 to 24 of a-z and 0-9, not {0:?}")]
pub struct RunTagError(String);

impl RunTag {
    /// Takes a tag that needs no escaping in URLs, JSON or filters.
    pub fn parse(text: &str) -> Result<Self, RunTagError> {
        let fits = (1..=24).contains(&text.len());
        if fits && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RunTagError(text.to_owned()))
        }
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A `{{name}}` that nothing has set: usually the exchange that should have captured it failed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the variable {0:?} is not set: the exchange that captures it failed or has not run")]
pub struct UnknownVariable(pub String);

/// The values known so far. Requests that run at once may share them.
#[derive(Debug, Default)]
pub struct Variables(RwLock<HashMap<String, Value>>);

impl Variables {
    /// Sets or replaces one value.
    pub fn set(&self, name: &str, value: Value) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value);
    }

    /// Whether a value of this name is there.
    pub fn knows(&self, name: &str) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains_key(name)
    }

    fn get(&self, name: &str) -> Result<Value, UnknownVariable> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(name).cloned().ok_or_else(|| UnknownVariable(name.to_owned()))
    }

    /// Fills a text; values that are not strings are written as JSON.
    pub fn fill_text(&self, template: &str) -> Result<String, UnknownVariable> {
        self.fill(template, |text| text)
    }

    /// Fills a path or query: the template stays byte for byte, the values are percent-encoded.
    pub fn fill_path(&self, template: &str) -> Result<String, UnknownVariable> {
        self.fill(template, |text| percent_encode(&text))
    }

    fn fill(&self, template: &str, encode: impl Fn(String) -> String) -> Result<String, UnknownVariable> {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, name, after)) = next_place(rest) {
            filled.push_str(before);
            filled.push_str(&encode(as_text(self.get(name)?)));
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// Fills every string inside `template`. A string that is one place and nothing else becomes the value itself;
    /// an object with the key `@with` becomes the object of that variable with the other keys laid over it.
    pub fn fill_value(&self, template: &Value) -> Result<Value, UnknownVariable> {
        match template {
            Value::String(text) => match next_place(text) {
                Some(("", name, "")) => self.get(name),
                _ => self.fill_text(text).map(Value::String),
            },
            Value::Array(items) => items.iter().map(|item| self.fill_value(item)).collect(),
            Value::Object(fields) => self.fill_object(fields).map(Value::Object),
            other => Ok(other.clone()),
        }
    }

    fn fill_object(&self, fields: &Map<String, Value>) -> Result<Map<String, Value>, UnknownVariable> {
        let mut filled = match fields.get("@with") {
            Some(Value::String(name)) => match self.get(name)? {
                Value::Object(fields) => fields,
                _ => Map::new(),
            },
            _ => Map::new(),
        };
        for (key, value) in fields.iter().filter(|(key, _)| *key != "@with") {
            filled.insert(key.clone(), self.fill_value(value)?);
        }
        Ok(filled)
    }
}

/// Splits at the first `{{name}}`: what stands before, the name, what stands after.
fn next_place(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (name, after) = rest.split_once("}}")?;
    Some((before, name, after))
}

fn as_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Percent-encodes everything but the unreserved characters of RFC 3986 section 2.3.
pub fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn variables() -> Variables {
        let variables = Variables::default();
        variables.set("id", json!("a/b c"));
        variables.set("count", json!(3));
        variables.set("user", json!({"id": "7", "title": "old", "meta": {"version": "1"}}));
        variables
    }

    #[test]
    fn fills_text_and_encodes_only_values_in_paths() {
        assert_eq!(variables().fill_text("x {{id}}-{{count}}").unwrap(), "x a/b c-3");
        assert_eq!(variables().fill_path("/Users/{{id}}?q=a+%22").unwrap(), "/Users/a%2Fb%20c?q=a+%22");
        assert_eq!(variables().fill_text("no place {{ left open").unwrap(), "no place {{ left open");
    }

    #[test]
    fn fills_values_whole_or_in_part() {
        let template = json!({"n": "{{count}}", "list": ["{{id}}!", null, true]});
        assert_eq!(variables().fill_value(&template).unwrap(), json!({"n": 3, "list": ["a/b c!", null, true]}));
    }

    #[test]
    fn lays_keys_over_a_captured_object() {
        let filled = variables().fill_value(&json!({"@with": "user", "title": "new", "count": "{{count}}"})).unwrap();
        assert_eq!(filled, json!({"id": "7", "title": "new", "meta": {"version": "1"}, "count": 3}));
    }

    #[test]
    fn names_the_variable_that_is_missing() {
        let missing = variables().fill_value(&json!(["{{nobody}}"])).unwrap_err();
        assert_eq!(
            missing.to_string(),
            r#"the variable "nobody" is not set: the exchange that captures it failed or has not run"#
        );
        assert!(variables().fill_value(&json!({"@with": "nobody"})).is_err());
    }

    #[test]
    fn run_tags_are_plain() {
        assert_eq!(RunTag::parse("r2d2").unwrap().as_str(), "r2d2");
        for wrong in ["", "A", "a b", "a\"", "abcdefghijklmnopqrstuvwxy"] {
            assert!(RunTag::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
