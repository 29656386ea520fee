//! JSON: one array of objects, or one object after the other (JSON lines). Never more than one object is in memory.
//!
//! The text is cut into objects by counting brackets outside of strings; each goes through the one entrance for JSON, as the
//! body of a request does. Columns are the names that the objects have, in the order in which they first appear.

use std::io::{BufRead, BufReader, Cursor, Read};

use serde_json::Value;

use super::error::ImportError;
use super::rows::{Cell, Row, RowSink};
use super::{MAX_COLUMNS, MAX_ROW};
use crate::scim::json;

/// Reads a text whose beginning was read already.
pub fn read(head: &[u8], rest: &mut dyn Read, sink: &mut dyn RowSink) -> Result<(), ImportError> {
    let mut elements = Elements { reader: BufReader::new(Cursor::new(head).chain(rest)), line: 1 };
    let is_array = elements.peek_after_space()? == Some(b'[');
    if is_array {
        elements.bump();
    }
    let mut columns = Vec::new();
    let mut text = Vec::new();
    let mut is_first = true;
    loop {
        match (elements.peek_after_space()?, is_array) {
            (None, false) => return Ok(()),
            (None, true) => return Err(elements.wrong("the array does not end; the file may be cut off")),
            (Some(b']'), true) => {
                elements.bump();
                return match elements.peek_after_space()? {
                    None => Ok(()),
                    Some(_) => Err(elements.wrong("something follows the array")),
                };
            }
            (Some(b','), true) if !is_first => {
                elements.bump();
                if elements.peek_after_space()? == Some(b']') {
                    return Err(elements.wrong("a comma stands before the end of the array"));
                }
            }
            (Some(_), true) if !is_first => return Err(elements.wrong("a comma is missing between two objects")),
            _ => {}
        }
        elements.peek_after_space()?;
        is_first = false;
        let line = elements.line;
        elements.take(&mut text)?;
        let row = row(&text, line, &mut columns, sink)?;
        sink.row(row)?;
    }
}

/// The row of an object; names that are new become columns.
fn row(text: &[u8], line: u64, columns: &mut Vec<String>, sink: &mut dyn RowSink) -> Result<Row, ImportError> {
    let faulty = |fault: String| Row { line, cells: Vec::new(), fault: Some(fault) };
    let members = match json::parse(text) {
        Ok(Value::Object(members)) => members,
        Ok(_) => return Ok(faulty("a person has to be an object".to_owned())),
        Err(error) => return Ok(faulty(error.detail.replacen("the body", "the object", 1))),
    };
    let before = columns.len();
    let mut cells: Vec<Cell> = Vec::new();
    for (name, value) in members {
        let place = columns.iter().position(|column| *column == name).unwrap_or(columns.len());
        if place == columns.len() {
            columns.push(name);
        }
        if cells.len() <= place {
            cells.resize(place + 1, Cell::Value(Value::Null));
        }
        cells[place] = Cell::Value(value);
    }
    if columns.len() > MAX_COLUMNS {
        return Err(ImportError::TooManyColumns { count: columns.len() });
    }
    if columns.len() > before {
        sink.columns(columns)?;
    }
    Ok(Row { line, cells, fault: None })
}

struct Elements<R> {
    reader: R,
    line: u64,
}

impl<R: BufRead> Elements<R> {
    fn peek(&mut self) -> Result<Option<u8>, ImportError> {
        Ok(self.reader.fill_buf()?.first().copied())
    }

    fn bump(&mut self) {
        self.reader.consume(1);
    }

    /// The next byte that is no white space.
    fn peek_after_space(&mut self) -> Result<Option<u8>, ImportError> {
        while let Some(byte) = self.peek()? {
            if !byte.is_ascii_whitespace() {
                return Ok(Some(byte));
            }
            self.line += u64::from(byte == b'\n');
            self.bump();
        }
        Ok(None)
    }

    /// Takes the object that begins here.
    fn take(&mut self, text: &mut Vec<u8>) -> Result<(), ImportError> {
        text.clear();
        let begin = self.line;
        if self.peek()? != Some(b'{') {
            return Err(self.wrong("an object has to stand here: a person, in curly brackets"));
        }
        let mut nesting = Nesting::default();
        loop {
            let ready = self.reader.fill_buf()?;
            if ready.is_empty() {
                return Err(ImportError::Json {
                    line: begin,
                    detail: "the object does not end; the file may be cut off".into(),
                });
            }
            let end = ready.iter().position(|byte| nesting.closes(*byte));
            let count = end.map_or(ready.len(), |end| end + 1);
            self.line += ready[..count].iter().filter(|byte| **byte == b'\n').count() as u64;
            text.extend_from_slice(&ready[..count]);
            self.reader.consume(count);
            if text.len() > MAX_ROW {
                return Err(ImportError::RowTooLong { line: begin });
            }
            if end.is_some() {
                return Ok(());
            }
        }
    }

    fn wrong(&self, detail: &str) -> ImportError {
        ImportError::Json { line: self.line, detail: detail.to_owned() }
    }
}

/// How many brackets are open. Whether they fit together is left to the parser.
#[derive(Default)]
struct Nesting {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Nesting {
    /// Whether everything is closed after this byte.
    fn closes(&mut self, byte: u8) -> bool {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}
