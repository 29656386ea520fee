//! The log of everything.

use askama::Template;

use super::{Choice, Difference, Moment, NoteView, Pager, Shell, Status, Tone};

/// The log.
#[derive(Template)]
#[template(path = "activity.html")]
pub struct Activity {
    /// What stands around it.
    pub shell: Shell,
    /// Its own address.
    pub here: String,
    /// What can be asked for.
    pub kinds: Vec<Choice>,
    /// By which connection.
    pub connections: Vec<Choice>,
    /// By whom.
    pub actor: String,
    /// About whom.
    pub target: String,
    /// From which day on: `2026-11-01`.
    pub from: String,
    /// Up to and with which day.
    pub to: String,
    /// The conditions as a query, with its question mark; empty without any.
    pub suffix: String,
    /// Files with the same: their form and where they are.
    pub exports: Vec<(&'static str, String)>,
    /// Why the conditions cannot be read.
    pub problem: Option<String>,
    /// What happened, the newest first.
    pub entries: Vec<Entry>,
    /// The way to earlier ones.
    pub pager: Pager,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When.
    pub at: Moment,
    /// What was done.
    pub told: String,
    /// To whom or what.
    pub target: String,
    /// Where that is, if it can be looked at.
    pub url: Option<String>,
    /// By whom.
    pub actor: String,
    /// From where.
    pub address: Option<String>,
    /// What came of it.
    pub status: Status,
    /// What is behind the fold, in a few words.
    pub summary: String,
    /// What changed.
    pub attributes: Vec<Difference>,
    /// What of the request was read otherwise than it was sent, or left out.
    pub notes: Vec<NoteView>,
    /// More about it.
    pub detail: Option<String>,
    /// In which request.
    pub request: Option<String>,
    /// Whether it is known what became of that.
    pub explains: bool,
}
