//! Holding a value against a rule.

use serde_json::Value;

use super::Mismatch;
use super::rule::Rule;
use crate::variables::{UnknownVariable, Variables};

/// One comparison on its way: where it collects, and what fills the places.
pub(super) struct Comparison<'a> {
    pub(super) variables: &'a Variables,
    pub(super) found: &'a mut Vec<Mismatch>,
}

impl Comparison<'_> {
    /// Compares one place and notes each difference.
    pub(super) fn compare(&mut self, rule: &Rule, actual: Option<&Value>, at: &str) -> Result<(), UnknownVariable> {
        let matches = match rule {
            Rule::Object(rules) => return self.object(rules, actual, at),
            Rule::Array(rules) => return self.array(rules, actual, at),
            Rule::Equals(expected) => actual == Some(&self.variables.fill_value(expected)?),
            Rule::Absent => actual.is_none_or(|value| value.is_null() || is_empty_array(value)),
            Rule::Present => actual.is_some_and(is_present),
            Rule::Integer => actual.is_some_and(|value| value.is_i64() || value.is_u64()),
            Rule::AtLeast(least) => actual.and_then(Value::as_i64).is_some_and(|number| number >= *least),
            Rule::Length(length) => actual.and_then(Value::as_array).is_some_and(|items| items.len() == *length),
            Rule::Contains(rules) => self.contains(rules, actual)?,
            Rule::Lacks(rule) => !self.any_element(rule, actual)?,
            Rule::StartsWith(text) => self.text(actual, text, |value, part| value.starts_with(part))?,
            Rule::EndsWith(text) => self.text(actual, text, |value, part| value.ends_with(part))?,
            Rule::OneOf(rules) => self.one_of(rules, actual)?,
        };
        if !matches {
            self.differs(at, self.describe(rule)?, actual);
        }
        Ok(())
    }

    fn object(&mut self, rules: &[(String, Rule)], actual: Option<&Value>, at: &str) -> Result<(), UnknownVariable> {
        let Some(Value::Object(fields)) = actual else {
            let keys: Vec<_> = rules.iter().map(|(key, _)| key.as_str()).collect();
            self.differs(at, format!("an object with {}", keys.join(", ")), actual);
            return Ok(());
        };
        for (key, rule) in rules {
            let escaped = key.replace('~', "~0").replace('/', "~1");
            self.compare(rule, fields.get(key), &format!("{at}/{escaped}"))?;
        }
        Ok(())
    }

    fn array(&mut self, rules: &[Rule], actual: Option<&Value>, at: &str) -> Result<(), UnknownVariable> {
        match actual {
            Some(Value::Array(items)) if items.len() == rules.len() => {
                for (index, (rule, item)) in rules.iter().zip(items).enumerate() {
                    self.compare(rule, Some(item), &format!("{at}/{index}"))?;
                }
            }
            _ => self.differs(at, format!("an array of {} elements", rules.len()), actual),
        }
        Ok(())
    }

    /// Whether `actual` matches, without collecting the differences.
    fn matches(&self, rule: &Rule, actual: Option<&Value>) -> Result<bool, UnknownVariable> {
        let mut found = Vec::new();
        Comparison { variables: self.variables, found: &mut found }.compare(rule, actual, "")?;
        Ok(found.is_empty())
    }

    fn any_element(&self, rule: &Rule, actual: Option<&Value>) -> Result<bool, UnknownVariable> {
        for item in actual.and_then(Value::as_array).into_iter().flatten() {
            if self.matches(rule, Some(item))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn contains(&self, rules: &[Rule], actual: Option<&Value>) -> Result<bool, UnknownVariable> {
        for rule in rules {
            if !self.any_element(rule, actual)? {
                return Ok(false);
            }
        }
        Ok(actual.is_some_and(Value::is_array))
    }

    fn one_of(&self, rules: &[Rule], actual: Option<&Value>) -> Result<bool, UnknownVariable> {
        for rule in rules {
            if self.matches(rule, actual)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn text(
        &self,
        actual: Option<&Value>,
        part: &str,
        holds: impl Fn(&str, &str) -> bool,
    ) -> Result<bool, UnknownVariable> {
        let part = self.variables.fill_text(part)?;
        Ok(actual.and_then(Value::as_str).is_some_and(|value| holds(value, &part)))
    }

    fn differs(&mut self, at: &str, expected: String, actual: Option<&Value>) {
        let actual = actual.map_or_else(|| "nothing".to_owned(), |value| shorten(value.to_string()));
        self.found.push(Mismatch { at: at.to_owned(), expected, actual });
    }

    fn describe(&self, rule: &Rule) -> Result<String, UnknownVariable> {
        Ok(match rule {
            Rule::Equals(value) => self.variables.fill_value(value)?.to_string(),
            Rule::Object(rules) => {
                let mut parts = Vec::with_capacity(rules.len());
                for (key, rule) in rules {
                    parts.push(format!("{key} = {}", self.describe(rule)?));
                }
                format!("({})", parts.join(", "))
            }
            Rule::Array(rules) => format!("[{}]", self.describe_all(rules)?),
            Rule::Absent => "nothing assigned".to_owned(),
            Rule::Present => "a value that is not empty".to_owned(),
            Rule::Integer => "a JSON integer".to_owned(),
            Rule::AtLeast(least) => format!("a JSON integer of at least {least}"),
            Rule::Length(length) => format!("an array of {length} elements"),
            Rule::Contains(rules) => format!("an array holding {}", self.describe_all(rules)?),
            Rule::Lacks(rule) => format!("no element {}", self.describe(rule)?),
            Rule::StartsWith(text) => format!("a string that starts with {:?}", self.variables.fill_text(text)?),
            Rule::EndsWith(text) => format!("a string that ends with {:?}", self.variables.fill_text(text)?),
            Rule::OneOf(rules) => format!("one of {}", self.describe_all(rules)?),
        })
    }

    fn describe_all(&self, rules: &[Rule]) -> Result<String, UnknownVariable> {
        let parts: Result<Vec<_>, _> = rules.iter().map(|rule| self.describe(rule)).collect();
        Ok(parts?.join(", "))
    }
}

fn is_empty_array(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Keeps a report readable when a server answers with a long list.
fn shorten(mut text: String) -> String {
    const LONGEST: usize = 600;
    if let Some((cut, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(cut);
        text.push('…');
    }
    text
}
