//! Checks: what one is, and the words that checks are written in. The checks themselves are in [`crate::clauses`].
//!
//! A check is an async function that gets a [`Case`], sends what its clause is about, and ends early with `?` when an
//! answer is not what the clause asks for. Each makes its own users and groups, which are deleted behind it.

mod case;
mod facts;
mod outcome;
mod reply;
mod run;
#[cfg(test)]
mod tests;

use std::fmt;

use futures_util::future::BoxFuture;

pub use self::case::{Case, Made};
pub use self::facts::{ENTERPRISE, Facts, GROUP, USER};
pub use self::outcome::{Outcome, State};
pub use self::reply::{Reply, shorten};
pub use self::run::{Settings, asked_to_wait, replay, run};

/// How binding a clause is (RFC 2119).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// MUST, SHALL, REQUIRED, and their negations.
    Must,
    /// SHOULD, RECOMMENDED, and their negations.
    Should,
    /// What a server may leave out, and has to do in one way if it does it.
    May,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        })
    }
}

/// The documents that clauses are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rfc {
    /// SCIM: Core Schema.
    Rfc7643,
    /// SCIM: Protocol.
    Rfc7644,
    /// Cursor-based pagination.
    Rfc9865,
}

impl Rfc {
    /// The number.
    pub fn number(self) -> u16 {
        match self {
            Self::Rfc7643 => 7643,
            Self::Rfc7644 => 7644,
            Self::Rfc9865 => 9865,
        }
    }
}

/// One section of an RFC with its checks.
pub struct Section {
    /// The document.
    pub rfc: Rfc,
    /// The section's number: `3.5.2.3`.
    pub number: &'static str,
    /// The section's title.
    pub title: &'static str,
    /// Its checks, in the order of its clauses.
    pub checks: &'static [Check],
}

impl Section {
    /// The name of one of its checks: `rfc7644-3.5.2.3-replace-unassigned`.
    pub fn name_of(&self, check: &Check) -> String {
        format!("rfc{}-{}-{}", self.rfc.number(), self.number, check.name.replace('_', "-"))
    }
}

/// One clause and how it is tried.
pub struct Check {
    /// How binding it is.
    pub level: Level,
    /// The function's name.
    pub name: &'static str,
    /// What the clause asks for, in one sentence.
    pub clause: &'static str,
    /// The check itself.
    pub run: for<'a> fn(&'a Case<'a>) -> BoxFuture<'a, Verdict>,
}

/// How a check ends: quietly, or early with a reason.
pub type Verdict = Result<(), Stop>;

/// Why a check ends early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The server does not do what the clause asks for.
    Fail(String),
    /// The clause does not apply to this server.
    Skip(String),
}

/// A failure with this text.
pub fn fail<T>(text: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Fail(text.into()))
}

/// A skip with this reason.
pub fn skip<T>(reason: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Skip(reason.into()))
}

/// Ends the check with a failure unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return $crate::check::fail(format!($($text)+));
        }
    };
}
pub(crate) use ensure;

/// Registers the checks of a file: its sections in order, each with its checks.
macro_rules! sections {
    ($($rfc:ident $number:literal $title:literal { $($level:ident $name:ident $clause:literal;)+ })+) => {
        pub(super) const SECTIONS: &[$crate::check::Section] = &[$($crate::check::Section {
            rfc: $crate::check::Rfc::$rfc,
            number: $number,
            title: $title,
            checks: &[$($crate::check::Check {
                level: $crate::check::Level::$level,
                name: stringify!($name),
                clause: $clause,
                run: |case| Box::pin($name(case)),
            }),+],
        }),+];
    };
}
pub(crate) use sections;
