//! What became of a request: which of its parts were read otherwise than they were sent, which were left out, and everything
//! that is wrong with it.
//!
//! Requests pay nothing for this: it is asked afterwards, about a body that was kept. It asks the very functions that read
//! bodies, part by part, and compares what went in with what came out, so it cannot tell of rules that nobody follows. Pure, as
//! all of [`crate::scim`]; what the tenant's policies decide is added by those who know them.

mod body;
mod bulk;
mod compare;
mod patch;
mod redact;

use std::fmt::Display;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ScimError;

pub use body::explain_body;
pub use bulk::explain_bulk;
pub use patch::explain_patch;
pub use redact::{Sensitive, masked_query, shortened};

/// How many notes are made of one body at most.
const MOST_NOTES: usize = 200;
/// How much of a value a note shows.
const SHOWN: usize = 80;

/// What a note tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoteKind {
    /// Something was understood otherwise than it was written.
    Rewritten,
    /// Something was left out.
    Ignored,
    /// A setting of the tenant decided something.
    Policy,
    /// Something is wrong.
    Refused,
}

/// One thing that became of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What kind of thing.
    pub kind: NoteKind,
    /// Where in the body: an attribute, or an operation; empty for the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub at: String,
    /// What became of it, in words.
    pub text: String,
}

/// Notes in the making, of which there are only so many.
#[derive(Debug, Default)]
pub struct Notes {
    notes: Vec<Note>,
    left_out: usize,
    /// What stands in front of every place, such as `operation 2`.
    prefix: String,
}

impl Notes {
    /// The notes, with a last one that tells how many there were besides.
    pub fn into_vec(mut self) -> Vec<Note> {
        if self.left_out > 0 {
            let text = format!("{} further notes are left out", self.left_out);
            self.notes.push(Note { kind: NoteKind::Ignored, at: String::new(), text });
        }
        self.notes
    }

    /// Adds a note.
    pub fn add(&mut self, kind: NoteKind, at: &dyn Display, text: impl Into<String>) {
        if self.notes.len() >= MOST_NOTES {
            self.left_out += 1;
            return;
        }
        let at = match (self.prefix.as_str(), at.to_string()) {
            ("", at) => at,
            (prefix, at) if at.is_empty() => prefix.to_owned(),
            (prefix, at) => format!("{prefix}: {at}"),
        };
        self.notes.push(Note { kind, at, text: text.into() });
    }

    fn rewritten(&mut self, at: &dyn Display, text: impl Into<String>) {
        self.add(NoteKind::Rewritten, at, text);
    }

    fn ignored(&mut self, at: &dyn Display, text: impl Into<String>) {
        self.add(NoteKind::Ignored, at, text);
    }

    /// Adds what is wrong, unless the same was told already.
    fn refused(&mut self, at: &dyn Display, error: &ScimError) {
        let keyword = error.scim_type.map(|keyword| format!(" ({})", keyword.as_str())).unwrap_or_default();
        let text = format!("{}{keyword}", error.detail);
        if !self.notes.iter().any(|note| note.kind == NoteKind::Refused && note.text == text) {
            self.add(NoteKind::Refused, at, text);
        }
    }

    /// Makes notes about a part whose places begin with `prefix`.
    fn inside(&mut self, prefix: String, make: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.prefix, prefix);
        make(self);
        self.prefix = before;
    }
}

/// A value as a note shows it.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= SHOWN {
        return text;
    }
    text.chars().take(SHOWN).chain("…".chars()).collect()
}
