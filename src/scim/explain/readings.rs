//! What was read otherwise than it was sent, and what was left out, of a request that is carried out: as it is kept with the
//! change.
//!
//! The kept form is JSON of one line, `[["v","active","\"True\"","true"],[2,"P","shoeSize"],["n","emails[0].Type","type",3],7]`:
//! a list for each note, of the operation of a PATCH that has several, the letter of a [`Reading`], the place, what the reading
//! tells of, and how many more there are like it; and at the end the number of notes that are not kept. Numbers that would be 0
//! are not there. There are 20 notes at most, in 1 KiB. Values stand in it as notes show them: simple ones, never such that a
//! schema says are not returned or sensitive.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::patch::{operations, parts};
use super::{Made, Note, Notes, Reading, SHOWN, What, begin, body, patch, placed};
use crate::scim::dialect::Dialect;
use crate::scim::schema::ResourceType;

/// How many notes are kept, and how many bytes they have together.
pub(super) const MOST_NOTES: usize = 20;
const MOST_BYTES: usize = 1_024;

/// What is kept with a change. Most changes have nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Readings(Option<String>);

impl Readings {
    /// Of a body that creates a resource, or replaces one.
    pub fn of_body(body: &Value, kind: &ResourceType, dialect: &Dialect) -> Self {
        Self::of(|notes| body::parts(body, kind, dialect, notes))
    }

    /// Of a PATCH.
    pub fn of_patch(body: &Value, kind: &Arc<ResourceType>, dialect: &Dialect) -> Self {
        Self::of(|notes| {
            if let Value::Object(members) = body {
                parts(members, notes);
                operations(members, notes, |operation, notes| patch::operation(operation, kind, dialect, notes));
            }
        })
    }

    /// Of a record: the attributes that it tells by their paths, and its texts by their names.
    pub fn of_record<'t>(
        attributes: &Map<String, Value>,
        texts: impl IntoIterator<Item = (&'t str, &'t str)>,
        kind: &Arc<ResourceType>,
        dialect: &Dialect,
    ) -> Self {
        Self::of(|notes| {
            for (name, text) in texts {
                if text != text.trim() {
                    notes.read(&name, Reading::Trimmed, &[]);
                }
            }
            for (path, value) in attributes {
                patch::by_path(path, Some(value), kind, dialect, notes);
            }
        })
    }

    fn of(make: impl FnOnce(&mut Notes)) -> Self {
        let mut notes = Notes { is_carried_out: true, ..Notes::default() };
        make(&mut notes);
        if notes.made.is_empty() { Self(None) } else { Self(Some(kept(notes))) }
    }

    /// Adds members who do not exist and are left out, by their ids; none is nothing to tell.
    pub fn leave_out_members<T: ToString>(&mut self, ids: &[T]) {
        if ids.is_empty() {
            return;
        }
        let first = ids.iter().take(3).map(|id| begin(&id.to_string(), SHOWN)).collect::<Vec<_>>().join(", ");
        let first = if ids.len() > 3 { format!("{first}, …") } else { first };
        let what = What::Read(Reading::UnknownMembers, vec![ids.len().to_string(), first]);
        let made = Made { what, operation: (0, 0), at: "members".to_owned(), more: 0 };
        let note = kept(Notes { made: vec![made], ..Notes::default() });
        // In front of the others, of which the last may be a number.
        self.0 = Some(match self.0.as_deref().and_then(|before| before.strip_prefix('[')) {
            None => note,
            Some(before) => format!("{},{before}", note.strip_suffix(']').unwrap_or(&note)),
        });
    }

    /// The form in which it is kept; `None` if there is nothing to tell.
    pub fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// What was kept, in words. What cannot be read is left out.
    pub fn told(kept: &str) -> Vec<Note> {
        let Ok(Value::Array(notes)) = serde_json::from_str(kept) else { return Vec::new() };
        let told = notes.iter().filter_map(|note| match note {
            Value::Number(left_out) => Some(Note::left_out(count(Some(left_out)))),
            Value::Array(parts) => told(parts),
            _ => None,
        });
        told.collect()
    }
}

fn kept(notes: Notes) -> String {
    let mut kept = String::with_capacity(128);
    let mut left_out = notes.left_out;
    kept.push('[');
    for made in notes.made {
        let begin = kept.len();
        let What::Read(reading, told) = &made.what else { continue };
        if begin > 1 {
            kept.push(',');
        }
        kept.push('[');
        if made.operation.1 > 0 {
            kept.push_str(&format!("{},", made.operation.1));
        }
        quote(reading.letter(), &mut kept);
        for text in std::iter::once(&made.at).chain(told) {
            kept.push(',');
            quote(text, &mut kept);
        }
        if made.more > 0 {
            kept.push_str(&format!(",{}", made.more));
        }
        kept.push(']');
        // With room for the number at the end.
        if kept.len() > MOST_BYTES - 24 {
            kept.truncate(begin);
            left_out += 1;
        }
    }
    if left_out > 0 {
        let comma = if kept.len() > 1 { "," } else { "" };
        kept.push_str(&format!("{comma}{left_out}"));
    }
    kept.push(']');
    kept
}

/// A text as JSON.
fn quote(text: &str, out: &mut String) {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&Value::from(text).to_string());
    }
}

fn told(parts: &[Value]) -> Option<Note> {
    let (operation, parts) = match parts {
        [Value::Number(operation), parts @ ..] => (count(Some(operation)), parts),
        parts => (0, parts),
    };
    let (more, parts) = match parts {
        [parts @ .., Value::Number(more)] => (count(Some(more)), parts),
        parts => (0, parts),
    };
    let texts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
    let (letter, rest) = texts.split_first()?;
    let (at, told) = rest.split_first().map_or(("", &[][..]), |(at, told)| (*at, told));
    let text = match Reading::of_letter(letter) {
        Some(reading) => reading.text(at, told),
        None => "what became of it is told by a later version".to_owned(),
    };
    Some(Note { kind: Reading::kind_of_letter(letter), at: placed((0, operation), at), text, more })
}

fn count(number: Option<&serde_json::Number>) -> usize {
    number.and_then(serde_json::Number::as_u64).and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX)
}
