//! CSV (RFC 4180, with the liberties that spreadsheets take).

use std::fmt;
use std::io::{self, Cursor, Read};
use std::str::FromStr;

use super::error::ImportError;
use super::rows::{Cell, Row, RowSink, column_names};
use super::{MAX_CELL, MAX_COLUMNS, MAX_ROW};

/// Bytes that are looked at to find the separator.
pub const SAMPLE: u64 = 64 << 10;
/// What the reader below us takes at a time.
const BUFFER: usize = 64 << 10;
/// What a text begins with that spreadsheets take for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// What stands between cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
    /// `|`
    Bar,
}

impl Separator {
    /// All of them, the likeliest first.
    pub const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Bar];

    /// Its byte.
    pub fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Bar => b'|',
        }
    }
}

impl Separator {
    /// Several of them, in words.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Comma => "commas",
            Self::Semicolon => "semicolons",
            Self::Tab => "tabs",
            Self::Bar => "bars",
        }
    }
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comma => ",",
            Self::Semicolon => ";",
            Self::Tab => "tab",
            Self::Bar => "|",
        })
    }
}

impl FromStr for Separator {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "," | "comma" => Ok(Self::Comma),
            ";" | "semicolon" => Ok(Self::Semicolon),
            "\t" | "\\t" | "tab" => Ok(Self::Tab),
            "|" | "bar" => Ok(Self::Bar),
            _ => Err(format!("\"{text}\" is no separator; use comma, semicolon, tab or bar")),
        }
    }
}

/// A cell that no spreadsheet takes for a formula: an apostrophe stands before what would be one. [`plain`] takes it away.
pub fn harmless(cell: &str) -> String {
    if cell.trim_start_matches('\'').starts_with(FORMULA) { format!("'{cell}") } else { cell.to_owned() }
}

/// What a cell means that was made harmless.
pub fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA) => rest,
        _ => cell,
    }
}

/// The separator by which the first rows of a file have the same number of cells, and more than one.
pub fn separator_of(sample: &[u8]) -> Separator {
    let score = |separator: Separator| {
        let mut reader = reader(sample, separator);
        let counts = reader.byte_records().take(20).map_while(Result::ok).map(|record| record.len());
        let counts: Vec<usize> = counts.collect();
        let columns = counts.first().copied().unwrap_or_default();
        let same = counts.iter().filter(|count| **count == columns).count();
        // A separator that the names do not have is none.
        if columns < 2 { (0, 0) } else { (same, columns) }
    };
    let mut best = (Separator::Comma, (0, 0));
    for separator in Separator::ALL {
        let this = score(separator);
        if this > best.1 {
            best = (separator, this);
        }
    }
    best.0
}

fn reader<R: Read>(source: R, separator: Separator) -> csv::Reader<R> {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(separator.byte()).buffer_capacity(BUFFER).from_reader(source)
}

/// Lets as many bytes through as one row may have.
struct Ration<R> {
    inner: R,
    left: usize,
}

/// Makes line feeds of line ends with a carriage return too, and ends the last line. So lines can be counted, whichever ends
/// they have.
struct LineFeeds<R> {
    inner: R,
    buffer: Vec<u8>,
    taken: usize,
    last: u8,
    ended: bool,
}

impl<R: Read> LineFeeds<R> {
    fn new(inner: R) -> Self {
        Self { inner, buffer: Vec::with_capacity(BUFFER), taken: 0, last: b'\n', ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let held_back = self.last == b'\r';
        self.buffer.clear();
        self.taken = 0;
        if held_back {
            self.buffer.push(b'\r');
        }
        let read = self.inner.by_ref().take(BUFFER as u64).read_to_end(&mut self.buffer)?;
        if read == 0 {
            self.ended = true;
            if self.last != b'\n' {
                self.buffer.push(b'\n');
            }
            return Ok(());
        }
        let mut kept = 0;
        for place in 0..self.buffer.len() {
            let byte = self.buffer[place];
            if byte == b'\n' && kept > 0 && self.buffer[kept - 1] == b'\r' {
                kept -= 1;
            }
            self.buffer[kept] = byte;
            kept += 1;
        }
        self.last = self.buffer[kept - 1];
        // Whether a line feed follows is not known yet.
        self.buffer.truncate(if self.last == b'\r' { kept - 1 } else { kept });
        Ok(())
    }
}

impl<R: Read> Read for LineFeeds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.buffer.len() && !self.ended {
            self.refill()?;
        }
        let ready = &self.buffer[self.taken..];
        let count = ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&ready[..count]);
        self.taken += count;
        Ok(count)
    }
}

/// A row took more than its ration.
#[derive(Debug, thiserror::Error)]
#[error("the row is too long")]
struct Exhausted;

impl<R: Read> Read for Ration<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other(Exhausted));
        }
        let most = buffer.len().min(self.left);
        let read = self.inner.read(&mut buffer[..most])?;
        self.left -= read;
        Ok(read)
    }
}

/// Reads a text whose beginning was read already.
pub fn read(head: &[u8], rest: &mut dyn Read, separator: Separator, sink: &mut dyn RowSink) -> Result<(), ImportError> {
    if has_old_line_ends(head) {
        return Err(ImportError::OldLineEnds);
    }
    let text = LineFeeds::new(Cursor::new(head).chain(rest));
    let mut reader = reader(Ration { inner: text, left: 0 }, separator);
    let mut record = csv::StringRecord::new();
    let mut columns = None;
    loop {
        let line = reader.position().line();
        reader.get_mut().left = MAX_ROW;
        if !reader.read_record(&mut record).map_err(|error| told(error, line))? {
            return if columns.is_some() { Ok(()) } else { Err(ImportError::Empty) };
        }
        if record.as_slice().len() > MAX_ROW {
            return Err(ImportError::RowTooLong { line });
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        // The reader stands behind the line feed that ended the row.
        let within = record.iter().map(|cell| cell.bytes().filter(|byte| *byte == b'\n').count()).sum::<usize>() as u64;
        let line = reader.position().line().saturating_sub(1 + within);
        match columns {
            None => {
                if record.len() > MAX_COLUMNS {
                    return Err(ImportError::TooManyColumns { count: record.len() });
                }
                let names = column_names(record.iter().map(str::to_owned))?;
                sink.columns(&names)?;
                columns = Some(names.len());
            }
            Some(columns) => sink.row(row(&record, columns, line))?,
        }
    }
}

fn row(record: &csv::StringRecord, columns: usize, line: u64) -> Row {
    let mut cells: Vec<&str> = record.iter().collect();
    while cells.len() > columns && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    let fault = if cells.len() != columns {
        Some(format!("the row has {} cells, and there are {columns} columns", cells.len()))
    } else {
        cells
            .iter()
            .position(|cell| cell.len() > MAX_CELL)
            .map(|place| format!("cell {} is longer than {MAX_CELL} bytes", place + 1))
    };
    Row { line, cells: cells.into_iter().map(|cell| Cell::Text(plain(cell).to_owned())).collect(), fault }
}

fn told(error: csv::Error, line: u64) -> ImportError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<Exhausted>()) => {
            ImportError::RowTooLong { line }
        }
        csv::ErrorKind::Io(error) => error.into(),
        other => ImportError::Io(io::Error::other(format!("{other:?}"))),
    }
}

/// Whether lines end with a carriage return and nothing else.
fn has_old_line_ends(head: &[u8]) -> bool {
    !head.contains(&b'\n') && head.trim_ascii_end().contains(&b'\r')
}
