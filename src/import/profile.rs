//! What is told of a file, as text: in a form, or saved for all files of a kind.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::error::ImportError;
use super::field::Field;
use super::mapping::{EmptyCell, MappingOptions};
use super::rows::ReadOptions;
use super::survey::SurveyOptions;

/// What is told of a file. What is left out is found out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ImportProfile {
    /// The fields that columns tell; an empty one leaves the column out
    #[schema(required = false)]
    pub columns: BTreeMap<String, String>,
    /// `csv`, `json` or `xlsx`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The encoding of text, for example `windows-1252`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// What stands between the cells of CSV: `comma`, `semicolon`, `tab` or `bar`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// The sheet of a workbook
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The order of dates with slashes: `dmy` or `mdy`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<String>,
    /// What an empty cell means: `keep` or `clear`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub empty: Option<String>,
    /// The identity provider of rows that name none: its id, name or prefix
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_provider: Option<String>,
}

impl ImportProfile {
    /// What it says.
    ///
    /// # Errors
    /// What cannot be meant: the names and why, all of them.
    pub fn options(&self) -> Result<SurveyOptions, Vec<(&'static str, String)>> {
        let mut wrong = Vec::new();
        let read = ReadOptions {
            format: parsed("format", self.format.as_ref(), &mut wrong),
            encoding: parsed("encoding", self.encoding.as_ref(), &mut wrong),
            separator: parsed("separator", self.separator.as_ref(), &mut wrong),
            sheet: self.sheet.clone(),
        };
        if let Some(field) = self.columns.values().find(|field| !field.is_empty() && field.parse::<Field>().is_err()) {
            wrong.push(("columns", ImportError::UnknownField(field.clone()).to_string()));
        }
        let mapping = MappingOptions {
            columns: self.columns.iter().map(|(column, field)| (column.clone(), field.clone())).collect(),
            dates: parsed("dates", self.dates.as_ref(), &mut wrong),
            empty: parsed("empty", self.empty.as_ref(), &mut wrong).unwrap_or_default(),
            identity_provider: self.identity_provider().map(str::to_owned),
        };
        if wrong.is_empty() { Ok(SurveyOptions { read, mapping }) } else { Err(wrong) }
    }

    /// The identity provider of rows that name none, if one is told.
    pub fn identity_provider(&self) -> Option<&str> {
        self.identity_provider.as_deref().map(str::trim).filter(|named| !named.is_empty())
    }

    /// The same with what `other` tells in the place of what this one does.
    pub fn overlaid(mut self, other: Self) -> Self {
        self.columns.extend(other.columns);
        Self {
            columns: self.columns,
            format: other.format.or(self.format),
            encoding: other.encoding.or(self.encoding),
            separator: other.separator.or(self.separator),
            sheet: other.sheet.or(self.sheet),
            dates: other.dates.or(self.dates),
            empty: other.empty.or(self.empty),
            identity_provider: other.identity_provider.or(self.identity_provider),
        }
    }
}

fn parsed<T: std::str::FromStr<Err = String>>(
    name: &'static str,
    text: Option<&String>,
    wrong: &mut Vec<(&'static str, String)>,
) -> Option<T> {
    text.and_then(|text| text.parse().map_err(|why| wrong.push((name, why))).ok())
}

impl std::str::FromStr for EmptyCell {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "keep" => Ok(Self::Keep),
            "clear" => Ok(Self::Clear),
            _ => Err(format!("\"{text}\" is neither keep nor clear")),
        }
    }
}
