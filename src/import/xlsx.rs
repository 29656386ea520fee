//! XLSX: one sheet of a workbook, cell by cell as it stands in the file.
//!
//! Of a formula the value is taken that the spreadsheet worked out and saved; nothing is worked out here. What a sheet claims
//! of its size is not believed: rows are made of the cells that are there.

use std::io::{BufReader, SeekFrom};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};

use super::error::ImportError;
use super::package;
use super::rows::{Cell, Format, HowRead, Row, RowSink, Source, column_names};
use super::{MAX_CELL, MAX_COLUMNS, MAX_ROW};

/// Rows of a sheet at most, as in Excel.
const MAX_ROWS: u32 = 1_048_576;

/// Reads a workbook.
pub fn read(source: &mut dyn Source, sheet: Option<&str>, sink: &mut dyn RowSink) -> Result<HowRead, ImportError> {
    package::check(source)?;
    source.seek(SeekFrom::Start(0))?;
    let mut workbook: Xlsx<_> = Xlsx::new(BufReader::new(source)).map_err(unreadable)?;
    let names = workbook.sheet_names();
    let name = match sheet {
        Some(name) => names.iter().find(|there| *there == name).cloned().ok_or_else(|| ImportError::Sheet {
            name: name.to_owned(),
            there: names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", "),
        })?,
        None => names.first().cloned().ok_or_else(|| ImportError::Workbook("it has no sheet".to_owned()))?,
    };
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(unreadable)?;
    let mut table = Table { columns: None, row: None, sink };
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        if *cell.get_value() != DataRef::Empty {
            table.cell(row, column as usize, cell.get_value())?;
        }
    }
    table.end_row()?;
    if table.columns.is_none() {
        return Err(ImportError::Empty);
    }
    Ok(HowRead { format: Format::Xlsx, encoding: None, separator: None, sheet: Some(name) })
}

/// Makes rows of cells.
struct Table<'a> {
    /// How many there are, once the row of their names was read.
    columns: Option<usize>,
    /// The row that is being read.
    row: Option<Unfinished>,
    sink: &'a mut dyn RowSink,
}

#[derive(Default)]
struct Unfinished {
    place: u32,
    cells: Vec<String>,
    bytes: usize,
    fault: Option<String>,
}

impl Table<'_> {
    fn cell(&mut self, row: u32, column: usize, value: &DataRef<'_>) -> Result<(), ImportError> {
        let before = self.row.as_ref().map(|row| row.place);
        if row >= MAX_ROWS || before.is_some_and(|before| row < before) {
            return Err(ImportError::Workbook(format!("row {} stands where it cannot", u64::from(row) + 1)));
        }
        if before != Some(row) {
            self.end_row()?;
        }
        let unfinished = self.row.get_or_insert_with(|| Unfinished { place: row, ..Unfinished::default() });
        if column >= self.columns.unwrap_or(MAX_COLUMNS) {
            if self.columns.is_none() {
                return Err(ImportError::TooManyColumns { count: column + 1 });
            }
            let fault = || format!("the row has a cell behind the last of the {} columns", self.columns.unwrap_or(0));
            unfinished.fault.get_or_insert_with(fault);
            return Ok(());
        }
        match text(value) {
            Ok(text) => unfinished.put(column, text),
            Err(fault) => {
                unfinished.put(column, fault.clone())?;
                unfinished.fault.get_or_insert_with(|| format!("cell {} holds the error {fault}", column + 1));
                Ok(())
            }
        }
    }

    fn end_row(&mut self) -> Result<(), ImportError> {
        let Some(row) = self.row.take() else { return Ok(()) };
        if row.cells.iter().all(|cell| cell.trim().is_empty()) && row.fault.is_none() {
            return Ok(());
        }
        let Some(columns) = self.columns else {
            let names = column_names(row.cells.into_iter())?;
            self.columns = Some(names.len());
            return self.sink.columns(&names);
        };
        let mut cells = row.cells;
        cells.resize(columns, String::new());
        let cells = cells.into_iter().map(Cell::Text).collect();
        self.sink.row(Row { line: u64::from(row.place) + 1, cells, fault: row.fault })
    }
}

impl Unfinished {
    fn put(&mut self, column: usize, text: String) -> Result<(), ImportError> {
        let line = u64::from(self.place) + 1;
        if text.contains('\0') {
            return Err(ImportError::Nul { line });
        }
        self.bytes += text.len();
        if self.bytes > MAX_ROW {
            return Err(ImportError::RowTooLong { line });
        }
        if text.len() > MAX_CELL {
            self.fault.get_or_insert_with(|| format!("cell {} is longer than {MAX_CELL} bytes", column + 1));
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        self.cells[column] = text;
        Ok(())
    }
}

/// A value as text, or the error of the spreadsheet that stands in its place.
fn text(value: &DataRef<'_>) -> Result<String, String> {
    Ok(match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => number(*value),
        DataRef::DateTime(moment) if moment.is_datetime() => date(moment),
        DataRef::DateTime(duration) => number(duration.as_f64()),
        DataRef::Error(error) => return Err(error.to_string()),
    })
}

/// A number as people write it: whole ones without a fraction.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{value:.0}") } else { value.to_string() }
}

fn date(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date}T{hour:02}:{minute:02}:{second:02}") }
}

fn unreadable(error: XlsxError) -> ImportError {
    match error {
        XlsxError::Io(error) => error.into(),
        other => ImportError::Workbook(other.to_string()),
    }
}
