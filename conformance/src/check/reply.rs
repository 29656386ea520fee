//! An answer, and what can be expected of it. Every expectation ends the check with a sentence that tells both sides.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Stop, fail};
use crate::client::Answer;

const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// An answer to one request.
pub struct Reply {
    /// The request's method and path, for failures.
    pub asked: String,
    answer: Answer,
}

impl Reply {
    pub(super) fn new(asked: String, answer: Answer) -> Self {
        Self { asked, answer }
    }

    /// The status code.
    pub fn code(&self) -> u16 {
        self.answer.status
    }

    /// The body as it came.
    pub fn text(&self) -> &str {
        &self.answer.text
    }

    /// Expects this status.
    pub fn status(&self, expected: u16) -> Result<&Self, Stop> {
        self.status_in(&[expected])
    }

    /// Expects one of these statuses.
    pub fn status_in(&self, expected: &[u16]) -> Result<&Self, Stop> {
        if expected.contains(&self.code()) {
            return Ok(self);
        }
        let expected: Vec<_> = expected.iter().map(u16::to_string).collect();
        self.wrong(&format!("expected status {}, found {}", expected.join(" or "), self.code()))
    }

    /// Expects any 2xx.
    pub fn success(&self) -> Result<&Self, Stop> {
        if (200..300).contains(&self.code()) {
            return Ok(self);
        }
        self.wrong(&format!("expected success, found status {}", self.code()))
    }

    /// Expects any 4xx with an error body of RFC 7644 section 3.12.
    pub fn refused(&self) -> Result<&Self, Stop> {
        if !(400..500).contains(&self.code()) {
            return self.wrong(&format!("expected a 4xx error, found status {}", self.code()));
        }
        self.error_body()
    }

    /// Expects a SCIM error of this status, and of this `scimType` unless that is empty.
    pub fn error(&self, status: u16, scim_type: &str) -> Result<&Self, Stop> {
        self.status(status)?.error_body()?;
        if !scim_type.is_empty() {
            self.has("/scimType", scim_type)?;
        }
        Ok(self)
    }

    fn error_body(&self) -> Result<&Self, Stop> {
        let schemas = self.at("/schemas")?;
        if schemas.as_array().is_some_and(|schemas| schemas.iter().any(|schema| schema == ERROR)) {
            return Ok(self);
        }
        self.wrong(&format!("expected an error message with the schema {ERROR}, found the schemas {schemas}"))
    }

    /// The body, which has to be a JSON object.
    pub fn json(&self) -> Result<&Value, Stop> {
        match &self.answer.body {
            Some(body @ Value::Object(_)) => Ok(body),
            Some(_) => self.wrong("expected a JSON object in the body, found something else"),
            None => self.wrong("expected a JSON object in the body, found no body"),
        }
    }

    /// The value at a JSON pointer, which has to be there and be neither null nor an empty array.
    pub fn at(&self, pointer: &str) -> Result<&Value, Stop> {
        match self.find(pointer)? {
            Some(value) => Ok(value),
            None => self.wrong(&format!("expected a value at {pointer}, found none")),
        }
    }

    /// The value at a JSON pointer; null and empty arrays count as none (RFC 7643, section 2.5).
    pub fn find(&self, pointer: &str) -> Result<Option<&Value>, Stop> {
        let assigned = |value: &&Value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty());
        Ok(self.json()?.pointer(pointer).filter(assigned))
    }

    /// Expects exactly this value at a JSON pointer.
    pub fn has(&self, pointer: &str, expected: impl Into<Value>) -> Result<&Self, Stop> {
        let (expected, found) = (expected.into(), self.at(pointer)?);
        if *found == expected {
            return Ok(self);
        }
        self.wrong(&format!("expected {expected} at {pointer}, found {}", shorten(found)))
    }

    /// Expects nothing assigned at a JSON pointer.
    pub fn lacks(&self, pointer: &str) -> Result<&Self, Stop> {
        match self.find(pointer)? {
            None => Ok(self),
            Some(found) => self.wrong(&format!("expected nothing at {pointer}, found {}", shorten(found))),
        }
    }

    /// The non-empty string at a JSON pointer.
    pub fn string(&self, pointer: &str) -> Result<&str, Stop> {
        match self.at(pointer)? {
            Value::String(text) if !text.is_empty() => Ok(text),
            found => self.wrong(&format!("expected a string at {pointer}, found {}", shorten(found))),
        }
    }

    /// The boolean at a JSON pointer.
    pub fn boolean(&self, pointer: &str) -> Result<bool, Stop> {
        match self.at(pointer)? {
            Value::Bool(value) => Ok(*value),
            found => self.wrong(&format!("expected a boolean at {pointer}, found {}", shorten(found))),
        }
    }

    /// The integer at a JSON pointer, which may not be a string of digits.
    pub fn integer(&self, pointer: &str) -> Result<i64, Stop> {
        let found = self.at(pointer)?;
        match found.as_i64() {
            Some(number) => Ok(number),
            None => self.wrong(&format!("expected a JSON integer at {pointer}, found {}", shorten(found))),
        }
    }

    /// The array at a JSON pointer; nothing assigned is an empty one.
    pub fn items(&self, pointer: &str) -> Result<&[Value], Stop> {
        match self.find(pointer)? {
            None => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(found) => self.wrong(&format!("expected an array at {pointer}, found {}", shorten(found))),
        }
    }

    /// The first header of this lower-case name, which has to be there.
    pub fn header(&self, name: &str) -> Result<&str, Stop> {
        match self.find_header(name) {
            Some(value) => Ok(value),
            None => self.wrong(&format!("expected a header {name}, found none")),
        }
    }

    /// The first header of this lower-case name.
    pub fn find_header(&self, name: &str) -> Option<&str> {
        self.answer.header(name)
    }

    /// Expects a list (RFC 7644, section 3.4.2) and takes its resources.
    pub fn list(&self) -> Result<&[Value], Stop> {
        self.status(200)?;
        let schemas = self.items("/schemas")?;
        if !schemas.iter().any(|schema| schema == LIST) {
            return self.wrong(&format!("expected a list with the schema {LIST}, found other schemas"));
        }
        self.items("/Resources")
    }

    /// The ids of a list's resources, in their order.
    pub fn ids(&self) -> Result<Vec<String>, Stop> {
        let id = |resource: &Value| resource["id"].as_str().map(str::to_owned);
        match self.list()?.iter().map(id).collect() {
            Some(ids) => Ok(ids),
            None => self.wrong("expected a string id in every resource of the list"),
        }
    }

    /// Expects a list of exactly these ids, in any order.
    pub fn finds(&self, expected: &[&str]) -> Result<&Self, Stop> {
        let (mut found, mut expected) = (self.ids()?, expected.to_vec());
        found.sort();
        expected.sort_unstable();
        if found == expected {
            return Ok(self);
        }
        self.wrong(&format!("expected the resources {expected:?}, found {found:?}"))
    }

    /// A failure that begins with the request.
    pub fn wrong<T>(&self, text: &str) -> Result<T, Stop> {
        let mut sentence = format!("{}: {text}", self.asked);
        if let Some(detail) = self.answer.body.as_ref().and_then(|body| body["detail"].as_str()) {
            let _ = write!(sentence, " ({})", detail.chars().take(300).collect::<String>());
        }
        fail(sentence)
    }
}

/// A value as text that fits into a sentence.
pub fn shorten(value: &Value) -> String {
    const LONGEST: usize = 300;
    let mut text = value.to_string();
    if let Some((cut, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(cut);
        text.push('…');
    }
    text
}
