//! What became of one provisioning request, and why.

use askama::Template;

use super::{Entry, Link, Moment, Notice, Shell, Status, Tone};

/// The form that asks for a request, and what became of it.
#[derive(Template)]
#[template(path = "explain.html")]
pub struct Explain {
    /// What stands around it.
    pub shell: Shell,
    /// What was asked for.
    pub asked: String,
    /// Why nothing can be told.
    pub problem: Option<Notice>,
    /// What became of it.
    pub found: Option<Explanation>,
}

/// What became of a request.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// In a sentence or two.
    pub summary: String,
    /// Why it failed.
    pub failed: Option<FailedView>,
    /// What became of its parts.
    pub notes: Vec<NoteView>,
    /// What it changed, in order.
    pub changes: Vec<Entry>,
}

/// Why a request failed.
#[derive(Debug, Clone)]
pub struct FailedView {
    /// Method and path.
    pub line: String,
    /// What was answered.
    pub status: Status,
    /// When it came.
    pub at: Moment,
    /// With which credential.
    pub actor: String,
    /// From where.
    pub address: Option<String>,
    /// What the client was told.
    pub detail: String,
    /// The rule behind it.
    pub rule: String,
    /// The profile that the tenant had then.
    pub profile: String,
    /// How long it took.
    pub took: String,
    /// Who has the value that was taken.
    pub taken_by: Vec<Link>,
    /// The body, without passwords and shortened.
    pub body: Option<String>,
    /// What is to be known of it.
    pub body_note: Option<String>,
}

/// What became of a part.
#[derive(Debug, Clone)]
pub struct NoteView {
    /// What kind of thing.
    pub status: Status,
    /// Which part; empty for the whole.
    pub at: String,
    /// In words.
    pub text: String,
}
