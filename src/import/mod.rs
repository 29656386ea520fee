//! Files of people: CSV, JSON, JSON lines and XLSX become [`Record`](crate::model::Record)s, and the rows that failed
//! become a file again that can be mended and sent once more.
//!
//! Pure: whatever is read comes through a [`Source`] that is handed in, and nothing here knows where it came from or what
//! becomes of the records. A file is read twice. The first pass ([`survey`]) reads all of it and writes nothing: it refuses
//! what is broken as a whole, finds out what the columns mean, and counts. The second ([`read_rows`]) hands over one row after
//! the other. So a file that is refused has changed nothing, however late its fault stands.
//!
//! Memory does not grow with the number of rows. An XLSX file's shared texts are the exception: the format wants them all at
//! hand, so they are bounded by what such a file may unpack to ([`MAX_UNPACKED`]).

mod convert;
mod csv;
mod date;
mod encoding;
mod error;
mod field;
mod json;
mod list;
mod mapping;
mod package;
mod profile;
mod rejects;
mod rows;
mod survey;
mod template;
#[cfg(test)]
mod tests;
mod xlsx;

pub use self::csv::Separator;
pub use date::DateOrder;
pub use encoding::TextEncoding;
pub use error::ImportError;
pub use field::Field;
pub use mapping::{Column, EmptyCell, Mapping, MappingOptions, Meaning};
pub use package::MAX_UNPACKED;
pub use profile::ImportProfile;
pub use rejects::{REASON, RejectWriter};
pub use rows::{Cell, Format, ReadOptions, Row, Source};
pub use survey::{Looked, LookedColumn, Survey, SurveyOptions, look, read_rows, survey};
pub use template::{template, template_columns, template_workbook};

/// The longest cell, in bytes.
pub const MAX_CELL: usize = 64 << 10;
/// The longest row, in bytes.
pub const MAX_ROW: usize = 1 << 20;
/// The columns of a file at most.
pub const MAX_COLUMNS: usize = 200;
