//! Rows, whatever the format of their file: told apart by the first bytes, and handed over one by one.

use std::fmt;
use std::io::{Read, Seek, SeekFrom};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::csv::Separator;
use super::encoding::{TextEncoding, Utf8Reader};
use super::error::ImportError;
use super::{csv, json, xlsx};

/// What a file is read from.
pub trait Source: Read + Seek {}

impl<T: Read + Seek> Source for T {}

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Rows of cells with separators between them.
    Csv,
    /// One array of objects, or an object after the other, usually one a line.
    Json,
    /// A workbook of Excel and others.
    Xlsx,
}

impl Format {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Xlsx => "xlsx",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Csv, Self::Json, Self::Xlsx]
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or_else(|| format!("\"{text}\" is no format; use csv, json or xlsx"))
    }
}

/// How a file is to be read. What is not told is found out.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The format.
    pub format: Option<Format>,
    /// The encoding of CSV and JSON; a byte order mark goes before it.
    pub encoding: Option<TextEncoding>,
    /// The separator of CSV.
    pub separator: Option<Separator>,
    /// The sheet of a workbook; the first one if it is not told.
    pub sheet: Option<String>,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// Text, as in CSV and XLSX.
    Text(String),
    /// A value of JSON.
    Value(Value),
}

impl Cell {
    /// Whether nothing is told.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Value(value) => value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()),
        }
    }
}

/// A row of a file, or an object of a JSON file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The line it begins at, counted from 1; in a workbook the row.
    pub line: u64,
    /// Its cells in the order of the columns. Those at the end may be missing.
    pub cells: Vec<Cell>,
    /// Why the row cannot be taken, if it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

impl Row {
    /// About how many bytes it takes up.
    pub fn size(&self) -> usize {
        let cell = |cell: &Cell| match cell {
            Cell::Text(text) => text.len(),
            Cell::Value(value) => value.to_string().len(),
        };
        self.cells.iter().map(cell).sum::<usize>() + size_of::<Cell>() * self.cells.len()
    }
}

/// Takes rows as they come. Columns come first, and once more whenever there are further ones (in JSON each object may bring
/// some); they only ever grow.
pub trait RowSink {
    /// The columns so far.
    fn columns(&mut self, names: &[String]) -> Result<(), ImportError>;
    /// A row.
    fn row(&mut self, row: Row) -> Result<(), ImportError>;
}

/// How a file was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HowRead {
    pub format: Format,
    pub encoding: Option<TextEncoding>,
    pub separator: Option<Separator>,
    pub sheet: Option<String>,
}

/// Hands all rows of a file over.
pub fn read(source: &mut dyn Source, options: &ReadOptions, sink: &mut dyn RowSink) -> Result<HowRead, ImportError> {
    source.seek(SeekFrom::Start(0))?;
    let mut start = Vec::new();
    (&mut *source).take(8).read_to_end(&mut start)?;
    source.seek(SeekFrom::Start(0))?;
    let packed = start.starts_with(b"PK\x03\x04");
    if let Some(other) = other_format(&start) {
        return Err(ImportError::OtherFormat(other));
    }
    if packed || options.format == Some(Format::Xlsx) {
        return xlsx::read(source, options.sheet.as_deref(), sink);
    }
    let mut text = Utf8Reader::new(source, options.encoding);
    let mut head = Vec::new();
    text.by_ref().take(csv::SAMPLE).read_to_end(&mut head)?;
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace()).ok_or(ImportError::Empty)?;
    let format = options.format.unwrap_or(if matches!(first, b'[' | b'{') { Format::Json } else { Format::Csv });
    let how = HowRead { format, encoding: None, separator: None, sheet: None };
    let how = match format {
        Format::Json => {
            json::read(&head, &mut text, sink)?;
            how
        }
        _ => {
            let separator = options.separator.unwrap_or_else(|| csv::separator_of(&head));
            csv::read(&head, &mut text, separator, sink)?;
            HowRead { separator: Some(separator), ..how }
        }
    };
    Ok(HowRead { encoding: Some(text.encoding()), ..how })
}

/// What other files are called that are sent by mistake.
fn other_format(start: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 6] = [
        (b"\xD0\xCF\x11\xE0", "a workbook of an old Excel (.xls), or protected by a password"),
        (b"\x1F\x8B", "compressed with gzip"),
        (b"7z\xBC\xAF", "compressed with 7-Zip"),
        (b"Rar!", "compressed with RAR"),
        (b"%PDF", "a PDF document"),
        (b"\x28\xB5\x2F\xFD", "compressed with zstd"),
    ];
    KNOWN.iter().find(|(mark, _)| start.starts_with(mark)).map(|(_, name)| *name)
}

/// Column names as they are used: trimmed, those without a name called by their place.
pub fn column_names(cells: impl Iterator<Item = String>) -> Result<Vec<String>, ImportError> {
    let mut names: Vec<String> = cells.map(|cell| cell.trim().to_owned()).collect();
    while names.last().is_some_and(String::is_empty) {
        names.pop();
    }
    if names.len() > super::MAX_COLUMNS {
        return Err(ImportError::TooManyColumns { count: names.len() });
    }
    for (place, name) in names.iter_mut().enumerate() {
        if name.is_empty() {
            *name = format!("#{}", place + 1);
        }
    }
    let mut seen = std::collections::HashSet::new();
    match names.iter().find(|name| !seen.insert(name.to_lowercase())) {
        Some(twice) => Err(ImportError::DuplicateColumn(twice.clone())),
        None => Ok(names),
    }
}
