//! What a file was found to be, as it is shown.

use serde::Serialize;
use utoipa::ToSchema;

use crate::import::{Meaning, Survey};

/// What a file was found to be.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileView {
    /// `csv`, `json` or `xlsx`
    format: &'static str,
    /// The encoding of its text; a workbook has none
    encoding: Option<&'static str>,
    /// What stands between the cells of CSV
    separator: Option<String>,
    /// The sheet of a workbook
    sheet: Option<String>,
    /// How many rows it has, without that of the names
    rows: u64,
    /// Its columns in their order
    columns: Vec<ColumnView>,
    /// The columns that tell nothing, though nobody said so
    unmapped: Vec<String>,
}

/// A column.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ColumnView {
    /// Its name
    name: String,
    /// The field that it tells
    field: Option<String>,
    /// Whether that was told; it was guessed otherwise
    told: bool,
}

impl From<&Survey> for FileView {
    fn from(survey: &Survey) -> Self {
        let columns = survey.mapping.columns.iter().map(|column| ColumnView {
            name: column.name.clone(),
            field: match &column.meaning {
                Meaning::Field(field) => Some(field.to_string()),
                Meaning::LeftOut | Meaning::Unknown => None,
            },
            told: column.told,
        });
        Self {
            format: survey.format().as_str(),
            encoding: survey.encoding().map(|encoding| encoding.name()),
            separator: survey.separator().map(|separator| separator.to_string()),
            sheet: survey.sheet().map(str::to_owned),
            rows: survey.rows,
            columns: columns.collect(),
            unmapped: survey.mapping.unmapped().map(str::to_owned).collect(),
        }
    }
}
