//! Files of people: those that wait, and what one of them is to become.

use askama::Template;

use super::{Choice, Moment, Notice, Shell, Status, Tone};

/// Files that wait, and the form for another one.
#[derive(Template)]
#[template(path = "imports.html")]
pub struct Imports {
    /// What stands around it.
    pub shell: Shell,
    /// Whether the tenant takes records.
    pub enabled: bool,
    /// How large a file may be.
    pub most: String,
    /// What is saved that may fit, if anything is.
    pub mapping: Option<Asked>,
    /// How the file is to be read: what the form asks, and what was chosen.
    pub reading: Vec<Asked>,
    /// The sheet of a workbook.
    pub sheet: String,
    /// Whether something of that was told.
    pub told: bool,
    /// The roles that there are templates for; the first is none.
    pub roles: Vec<Choice>,
    /// The files that wait.
    pub uploads: Vec<UploadRow>,
    /// What is saved about files.
    pub mappings: Vec<SavedMapping>,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// A question of a form with what can be chosen.
pub struct Asked {
    /// Its name in the form, and its id.
    pub id: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What can be chosen.
    pub choices: Vec<Choice>,
}

/// A file that waits.
pub struct UploadRow {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// How many rows it has, and of what kind it is.
    pub told: String,
    /// Who sent it.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Until when it is kept.
    pub expires: Moment,
}

/// What is saved about files under a name.
pub struct SavedMapping {
    /// The name.
    pub name: String,
    /// How many columns it tells.
    pub columns: usize,
    /// When it was saved.
    pub modified: Moment,
}

/// One file, before it is imported.
#[derive(Template)]
#[template(path = "import.html")]
pub struct ImportPage {
    /// What stands around it.
    pub shell: Shell,
    /// Its own address.
    pub here: String,
    /// What the file is called.
    pub name: String,
    /// What it was found to be.
    pub told: String,
    /// How many rows it has.
    pub rows: String,
    /// Who sent it.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Until when it is kept.
    pub expires: Moment,
    /// Its columns.
    pub columns: Vec<ColumnChoice>,
    /// What is to become of people, what empty cells mean, and how dates are written.
    pub asked: Vec<Asked>,
    /// Saved mappings to choose from; the first is none.
    pub mappings: Vec<Choice>,
    /// The name of the one that was chosen.
    pub mapping: String,
    /// How those will sign in who are new, where that needs a word.
    pub note: Option<&'static str>,
    /// What would become of the first rows.
    pub preview: Option<Preview>,
    /// The last dry run of all rows.
    pub tried: Option<(String, String)>,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// A column of a file.
pub struct ColumnChoice {
    /// The name in the form.
    pub field: String,
    /// The column's name.
    pub name: String,
    /// What stands in its first cells.
    pub samples: Vec<String>,
    /// Fields of people.
    pub fields: Vec<Choice>,
    /// Attributes that this tenant's users have besides.
    pub attributes: Vec<Choice>,
    /// Whether it tells nothing.
    pub left_out: bool,
}

/// What would become of the first rows of a file.
pub struct Preview {
    /// How many come to what.
    pub counts: Vec<Status>,
    /// Which rows these are.
    pub told: String,
    /// They.
    pub rows: Vec<PreviewRow>,
}

/// A row of a file and what would become of it.
pub struct PreviewRow {
    /// The line it begins at.
    pub line: u64,
    /// Whom it tells of.
    pub who: String,
    /// What else says who that is.
    pub second: Option<String>,
    /// What would become of it.
    pub status: Status,
    /// Why it would fail.
    pub reason: Option<String>,
    /// Its cells that are not empty, by the names of their columns.
    pub cells: Vec<(String, String)>,
}
