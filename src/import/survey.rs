//! The first pass over a file: all of it is read, nothing becomes of it yet.

use serde::{Deserialize, Serialize};

use super::csv::Separator;
use super::date::{DateOrder, Hint, hint};
use super::encoding::TextEncoding;
use super::error::ImportError;
use super::mapping::{Mapping, MappingOptions};
use super::rows::{self, Cell, Format, HowRead, ReadOptions, Row, RowSink, Source};
use crate::scim::schema::ResourceType;

/// Rows that are kept for a look at the file.
const PREVIEW: usize = 20;

/// What is told of a file.
#[derive(Debug, Clone, Default)]
pub struct SurveyOptions {
    /// How it is to be read.
    pub read: ReadOptions,
    /// What its columns mean.
    pub mapping: MappingOptions,
}

/// What a file was found to be: readable to its end, and with columns that make sense.
#[derive(Debug, Clone)]
pub struct Survey {
    how: HowRead,
    /// What its columns mean.
    pub mapping: Mapping,
    /// How many rows it has, without that of the names.
    pub rows: u64,
    /// The first rows.
    pub preview: Vec<Row>,
}

impl Survey {
    /// Its format.
    pub fn format(&self) -> Format {
        self.how.format
    }

    /// The encoding of its text; a workbook has none.
    pub fn encoding(&self) -> Option<TextEncoding> {
        self.how.encoding
    }

    /// What stands between the cells of CSV.
    pub fn separator(&self) -> Option<Separator> {
        self.how.separator
    }

    /// The sheet of a workbook.
    pub fn sheet(&self) -> Option<&str> {
        self.how.sheet.as_deref()
    }
}

/// Reads a file to its end and finds out what it is. `user` tells the types of attributes.
///
/// # Errors
/// Why the file is refused as a whole.
pub fn survey(source: &mut dyn Source, options: &SurveyOptions, user: &ResourceType) -> Result<Survey, ImportError> {
    let mapping = Mapping::new(options.mapping.clone());
    let surveyor = Surveyor { mapping, user, rows: 0, preview: Vec::new(), dates: Vec::new(), looks_at_all: false };
    let (mut survey, dates) = surveyor.read(source, &options.read)?;
    survey.mapping.check()?;
    survey.mapping.put_dates(dates.iter())?;
    Ok(survey)
}

/// Reads a file to its end before anybody has told what its columns mean: they are guessed, and may make no sense.
///
/// # Errors
/// Why the file is refused as a whole.
pub fn look(
    source: &mut dyn Source,
    options: &ReadOptions,
    user: &ResourceType,
) -> Result<(Survey, Looked), ImportError> {
    let mapping = Mapping::new(MappingOptions::default());
    let surveyor = Surveyor { mapping, user, rows: 0, preview: Vec::new(), dates: Vec::new(), looks_at_all: true };
    let (survey, dates) = surveyor.read(source, options)?;
    let columns = survey.mapping.names().into_iter().zip(dates);
    let looked = Looked {
        format: survey.format(),
        encoding: survey.encoding().map(|encoding| encoding.name().to_owned()),
        separator: survey.separator().map(|separator| separator.to_string()),
        sheet: survey.sheet().map(str::to_owned),
        rows: survey.rows,
        columns: columns.map(|(name, dates)| LookedColumn { name, dates }).collect(),
    };
    Ok((survey, looked))
}

/// What a file was found to be before its columns meant anything: enough to say later what they mean, without the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// Its format.
    pub format: Format,
    /// The encoding of its text; a workbook has none.
    pub encoding: Option<String>,
    /// What stands between the cells of CSV.
    pub separator: Option<String>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// How many rows it has, without that of the names.
    pub rows: u64,
    /// Its columns in their order.
    pub columns: Vec<LookedColumn>,
}

/// A column of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookedColumn {
    /// Its name.
    pub name: String,
    pub(super) dates: DatesSeen,
}

