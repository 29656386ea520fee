//! What of the activity log is wanted.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};

use super::{Kind, Outcome};
use crate::model::Action;

/// Which entries are wanted; those that every condition holds for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ActivityFilter {
    /// Of this source.
    pub kind: Option<Kind>,
    /// Of this action.
    pub action: Option<ActionName>,
    /// Of this outcome.
    pub outcome: Option<Outcome>,
    /// About resources of this type.
    pub resource_type: Option<Term>,
    /// By a credential or administrator of this name or id.
    pub actor: Option<Term>,
    /// Through the connection of this name or id.
    pub connection: Option<Term>,
    /// About what has this id or name, or about a resource that has or had this userName, displayName, externalId or
    /// employeeNumber.
    pub target: Option<Term>,
    /// From this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub to: Option<DateTime<Utc>>,
}

/// Reads a day, which means its beginning in UTC, or an instant.
///
/// # Errors
/// What to write instead.
pub fn parse_instant(text: &str) -> Result<DateTime<Utc>, String> {
    let day = || text.parse::<NaiveDate>().ok().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let instant = DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.to_utc());
    let found = instant.or_else(day).filter(|instant| (0..10_000).contains(&instant.year()));
    found.ok_or_else(|| "write a day like 2026-11-01 or an instant like 2026-11-01T08:00:00Z".into())
}

/// A text to look for: 1 to 1,024 characters without U+0000.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term(String);

/// The text cannot be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a text to look for has 1 to 1024 characters, none of them U+0000")]
pub struct NotATerm;

impl Term {
    const MAX_CHARS: usize = 1_024;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Term {
    type Err = NotATerm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = !text.is_empty() && text.chars().count() <= Self::MAX_CHARS && !text.contains('\0');
        if fits { Ok(Self(text.to_owned())) } else { Err(NotATerm) }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of an action: of a change (`update`), of a failed request (`read`), of administration (`token.create`), or all that
/// is done to something by administration (`token.*`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionName(String);

impl ActionName {
    /// The name, or what names begin with, which ends with a dot.
    pub fn as_str(&self) -> &str {
        self.0.trim_end_matches('*')
    }

    /// The sources that can have such an action.
    pub fn kinds(&self) -> &'static [Kind] {
        match self.0.as_str() {
            "read" | "bulk" => &[Kind::Request],
            name if name.contains('.') => &[Kind::Administration],
            _ => &[Kind::Change, Kind::Request],
        }
    }
}

impl FromStr for ActionName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_word =
            |word: &str| (1..=40).contains(&word.len()) && word.bytes().all(|b| matches!(b, b'a'..=b'z' | b'_' | b'-'));
        let fits = match text.split_once('.') {
            Some((noun, verb)) => is_word(noun) && (verb == "*" || is_word(verb)),
            None => matches!(text, "read" | "bulk") || Action::ALL.iter().any(|action| action.as_str() == text),
        };
        if fits {
            return Ok(Self(text.to_owned()));
        }
        let choices = "create, update, deactivate, reactivate, delete, read, bulk, or of administration token.create, token.* and the like";
        Err(format!("\"{text}\" is no action; choose {choices}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_tells_where_it_is_found() {
        let kinds = |name: &str| name.parse::<ActionName>().unwrap().kinds().to_vec();
        assert_eq!(kinds("update"), [Kind::Change, Kind::Request]);
        assert_eq!(kinds("bulk"), [Kind::Request]);
        assert_eq!(kinds("token.create"), [Kind::Administration]);
        assert!("Update!".parse::<ActionName>().unwrap_err().contains("choose create, update"));
        assert_eq!("token.*".parse::<ActionName>().unwrap().as_str(), "token.");
        for wrong in ["", "rename", "token.", ".create", "token.create.x", "token.*.*"] {
            assert!(wrong.parse::<ActionName>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn days_and_instants_are_read() {
        assert_eq!(parse_instant("2026-11-01"), parse_instant("2026-11-01T01:00:00+01:00"));
        assert!(parse_instant("yesterday").is_err() && parse_instant("+90000-01-01").is_err());
    }

    #[test]
    fn a_term_is_bounded() {
        assert!("x".repeat(1_024).parse::<Term>().is_ok());
        for text in ["", "a\0", &"x".repeat(1_025)] {
            assert_eq!(text.parse::<Term>(), Err(NotATerm));
        }
    }
}
