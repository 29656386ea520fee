//! Fields of a body that are read into types of ours, all problems told together.

use std::fmt::Display;
use std::str::FromStr;

use super::problem::{AdminError, FieldError};

/// What is wrong so far.
#[derive(Default)]
pub struct Fields(Vec<FieldError>);

impl Fields {
    /// Reads a field, or notes why it cannot be read.
    pub fn parse<T: FromStr<Err: Display>>(&mut self, field: &str, text: &str) -> Option<T> {
        text.parse().map_err(|why: T::Err| self.note(field, why.to_string())).ok()
    }

    /// Reads a field that may be missing.
    pub fn parse_any<T: FromStr<Err: Display>>(&mut self, field: &str, text: Option<&str>) -> Option<T> {
        text.and_then(|text| self.parse(field, text))
    }

    /// Notes what is wrong with a field.
    pub fn note(&mut self, field: &str, detail: String) {
        self.0.push(FieldError { field: field.to_owned(), detail });
    }

    /// Goes on if nothing is wrong.
    pub fn check(self) -> Result<(), AdminError> {
        if self.0.is_empty() { Ok(()) } else { Err(AdminError::Invalid(self.0)) }
    }
}
