//! The rows that failed, as a file of the columns they came in, to be mended and sent again.

use std::io::{self, Write};

use serde_json::Value;

use super::csv::harmless;
use super::list;
use super::rows::Cell;

/// The column that tells why. A file that has it may be sent as it is: the column is left out.
pub const REASON: &str = "reason";

/// Writes rows as CSV in UTF-8 with a byte order mark, by which spreadsheets know it. No cell is a formula.
pub struct RejectWriter<W: Write> {
    csv: csv::Writer<W>,
    /// The place of a reason that the file had already.
    reason: Option<usize>,
    columns: usize,
}

impl<W: Write> RejectWriter<W> {
    /// Begins a file with these columns.
    pub fn new(mut out: W, columns: &[String]) -> io::Result<Self> {
        out.write_all("\u{feff}".as_bytes())?;
        let mut writer = Self::going_on(out, columns)?;
        let names = columns.iter().map(|name| Cell::Text(name.clone())).collect::<Vec<_>>();
        writer.write(&names, REASON)?;
        Ok(writer)
    }

    /// Goes on with a file whose names are written already.
    pub fn going_on(out: W, columns: &[String]) -> io::Result<Self> {
        let reason = columns.iter().position(|name| name.eq_ignore_ascii_case(REASON));
        Ok(Self { csv: csv::Writer::from_writer(out), reason, columns: columns.len() })
    }

    /// Writes a row and why it failed.
    pub fn write(&mut self, cells: &[Cell], reason: &str) -> io::Result<()> {
        let nothing = Cell::Text(String::new());
        let places = (0..self.columns).filter(|place| Some(*place) != self.reason);
        let texts = places.map(|place| harmless(&text(cells.get(place).unwrap_or(&nothing))));
        let record: Vec<String> = texts.chain([harmless(reason)]).collect();
        self.csv.write_record(&record).map_err(io::Error::from)
    }

    /// Ends the file.
    pub fn finish(self) -> io::Result<W> {
        self.csv.into_inner().map_err(|error| io::Error::other(error.to_string()))
    }
}

/// A cell as it stands in CSV, so that it is read as the same.
pub(super) fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) | Cell::Value(Value::String(text)) => text.clone(),
        Cell::Value(Value::Null) => String::new(),
        Cell::Value(Value::Array(values)) if values.iter().all(Value::is_string) => {
            list::join(&values.iter().filter_map(Value::as_str).collect::<Vec<_>>())
        }
        Cell::Value(other) => other.to_string(),
    }
}
