//! What a look at one thing came to.

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, and something is to be considered.
    Warn,
    /// It loses data, leaks secrets or does not work.
    Fail,
}

/// What a look at one thing came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The name of the check: stable, for machines.
    pub check: &'static str,
    /// How bad it is.
    pub state: State,
    /// What is so, and what it means.
    pub what: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// Everything is as it should be.
pub fn ok(check: &'static str, what: impl Into<String>) -> Finding {
    Finding { check, state: State::Ok, what: what.into(), advice: None }
}

/// Something is to be considered.
pub fn warn(check: &'static str, what: impl Into<String>, advice: impl Into<String>) -> Finding {
    Finding { check, state: State::Warn, what: what.into(), advice: Some(advice.into()) }
}

/// Something is wrong.
pub fn fail(check: &'static str, what: impl Into<String>, advice: impl Into<String>) -> Finding {
    Finding { check, state: State::Fail, what: what.into(), advice: Some(advice.into()) }
}
