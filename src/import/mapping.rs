//! Which column tells which field: told, or guessed by its name.

use serde_json::Value;

use super::convert::{Kind, Rules, put};
use super::date::DateOrder;
use super::error::ImportError;
use super::field::{self, Field};
use super::rejects::REASON;
use super::rows::{Cell, Row};
use super::survey::{DatesSeen, Looked};
use crate::model::{Record, RecordCode, RecordFailure};
use crate::scim::json;
use crate::scim::schema::ResourceType;

/// What an empty cell means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EmptyCell {
    /// The field is not told, and stays as it is.
    #[default]
    Keep,
    /// The field is emptied.
    Clear,
}

/// What is told of the columns.
#[derive(Debug, Clone, Default)]
pub struct MappingOptions {
    /// Columns and their fields; an empty field leaves the column out.
    pub columns: Vec<(String, String)>,
    /// The order of dates.
    pub dates: Option<DateOrder>,
    /// What empty cells mean.
    pub empty: EmptyCell,
    /// The identity provider of rows that name none.
    pub identity_provider: Option<String>,
}

impl MappingOptions {
    /// Reads `column=field`.
    ///
    /// # Errors
    /// What to write instead.
    pub fn column(text: &str) -> Result<(String, String), String> {
        let parts = text.rsplit_once('=').filter(|(column, _)| !column.trim().is_empty());
        let (column, field) = parts.ok_or_else(|| format!("\"{text}\" is not of the form column=field"))?;
        Ok((column.trim().to_owned(), field.trim().to_owned()))
    }
}

/// What a column was found to mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// It tells a field.
    Field(Field),
    /// It is left out because that was told, or because we wrote it ourselves: the reason of a row that was refused.
    LeftOut,
    /// Nobody knows.
    Unknown,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it means.
    pub meaning: Meaning,
    /// Whether that was told.
    pub told: bool,
    kind: Kind,
    pub(super) dates: Option<DateOrder>,
}

impl Column {
    /// Whether passwords stand in it.
    fn is_secret(&self) -> bool {
        field::is_secret(&self.name)
            || matches!(&self.meaning, Meaning::Field(field) if field::is_secret(&field.to_string()))
    }

    /// Whether its cells are dates.
    pub(super) fn has_dates(&self) -> bool {
        self.kind.is_date()
    }
}

/// The meaning of all columns.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The columns in their order.
    pub columns: Vec<Column>,
    options: MappingOptions,
}

impl Mapping {
    /// A mapping without columns.
    pub(super) fn new(options: MappingOptions) -> Self {
        Self { columns: Vec::new(), options }
    }

    /// The meaning of the columns of a file that was looked at, by what is told of them by now.
    ///
    /// # Errors
    /// Why they make no sense.
    pub fn of(looked: &Looked, options: MappingOptions, user: &ResourceType) -> Result<Self, ImportError> {
        let names: Vec<String> = looked.columns.iter().map(|column| column.name.clone()).collect();
        let mut mapping = Self::new(options);
        mapping.learn(&names, user)?;
        mapping.check()?;
        mapping.put_dates(looked.columns.iter().map(|column| &column.dates))?;
        Ok(mapping)
    }

    /// What the columns of a file that was looked at are likely to mean, whether that makes sense or not.
    pub fn guessed(looked: &Looked, user: &ResourceType) -> Self {
        let names: Vec<String> = looked.columns.iter().map(|column| column.name.clone()).collect();
        let mut mapping = Self::new(MappingOptions::default());
        // Nothing was told that could be wrong.
        let _ = mapping.learn(&names, user);
        mapping
    }

