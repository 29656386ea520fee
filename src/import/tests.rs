//! Files as people make them, and as nobody should.

mod csv;
mod encodings;
mod hostile;
mod json;
mod mapping;
mod properties;
mod workbook;
mod xlsx;

use std::io::Cursor;

use super::{ImportError, MappingOptions, Row, Survey, SurveyOptions, read_rows, survey};
use crate::model::{Record, RecordFailure};
use crate::scim::schema::ResourceType;
use crate::scim::schema::builtin;

/// The resource type of users without schemas of a tenant's own.
fn user() -> ResourceType {
    builtin().named("User").unwrap().as_ref().clone()
}

/// Survey of a file.
fn surveyed(bytes: &[u8], options: &SurveyOptions) -> Result<Survey, ImportError> {
    survey(&mut Cursor::new(bytes), options, &user())
}

/// Options that map columns.
fn mapped(columns: &[(&str, &str)]) -> SurveyOptions {
    let columns = columns.iter().map(|(column, field)| ((*column).to_owned(), (*field).to_owned())).collect();
    SurveyOptions { mapping: MappingOptions { columns, ..MappingOptions::default() }, ..SurveyOptions::default() }
}

/// All rows of a file.
fn rows(bytes: &[u8], options: &SurveyOptions) -> Result<Vec<Row>, ImportError> {
    let survey = surveyed(bytes, options)?;
    let mut rows = Vec::new();
    read_rows(&mut Cursor::new(bytes), &survey, |row| -> Result<(), ImportError> {
        rows.push(row);
        Ok(())
    })?;
    assert_eq!(rows.len() as u64, survey.rows);
    Ok(rows)
}

/// All people of a file.
fn people(bytes: &[u8], options: &SurveyOptions) -> Result<Vec<Result<Record, RecordFailure>>, ImportError> {
    let survey = surveyed(bytes, options)?;
    Ok(rows(bytes, options)?.iter().map(|row| survey.mapping.record(row)).collect())
}

/// All people of a file in which nothing is wrong.
#[track_caller]
fn good(bytes: &[u8], options: &SurveyOptions) -> Vec<Record> {
    people(bytes, options).unwrap().into_iter().map(Result::unwrap).collect()
}

/// What is said of a file that is refused.
#[track_caller]
fn refusal(bytes: &[u8]) -> String {
    surveyed(bytes, &SurveyOptions::default()).unwrap_err().to_string()
}
