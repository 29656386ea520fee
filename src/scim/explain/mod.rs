//! What became of a request: which of its parts were read otherwise than they were sent, which were left out, and everything
//! that is wrong with it.
//!
//! It is told of requests that failed, of a body that was kept, by asking the very functions that read bodies, part by part, and
//! comparing what went in with what came out; so it cannot tell of rules that nobody follows. Of requests that are carried out it
//! is told by the same functions beforehand ([`Readings`]), with a look first that spares reading what was plainly sent. Pure, as
//! all of [`crate::scim`]; what the tenant's policies decide is added by those who know them.

mod body;
mod bulk;
mod compare;
mod patch;
mod plain;
mod reading;
mod readings;
mod redact;

use std::fmt::Display;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ScimError;

pub use body::explain_body;
pub use bulk::explain_bulk;
pub use patch::explain_patch;
pub use reading::Reading;
pub use readings::Readings;
pub use redact::{Sensitive, masked_query, shortened};

/// How many notes are made of one body at most.
const MOST_NOTES: usize = 200;
/// How much of a value a note shows.
const SHOWN: usize = 80;
/// How much of a place a note shows: a URN and a name.
const SHOWN_PLACE: usize = 160;

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
    /// How many others like it there are, in other elements or operations.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Note {
    /// A note of one thing.
    pub fn new(kind: NoteKind, at: impl Into<String>, text: impl Into<String>) -> Self {
        Self { kind, at: at.into(), text: text.into(), more: 0 }
    }

    /// What became of it, and how often.
    pub fn told(&self) -> String {
        if self.more == 0 { self.text.clone() } else { format!("{} (and {} more like it)", self.text, self.more) }
    }

    fn left_out(count: usize) -> Self {
        Self::new(NoteKind::Ignored, "", format!("{count} further notes are left out"))
    }
}

/// Notes in the making, of which there are only so many; things that are alike but for their numbers are one.
#[derive(Debug, Default)]
pub struct Notes {
    made: Vec<Made>,
    left_out: usize,
    /// The operation that is told of, of a bulk request and of a PATCH, counted from 1; 0 for none.
    operation: (usize, usize),
    /// Whether the request is to be carried out, so that nothing is wrong with it.
    is_carried_out: bool,
    /// Whether the values that are looked at may not be told.
    hides: bool,
}

/// A note in the making.
#[derive(Debug)]
struct Made {
    what: What,
    operation: (usize, usize),
    at: String,
    more: usize,
}

#[derive(Debug, PartialEq)]
enum What {
    Read(Reading, Vec<String>),
    Said(NoteKind, String),
}

impl Notes {
    /// The notes, with a last one that tells how many there were besides.
    pub fn into_vec(self) -> Vec<Note> {
        let left_out = (self.left_out > 0).then(|| Note::left_out(self.left_out));
        self.made.into_iter().map(Made::told).chain(left_out).collect()
    }

    /// Adds a note.
    pub fn add(&mut self, kind: NoteKind, at: &dyn Display, text: impl Into<String>) {
        self.push(at, What::Said(kind, text.into()));
    }

    /// Adds what a part was read as, or why it was left out.
    fn read(&mut self, at: &dyn Display, reading: Reading, told: &[&dyn Display]) {
        self.push(at, What::Read(reading, told.iter().map(|told| begin(&told.to_string(), SHOWN * 2)).collect()));
    }

    fn push(&mut self, at: &dyn Display, what: What) {
        let at = begin(&at.to_string(), SHOWN_PLACE);
        if let Some(alike) = self.made.iter_mut().find(|made| made.what == what && is_alike(&made.at, &at)) {
            alike.more += 1;
        } else if self.made.len() >= if self.is_carried_out { readings::MOST_NOTES } else { MOST_NOTES } {
            self.left_out += 1;
        } else {
            self.made.push(Made { what, operation: self.operation, at, more: 0 });
        }
    }

    /// Adds what is wrong, unless the same was told already.
    fn refused(&mut self, at: &dyn Display, error: &ScimError) {
        if self.is_carried_out {
            return;
        }
        let keyword = error.scim_type.map(|keyword| format!(" ({})", keyword.as_str())).unwrap_or_default();
        let what = What::Said(NoteKind::Refused, format!("{}{keyword}", error.detail));
        if !self.made.iter().any(|made| made.what == what) {
            self.push(at, what);
        }
    }

    /// Whether something wrong was told.
    fn has_refused(&self) -> bool {
        self.made.iter().any(|made| matches!(made.what, What::Said(NoteKind::Refused, _)))
    }

    /// Makes notes without telling values, if `hides`.
    fn hiding<T>(&mut self, hides: bool, make: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.hides;
        self.hides |= hides;
        let made = make(self);
        self.hides = before;
        made
    }

    /// A value as a note shows it: what is simple, if it may be told.
    fn shown(&self, value: &Value) -> String {
        match value {
            _ if self.hides => "[redacted]".to_owned(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
            Value::Array(_) => "[…]".to_owned(),
            Value::Object(_) => "{…}".to_owned(),
            // JSON in a text may hold anything.
            Value::String(text) if text.contains('"') && text.contains(['{', '[']) => "\"{…}\"".to_owned(),
            Value::String(text) if text.len() <= SHOWN => value.to_string(),
            Value::String(text) => begin(&Value::from(begin(text, SHOWN)).to_string(), SHOWN),
        }
    }
}

impl Made {
    fn told(self) -> Note {
        let (kind, text) = match self.what {
            What::Read(reading, told) => (reading.kind(), reading.text(&self.at, &told)),
            What::Said(kind, text) => (kind, text),
        };
        Note { kind, at: placed(self.operation, &self.at), text, more: self.more }
    }
}

/// A place behind the operations that it is in.
fn placed((of_bulk, of_patch): (usize, usize), at: &str) -> String {
    let mut placed = String::new();
    for operation in [of_bulk, of_patch].into_iter().filter(|operation| *operation > 0) {
        placed.push_str(&format!("{}operation {operation}", if placed.is_empty() { "" } else { ": " }));
    }
    if !placed.is_empty() && !at.is_empty() {
        placed.push_str(": ");
    }
    placed + at
}

/// Whether two places are the same but for the numbers of elements.
fn is_alike(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let (mut one, mut other) = (one.bytes().peekable(), other.bytes().peekable());
    let mut inside = false;
    loop {
        if inside {
            while one.next_if(u8::is_ascii_digit).is_some() {}
            while other.next_if(u8::is_ascii_digit).is_some() {}
        }
        match (one.next(), other.next()) {
            (None, None) => return true,
            (left, right) if left != right => return false,
            (left, _) => inside = left == Some(b'['),
        }
    }
}

/// The beginning of a text, with what tells that it goes on.
fn begin(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
