//! What became of a check or a recorded exchange.

use std::time::Duration;

use crate::transcript::Transcript;

/// The end of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The server does what the clause asks for.
    Passed,
    /// It does not; the sentence tells what was expected and what came.
    Failed(String),
    /// The clause does not apply to this server, for this reason.
    Skipped(String),
}

/// One line of a report.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// `rfc7644-3.5.2.3-replace-unassigned`, or `entra/match/create` for a recorded exchange.
    pub name: String,
    /// `RFC 7644 3.5.2.3 Replace Operation`, or the recording.
    pub section: String,
    /// `MUST`, `SHOULD` or `MAY`; for a recorded exchange the client.
    pub level: String,
    /// What the clause asks for, or the fact that the exchange shows.
    pub clause: String,
    /// How it ended.
    pub state: State,
    /// How long it took.
    pub elapsed: Duration,
    /// Every exchange of a check that failed, in order; empty otherwise.
    pub transcripts: Vec<Transcript>,
}
