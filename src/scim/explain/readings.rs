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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::scim::explain::{NoteKind, explain_body, explain_patch};
    use crate::scim::schema::{AttributeType, builtin};
    use crate::scim::urn;

    /// Values as clients send them, and as nobody should.
    fn values() -> Vec<Value> {
        vec![
            json!("x"),
            json!("True"),
            json!(true),
            json!(1),
            json!(null),
            json!(""),
            json!([]),
            json!({}),
            json!(["x"]),
            json!([["x"]]),
            json!([null]),
            json!({"value": "x"}),
            json!({"VALUE": "x", "type": "work"}),
            json!([{"type": "work", "value": "x"}]),
            json!([{"value": "x", "primary": "True", "display": null}]),
            json!([{"value": "x"}, {"value": "x"}]),
            json!([{"value": "x"}, {"value": "x", "display": ""}]),
            json!([{"value": "x"}, {}]),
            json!((0..20).map(|n| json!({"value": format!("x{}", n % 19)})).collect::<Vec<_>>()),
            json!((0..20).map(|n| json!({"value": format!("x{n}")})).collect::<Vec<_>>()),
            json!({"colour": "red"}),
            json!([{"value": "x", "colour": "red"}]),
            json!([{"value": "{\"value\": \"x\", \"displayName\": \"y\", \"colour\": 1}"}]),
            json!("{\"value\": \"x\"}"),
            json!({"givenName": "x", "formatted": ""}),
            json!({"value": "x", "displayName": "y", "$ref": "z"}),
            json!("2026-11-22T00:00:00Z"),
        ]
    }

    fn told(readings: &Readings) -> Vec<Note> {
        readings.as_deref().map(Readings::told).unwrap_or_default()
    }

    /// What is told of a failed request with that body; `None` if it is wrong.
    fn told_otherwise(explain: impl FnOnce(&mut Notes)) -> Option<Vec<Note>> {
        let mut notes = Notes::default();
        explain(&mut notes);
        let notes = notes.into_vec();
        (!notes.iter().any(|note| note.kind == NoteKind::Refused)).then_some(notes)
    }

    #[test]
    fn requests_that_are_carried_out_are_told_as_those_that_fail_are() {
        let (user, dialect) = (builtin().named("User").unwrap(), Dialect::default());
        let own = [&user.common, &user.schema].into_iter().flat_map(|schema| &schema.attributes);
        let own = own.map(|attribute| (None, attribute.name.clone()));
        let extension = &user.extensions[0].schema;
        let of_extension = extension.attributes.iter().map(|attribute| (Some(&extension.uri), attribute.name.clone()));
        let spelled = [(None, "nickname".to_owned()), (None, "colour".to_owned()), (None, "name.givenName".to_owned())];
        let mut compared = 0;
        for (uri, name) in own.chain(of_extension).chain(spelled) {
            for value in values() {
                let mut body = json!({"schemas": [urn::USER], "userName": "u"});
                let mut named = json!({});
                match uri {
                    Some(uri) => named[uri.as_str()] = json!({name.as_str(): value.clone()}),
                    None => named[name.as_str()] = value.clone(),
                }
                body.as_object_mut().unwrap().extend(named.as_object().unwrap().clone());
                if let Some(expected) = told_otherwise(|notes| explain_body(&body, user, &dialect, false, notes)) {
                    assert_eq!(told(&Readings::of_body(&body, user, &dialect)), expected, "{body}");
                    compared += 1;
                }
                let path = uri.map_or_else(|| name.clone(), |uri| format!("{uri}:{name}"));
                let sub = format!("{name}[type eq \"work\"].value");
                for operation in [
                    json!({"op": "replace", "path": path, "value": value}),
                    json!({"op": "Add", "path": path, "value": value}),
                    json!({"op": "replace", "path": sub, "value": value}),
                    json!({"op": "add", "value": named}),
                ] {
                    let body = json!({"schemas": [urn::PATCH_OP], "Operations": [operation]});
                    if let Some(expected) = told_otherwise(|notes| explain_patch(&body, user, &dialect, notes)) {
                        assert_eq!(told(&Readings::of_patch(&body, user, &dialect)), expected, "{body}");
                        compared += 1;
                    }
                }
            }
        }
        assert!(compared > 1_500, "{compared} were right enough to be compared");
    }

    #[test]
    fn each_single_attribute_that_is_sent_as_it_is_answered_leaves_nothing() {
        let (user, dialect) = (builtin().named("User").unwrap(), Dialect::default());
        for attribute in user.schema.attributes.iter().filter(|attribute| attribute.kind == AttributeType::String) {
            let body = json!({"schemas": [urn::USER], "userName": "u", attribute.name.as_str(): "x"});
            assert_eq!(Readings::of_body(&body, user, &dialect), Readings::default(), "{body}");
        }
    }

    #[test]
    fn the_kept_form_is_as_documented() {
        let (user, dialect) = (builtin().named("User").unwrap(), Dialect::default());
        let operations = json!([
            {"op": "replace", "path": "active", "value": "True"}, {"op": "add", "path": "shoe\"Size", "value": 1},
            {"op": "add", "path": "emails", "value": [{"Type": "a"}, {"Type": "b"}]}
        ]);
        let body = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
        let mut readings = Readings::of_patch(&body, user, &dialect);
        let kept = r#"[[1,"v","active","\"True\"","true"],[3,"n","emails[0].Type","type",1]]"#;
        assert_eq!(readings.as_deref(), Some(kept));
        readings.leave_out_members(&["a", "b", "c", "d"]);
        let kept = kept.replacen("[[", r#"[["M","members","4","a, b, c, …"],["#, 1);
        assert_eq!(readings.as_deref(), Some(kept.as_str()));
        assert_eq!(told(&readings)[0].text, "4 of those who were sent do not exist: a, b, c, …");
        assert_eq!(told(&readings)[2].at, "operation 3: emails[0].Type");
    }
}
