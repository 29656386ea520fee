//! A matcher as parsed from JSON.

use serde_json::{Map, Value};

/// What [`super::Matcher`] holds: one line of the module's table each.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rule {
    Equals(Value),
    Object(Vec<(String, Rule)>),
    Array(Vec<Rule>),
    Absent,
    Present,
    Integer,
    AtLeast(i64),
    Length(usize),
    Contains(Vec<Rule>),
    Lacks(Box<Rule>),
    StartsWith(String),
    EndsWith(String),
    OneOf(Vec<Rule>),
}

/// A matcher that cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MatcherError {
    /// The operator is not one of the table.
    #[error("unknown operator {0:?}")]
    UnknownOperator(String),
    /// The operator stands beside other keys.
    #[error("the operator {0:?} must be the only key of its object")]
    NotAlone(String),
    /// The operator's value has the wrong form.
    #[error("the operator {0:?} cannot take {1}")]
    Operand(String, String),
}

impl Rule {
    /// Reads a matcher, operators and all.
    pub(super) fn parse(value: Value) -> Result<Self, MatcherError> {
        match value {
            Value::Array(items) => Self::parse_all(items).map(Rule::Array),
            Value::Object(fields) => Self::parse_object(fields),
            scalar => Ok(Rule::Equals(scalar)),
        }
    }

    fn parse_all(items: Vec<Value>) -> Result<Vec<Self>, MatcherError> {
        items.into_iter().map(Self::parse).collect()
    }

    fn parse_object(fields: Map<String, Value>) -> Result<Self, MatcherError> {
        let alone = fields.len() == 1;
        let mut rules = Vec::with_capacity(fields.len());
        for (key, value) in fields {
            if !key.starts_with('@') {
                rules.push((key, Self::parse(value)?));
            } else if alone {
                return Self::parse_operator(&key, value);
            } else {
                return Err(MatcherError::NotAlone(key));
            }
        }
        Ok(Rule::Object(rules))
    }

    fn parse_operator(name: &str, operand: Value) -> Result<Self, MatcherError> {
        let wrong = |operand: &Value| Err(MatcherError::Operand(name.to_owned(), operand.to_string()));
        match (name, operand) {
            ("@equals", value) => Ok(Rule::Equals(value)),
            ("@absent", Value::Bool(true)) => Ok(Rule::Absent),
            ("@present", Value::Bool(true)) => Ok(Rule::Present),
            ("@integer", Value::Bool(true)) => Ok(Rule::Integer),
            ("@atLeast", value) => value.as_i64().map_or_else(|| wrong(&value), |least| Ok(Rule::AtLeast(least))),
            ("@length", value) => value
                .as_u64()
                .and_then(|length| usize::try_from(length).ok())
                .map_or_else(|| wrong(&value), |length| Ok(Rule::Length(length))),
            ("@contains", Value::Array(items)) => Self::parse_all(items).map(Rule::Contains),
            ("@lacks", value) => Self::parse(value).map(|rule| Rule::Lacks(Box::new(rule))),
            ("@startsWith", Value::String(text)) => Ok(Rule::StartsWith(text)),
            ("@endsWith", Value::String(text)) => Ok(Rule::EndsWith(text)),
            ("@oneOf", Value::Array(items)) => Self::parse_all(items).map(Rule::OneOf),
            ("@absent" | "@present" | "@integer" | "@contains" | "@startsWith" | "@endsWith" | "@oneOf", value) => {
                wrong(&value)
            }
            _ => Err(MatcherError::UnknownOperator(name.to_owned())),
        }
    }
}
