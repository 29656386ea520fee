//! The elements of a long JSON array, one at a time, so that a body of many records never stands in memory as a tree. Each element
//! still has to pass the one entrance for JSON.

use crate::scim::{ScimError, ScimType};

/// Walks over the elements of an array; yields the bytes of each.
pub struct Elements<'a> {
    rest: &'a [u8],
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    Within,
    Behind,
}

impl<'a> Elements<'a> {
    /// The elements of the array that a body is.
    pub fn of(body: &'a [u8]) -> Self {
        Self { rest: body, state: State::Before }
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// Takes one byte, if it is that.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn step(&mut self) -> Result<Option<&'a [u8]>, ScimError> {
        if self.state == State::Behind {
            return Ok(None);
        }
        if self.state == State::Before {
            if !self.take(b'[') {
                return Err(wrong("the body is no array; send the records as an array, also a single one"));
            }
            self.state = State::Within;
            if self.take(b']') {
                return self.end();
            }
        } else if self.take(b']') {
            return self.end();
        } else if !self.take(b',') {
            return Err(wrong("the array does not go on with a comma or end with a bracket"));
        }
        self.skip_blanks();
        let (element, rest) = self.rest.split_at(length(self.rest));
        self.rest = rest;
        if element.is_empty() { Err(wrong("an element of the array is missing")) } else { Ok(Some(element)) }
    }

    fn end(&mut self) -> Result<Option<&'a [u8]>, ScimError> {
        self.state = State::Behind;
        self.skip_blanks();
        if self.rest.is_empty() { Ok(None) } else { Err(wrong("something stands behind the array; leave it out")) }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<&'a [u8], ScimError>;

    /// Nothing follows an error.
    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if step.is_err() {
            (self.state, self.rest) = (State::Behind, &[]);
        }
        step.transpose()
    }
}

/// How many bytes the first value has: up to a comma or bracket that belongs to the array.
fn length(bytes: &[u8]) -> usize {
    let (mut depth, mut in_text, mut is_escaped) = (0_usize, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'[' | b'{' => depth += 1,
            b',' | b']' if depth == 0 => return at,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    bytes.len()
}

fn wrong(detail: &str) -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, detail)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::scim::json;

    fn read(text: &str) -> Result<Vec<Value>, ScimError> {
        Elements::of(text.as_bytes()).map(|element| json::parse(element?)).collect()
    }

    #[test]
    fn an_array_is_read_element_by_element() {
        assert_eq!(read(" [ ] ").unwrap(), Vec::<Value>::new());
        let text = r#" [{"a": "x,]}\"\\", "b": [1, [2]]} ,2 , "\\" ,null]  "#;
        assert_eq!(read(text).unwrap(), [json!({"a": "x,]}\"\\", "b": [1, [2]]}), json!(2), json!("\\"), Value::Null]);
    }

    #[test]
    fn what_is_no_array_is_refused() {
        for text in ["", "{}", "[", "[1", "[1,", "[1,]", "[,1]", "[1] 2", "[1}", "[[1]", "[\"a]", "[1]]", "[{]}"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_is_what_the_one_entrance_reads(text in "[\\[\\]{}\",:0-9a \\\\]{0,24}") {
            let whole = json::parse(text.as_bytes()).ok().and_then(|value| value.as_array().cloned());
            prop_assert_eq!(read(&text).ok(), whole);
        }
    }
}