/// The second pass: hands all rows over, one after the other, until one is not taken.
///
/// # Errors
/// What `each` says; or that the file cannot be read any more.
pub fn read_rows<E: From<ImportError>>(
    source: &mut dyn Source,
    survey: &Survey,
    each: impl FnMut(Row) -> Result<(), E>,
) -> Result<(), E> {
    let how = &survey.how;
    let options = ReadOptions {
        format: Some(how.format),
        encoding: how.encoding,
        separator: how.separator,
        sheet: how.sheet.clone(),
    };
    let mut hand_over = HandOver { each, refused: None };
    let read = rows::read(source, &options, &mut hand_over);
    match hand_over.refused {
        Some(error) => Err(error),
        None => read.map(|_| ()).map_err(E::from),
    }
}

struct Surveyor<'a> {
    mapping: Mapping,
    user: &'a ResourceType,
    rows: u64,
    preview: Vec<Row>,
    /// What was seen in each column.
    dates: Vec<DatesSeen>,
    /// Whether any column may turn out to hold dates.
    looks_at_all: bool,
}

impl Surveyor<'_> {
    fn read(mut self, source: &mut dyn Source, options: &ReadOptions) -> Result<(Survey, Vec<DatesSeen>), ImportError> {
        let how = rows::read(source, options, &mut self)?;
        let Self { mapping, rows, preview, dates, .. } = self;
        if rows == 0 {
            return Err(if mapping.columns.is_empty() { ImportError::Empty } else { ImportError::HeaderOnly });
        }
        Ok((Survey { how, mapping, rows, preview }, dates))
    }
}

impl RowSink for Surveyor<'_> {
    fn columns(&mut self, names: &[String]) -> Result<(), ImportError> {
        self.mapping.learn(names, self.user)?;
        self.dates.resize(names.len(), DatesSeen::default());
        Ok(())
    }

    fn row(&mut self, row: Row) -> Result<(), ImportError> {
        self.rows += 1;
        for ((column, seen), cell) in self.mapping.columns.iter().zip(&mut self.dates).zip(&row.cells) {
            if let Cell::Text(text) = cell
                && (self.looks_at_all || column.has_dates())
            {
                seen.note(text.trim());
            }
        }
        if self.preview.len() < PREVIEW {
            self.preview.push(row);
        }
        Ok(())
    }
}

/// The dates of one column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DatesSeen {
    day_first: bool,
    month_first: bool,
    either: Option<String>,
}

impl DatesSeen {
    fn note(&mut self, text: &str) {
        match hint(text) {
            Hint::Nothing => {}
            Hint::Only(DateOrder::DayFirst) => self.day_first = true,
            Hint::Only(DateOrder::MonthFirst) => self.month_first = true,
            Hint::Either => {
                self.either.get_or_insert_with(|| text.to_owned());
            }
        }
    }

    pub(super) fn order(&self, column: &str) -> Result<Option<DateOrder>, ImportError> {
        let column = column.to_owned();
        match (self.day_first, self.month_first, &self.either) {
            (true, true, _) => Err(ImportError::ContradictoryDates { column }),
            (true, false, _) => Ok(Some(DateOrder::DayFirst)),
            (false, true, _) => Ok(Some(DateOrder::MonthFirst)),
            (false, false, Some(example)) => Err(ImportError::AmbiguousDates { column, example: example.clone() }),
            // Dates that are the same in each order need some order.
            (false, false, None) => Ok(Some(DateOrder::DayFirst)),
        }
    }
}

struct HandOver<E, F> {
    each: F,
    refused: Option<E>,
}

impl<E, F: FnMut(Row) -> Result<(), E>> RowSink for HandOver<E, F> {
    fn columns(&mut self, _: &[String]) -> Result<(), ImportError> {
        Ok(())
    }

    fn row(&mut self, row: Row) -> Result<(), ImportError> {
        (self.each)(row).map_err(|error| {
            self.refused = Some(error);
            // Only ends the reading; what is told is above.
            ImportError::Empty
        })
    }
}
