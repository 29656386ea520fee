//! What is wrong with the configuration, all of it together.

use std::fmt;

/// Everything that is wrong with the configuration, each with what to change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems(Vec<String>);

impl Problems {
    /// Reads the value of `flag`, or notes why it cannot be read.
    pub(super) fn read<T>(
        &mut self,
        flag: &str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        parse(text).map_err(|why| self.note(flag, &format!("\"{text}\" {why}"))).ok()
    }

    /// Notes what is wrong with `flag`.
    pub(super) fn note(&mut self, flag: &str, what: &str) {
        let variable = flag.to_ascii_uppercase().replace('-', "_");
        self.0.push(format!("--{flag} (SCIMGATE_{variable}): {what}"));
    }

    /// `value`, if it is there and nothing is wrong.
    pub(super) fn unless_any<T>(self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot be used:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for Problems {}
