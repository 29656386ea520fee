//! Everything that is wrong with a definition, each with its place, and the strict reading of its parts.

use std::fmt::Display;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// How many problems are told at most.
const SHOWN: usize = 20;

/// Why a definition was not taken: one line a problem, each with its place and what is allowed there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct InvalidDefinition(pub Vec<String>);

/// The problems found so far.
#[derive(Default)]
pub(in crate::scim) struct Problems(Vec<String>);

impl Problems {
    /// Notes what is wrong at a place; `""` stands for the whole.
    pub fn add(&mut self, at: impl Display, what: impl Display) {
        if self.0.len() < SHOWN {
            let at = at.to_string();
            self.0.push(if at.is_empty() { what.to_string() } else { format!("{at}: {what}") });
        }
    }

    /// `value`, if there is no problem.
    pub fn or<T>(self, value: T) -> Result<T, InvalidDefinition> {
        if self.0.is_empty() { Ok(value) } else { Err(InvalidDefinition(self.0)) }
    }
}

/// A JSON object that is being read, and its place.
pub(in crate::scim) struct Object<'a> {
    members: &'a Map<String, Value>,
    at: String,
}

impl<'a> Object<'a> {
    /// The object, which may have members of these names alone.
    pub fn read(value: &'a Value, at: impl Into<String>, known: &[&str], problems: &mut Problems) -> Option<Self> {
        let at = at.into();
        let Value::Object(members) = value else {
            problems.add(at, "must be an object");
            return None;
        };
        for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
            let name: String = name.chars().take(100).collect();
            problems.add(&at, format_args!("{name:?} is not known here; known are {}", known.join(", ")));
        }
        Some(Self { members, at })
    }

    /// The place of a member.
    pub fn at(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    /// Whether there is such a member.
    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// A member, whatever it is.
    pub fn member(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name)
    }

    /// A text of at most `limit` bytes without control characters; `""` if it is absent.
    pub fn text(&self, name: &str, limit: usize, problems: &mut Problems) -> String {
        match self.members.get(name) {
            None => String::new(),
            Some(Value::String(text)) if text.len() <= limit && !text.chars().any(char::is_control) => text.clone(),
            Some(_) => {
                let due = format!("must be a string of at most {limit} bytes without control characters");
                problems.add(self.at(name), due);
                String::new()
            }
        }
    }

    /// `true` or `false`; false if it is absent.
    pub fn flag(&self, name: &str, problems: &mut Problems) -> bool {
        match self.members.get(name) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                problems.add(self.at(name), "must be true or false");
                false
            }
        }
    }

    /// One of the keywords that `T` knows; its default if it is absent.
    pub fn keyword<T: DeserializeOwned + Default>(&self, name: &str, known: &str, problems: &mut Problems) -> T {
        let Some(value) = self.members.get(name) else { return T::default() };
        serde_json::from_value(value.clone()).unwrap_or_else(|_| {
            problems.add(self.at(name), format_args!("must be one of {known}"));
            T::default()
        })
    }

    /// The elements of an array; none if it is absent.
    pub fn list(&self, name: &str, limit: usize, problems: &mut Problems) -> &'a [Value] {
        match self.members.get(name) {
            None => &[],
            Some(Value::Array(elements)) if elements.len() <= limit => elements,
            Some(_) => {
                problems.add(self.at(name), format_args!("must be an array of at most {limit} elements"));
                &[]
            }
        }
    }
}

/// Whether `name` is a letter followed by letters, digits, `-` and `_`, and not too long.
pub(in crate::scim) fn is_name(name: &str) -> bool {
    name.len() <= super::MAX_NAME
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// What [`is_name`] wants.
pub(in crate::scim) const NAME: &str = "must be a letter followed by letters, digits, '-' and '_', 64 in all at most";
