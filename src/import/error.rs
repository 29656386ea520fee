//! Why a file is refused as a whole.

use std::io;

use super::field::Field;
use super::{MAX_COLUMNS, MAX_ROW, MAX_UNPACKED};

/// Why a file is refused as a whole. Nothing of it was written then.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum ImportError {
    #[error("the file cannot be read: {0}")]
    Io(io::Error),
    #[error("the file is empty; send one with a row of column names and rows below it")]
    Empty,
    #[error("the file has column names and no rows; add rows below them")]
    HeaderOnly,
    #[error("the file has {count} columns or more, and {MAX_COLUMNS} are taken; leave out those that are not needed")]
    TooManyColumns { count: usize },
    #[error("two columns are called \"{0}\"; give each a name of its own")]
    DuplicateColumn(String),
    #[error(
        "the row at line {line} is longer than {MAX_ROW} bytes; if it is not meant to be, a quotation mark is open before it"
    )]
    RowTooLong { line: u64 },
    #[error("line {line} holds a NUL character, so the file is not text, or not in the encoding that it was taken for")]
    Nul { line: u64 },
    #[error("line {line} is not {encoding}; save the file as UTF-8, or tell its encoding")]
    Encoding { line: u64, encoding: &'static str },
    #[error(
        "line {line} has another encoding than the lines before it (UTF-8 and Windows-1252 are mixed); save the file as UTF-8"
    )]
    MixedEncodings { line: u64 },
    #[error(
        "the file looks as if its encoding were {0}, which is not taken unasked; save it as UTF-8, or tell the encoding"
    )]
    UnsureEncoding(&'static str),
    #[error("the lines end with a carriage return alone, as on old Macintoshes; save the file with line feeds")]
    OldLineEnds,
    #[error("the file is {0}; save it as CSV or XLSX")]
    OtherFormat(&'static str),
    #[error("the file is no XLSX workbook that can be read: {0}")]
    Workbook(String),
    #[error("the workbook unpacks to more than {} MiB; split it, or save it as CSV", MAX_UNPACKED >> 20)]
    Unpacked,
    #[error("a part of the workbook unpacks to {0} times its size, as no sheet does; save it as CSV")]
    Bomb(u64),
    #[error("the workbook has no sheet \"{name}\"; it has {there}")]
    Sheet { name: String, there: String },
    #[error("line {line}: {detail}")]
    Json { line: u64, detail: String },
    #[error("there is no column \"{name}\"; the file has {there}")]
    UnknownColumn { name: String, there: String },
    #[error("there is no field \"{0}\"; there are {names}, and attributes.<path> for any other of a user", names = Field::NAMES.join(", "))]
    UnknownField(String),
    #[error("users have no attribute \"{0}\"; map the column to one that their schemas have, or leave it out")]
    UnknownAttribute(String),
    #[error("the columns \"{first}\" and \"{second}\" are both mapped to {field}; map one of them")]
    SameField { first: String, second: String, field: Field },
    #[error("the column \"{0}\" tells passwords, which are not taken from files; leave it out")]
    Password(String),
    #[error("no column tells the employeeId or the email of a person; map one, or name it so (there are {0})")]
    NoKey(String),
    #[error(
        "the dates of the column \"{column}\" (\"{example}\") may mean day or month first; tell which of them is meant"
    )]
    AmbiguousDates { column: String, example: String },
    #[error(
        "the column \"{column}\" has dates with the day first and dates with the month first; tell which is meant, and mend the others"
    )]
    ContradictoryDates { column: String },
}

/// Readers pass our errors through the crates between us; here they come out again.
impl From<io::Error> for ImportError {
    fn from(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(own) => own,
            Err(error) => Self::Io(error),
        }
    }
}

impl From<ImportError> for io::Error {
    fn from(error: ImportError) -> Self {
        Self::other(error)
    }
}