    /// Gives the columns of dates the order in which they were seen, unless it was told.
    pub(super) fn put_dates<'a>(&mut self, seen: impl Iterator<Item = &'a DatesSeen>) -> Result<(), ImportError> {
        if self.options.dates.is_some() {
            return Ok(());
        }
        for (column, seen) in self.columns.iter_mut().zip(seen).filter(|(column, _)| column.has_dates()) {
            column.dates = seen.order(&column.name)?;
        }
        Ok(())
    }

    /// Takes in the columns that are new; `names` are all of them.
    pub(super) fn learn(&mut self, names: &[String], user: &ResourceType) -> Result<(), ImportError> {
        for name in &names[self.columns.len().min(names.len())..] {
            let column = self.told(name)?;
            let column = column.unwrap_or_else(|| Column {
                name: name.clone(),
                meaning: if name.eq_ignore_ascii_case(REASON) { Meaning::LeftOut } else { Meaning::Unknown },
                told: false,
                kind: Kind::TEXT,
                dates: self.options.dates,
            });
            self.columns.push(column);
        }
        self.guess(user);
        for column in &mut self.columns {
            if let Meaning::Field(Field::Attribute(path)) = &column.meaning {
                if column.told && !field::has_attribute(user, path) {
                    return Err(ImportError::UnknownAttribute(path.clone()));
                }
                column.kind = Kind::of(path, user);
            }
        }
        Ok(())
    }

    fn told(&self, name: &str) -> Result<Option<Column>, ImportError> {
        let told = self.options.columns.iter().find(|(column, _)| column.eq_ignore_ascii_case(name));
        let Some((_, field)) = told else { return Ok(None) };
        let meaning = match field.as_str() {
            "" => Meaning::LeftOut,
            text => Meaning::Field(text.parse().map_err(|()| ImportError::UnknownField(text.to_owned()))?),
        };
        Ok(Some(Column { name: name.to_owned(), meaning, told: true, kind: Kind::TEXT, dates: self.options.dates }))
    }

    /// Gives fields to columns whose meaning is not known; a field that has a column gets no second one.
    fn guess(&mut self, user: &ResourceType) {
        for place in 0..self.columns.len() {
            let column = &self.columns[place];
            if column.meaning != Meaning::Unknown {
                continue;
            }
            let Some(field) = Field::guess(&column.name, user).map(Meaning::Field) else { continue };
            if !self.columns.iter().any(|column| column.meaning == field) {
                self.columns[place].meaning = field;
            }
        }
        self.guess_family_name();
    }

    /// Beside `Vorname` and without a family name, `Name` is that: German files say so.
    fn guess_family_name(&mut self) {
        let means = |column: &Column, field: Field| column.meaning == Meaning::Field(field);
        let is_vorname =
            |column: &Column| means(column, Field::FirstName) && column.name.trim().eq_ignore_ascii_case("vorname");
        if !self.columns.iter().any(is_vorname) || self.columns.iter().any(|column| means(column, Field::LastName)) {
            return;
        }
        let is_name = |column: &&mut Column| {
            !column.told && means(column, Field::DisplayName) && column.name.trim().eq_ignore_ascii_case("name")
        };
        if let Some(column) = self.columns.iter_mut().find(is_name) {
            column.meaning = Meaning::Field(Field::LastName);
        }
    }

    /// Holds that the file as a whole makes sense, once all columns are known.
    pub(super) fn check(&self) -> Result<(), ImportError> {
        let there = || self.columns.iter().map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", ");
        let known = |name: &str| self.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
        if let Some((name, _)) = self.options.columns.iter().find(|(name, _)| !known(name)) {
            return Err(ImportError::UnknownColumn { name: name.clone(), there: there() });
        }
        for (place, column) in self.columns.iter().enumerate() {
            let Meaning::Field(field) = &column.meaning else { continue };
            if let Some(first) = self.columns[..place].iter().find(|before| before.meaning == column.meaning) {
                let (first, second) = (first.name.clone(), column.name.clone());
                return Err(ImportError::SameField { first, second, field: field.clone() });
            }
        }
        let secret = |column: &&Column| matches!(column.meaning, Meaning::Field(_)) && column.is_secret();
        if let Some(column) = self.columns.iter().find(secret) {
            return Err(ImportError::Password(column.name.clone()));
        }
        let is_key = |column: &Column| matches!(column.meaning, Meaning::Field(Field::EmployeeId | Field::Email));
        if self.columns.iter().any(is_key) { Ok(()) } else { Err(ImportError::NoKey(there())) }
    }

    /// The columns that tell nothing, though nobody said so.
    pub fn unmapped(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(|column| column.meaning == Meaning::Unknown).map(|column| column.name.as_str())
    }

    /// The names of the columns.
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The cells without those that may hold a password: what is kept of a file must not tell one.
    pub fn without_secrets(&self, mut cells: Vec<Cell>) -> Vec<Cell> {
        for (column, cell) in self.columns.iter().zip(&mut cells) {
            let may_tell = match (&column.meaning, &*cell) {
                (Meaning::Field(Field::Attributes), Cell::Text(text)) => field::is_secret(text),
                (Meaning::Field(Field::Attributes), Cell::Value(value)) => field::is_secret(&value.to_string()),
                _ => column.is_secret(),
            };
            if may_tell {
                *cell = Cell::Text(String::new());
            }
        }
        cells
    }

    /// The row without what may be a password, whatever its columns will be taken for: it is kept until they are. A row that would
    /// lose other attributes with it is at fault.
    pub fn without_passwords(&self, row: Row) -> Row {
        let Row { line, mut cells, mut fault } = row;
        for (column, cell) in self.columns.iter().zip(&mut cells) {
            let holds_one = match &*cell {
                Cell::Value(value @ (Value::Object(_) | Value::Array(_))) => field::is_secret(&value.to_string()),
                Cell::Text(text) if text.trim_start().starts_with(['{', '[']) => {
                    field::is_secret(text) && json::parse(text.as_bytes()).is_ok()
                }
                _ => false,
            };
            if holds_one {
                let told = format!("{} tells a password, which is not taken from files; leave it out", column.name);
                fault.get_or_insert(told);
            }
            if holds_one || column.is_secret() {
                *cell = Cell::Text(String::new());
            }
        }
        Row { line, cells, fault }
    }

    /// Whom a row that is no record is about, as far as it can be read: the employee id, the address and the names.
    pub fn person(&self, row: &Row) -> Record {
        let mut record = Record::default();
        if row.fault.is_some() {
            return record;
        }
        for (column, cell) in self.columns.iter().zip(&row.cells) {
            let Meaning::Field(field @ (Field::EmployeeId | Field::Email | Field::FirstName | Field::LastName)) =
                &column.meaning
            else {
                continue;
            };
            let rules = Rules { kind: column.kind, dates: None, empty: EmptyCell::Keep };
            // What cannot be read is told by the failure.
            let _ = put(&mut record, field, cell, rules);
        }
        record
    }

    /// The person that a row tells of.
    ///
    /// # Errors
    /// Everything that is wrong with the row.
    pub fn record(&self, row: &Row) -> Result<Record, RecordFailure> {
        let failure = |code, message: String, field: Option<String>| RecordFailure { code, message, field };
        if let Some(fault) = &row.fault {
            return Err(failure(RecordCode::InvalidValue, fault.clone(), None));
        }
        let mut record = Record::default();
        let mut wrong: Vec<(String, &Field)> = Vec::new();
        for (column, cell) in self.columns.iter().zip(&row.cells) {
            let Meaning::Field(field) = &column.meaning else { continue };
            let rules = Rules { kind: column.kind, dates: column.dates, empty: self.options.empty };
            if let Err(why) = put(&mut record, field, cell, rules) {
                wrong.push((format!("{} {why}", column.name), field));
            }
        }
        if let Some((_, field)) = wrong.first() {
            let field = Some(field.to_string());
            let all: Vec<&str> = wrong.iter().map(|(text, _)| text.as_str()).collect();
            return Err(failure(RecordCode::InvalidValue, format!("{}; correct it", all.join("; ")), field));
        }
        if record.identity_provider.as_ref().is_none_or(|named| named.trim().is_empty())
            && let Some(provider) = &self.options.identity_provider
        {
            record.identity_provider = Some(provider.clone());
        }
        if record.employee_id.is_none() && record.email.is_none() {
            let message = "the row tells neither an employeeId nor an email; one of them is needed".to_owned();
            return Err(failure(RecordCode::KeyMissing, message, None));
        }
        Ok(record)
    }
}
