//! Work on many records in the background.

use askama::Template;

use super::{Moment, Notice, Pager, Shell, Status, Tone};

/// The tasks of a tenant.
#[derive(Template)]
#[template(path = "tasks.html")]
pub struct Tasks {
    /// What stands around it.
    pub shell: Shell,
    /// Whether the tenant takes records.
    pub enabled: bool,
    /// The newest first.
    pub tasks: Vec<TaskRow>,
    /// The way to the others.
    pub pager: Pager,
}

/// A task in the list.
pub struct TaskRow {
    /// Its number.
    pub id: String,
    /// What it does.
    pub kind: String,
    /// How far it is.
    pub status: Status,
    /// How many records are done.
    pub progress: String,
    /// How many came to nothing.
    pub failed: Option<String>,
    /// Who asked for it.
    pub by: String,
    /// When.
    pub at: Moment,
}

/// One task.
#[derive(Template)]
#[template(path = "task.html")]
pub struct TaskPage {
    /// What stands around it.
    pub shell: Shell,
    /// Its own address.
    pub here: String,
    /// Its number.
    pub id: String,
    /// What it does.
    pub kind: String,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// Who asked for it.
    pub by: String,
    /// When.
    pub at: Moment,
    /// When it ended.
    pub ended: Option<Moment>,
    /// The task whose failed records it repeats, and its address.
    pub retry_of: Option<(String, String)>,
    /// How far it is.
    pub progress: TaskProgress,
    /// Whether it can be cancelled.
    pub cancels: bool,
    /// How many records can be tried again.
    pub retries: Option<String>,
    /// Whether the rows that failed can be had as a file.
    pub rejects: bool,
    /// The file that was tried and waits to be imported: its address and how many rows it has.
    pub upload: Option<(String, String)>,
    /// Whether failures alone are shown.
    pub only_failed: bool,
    /// Records with what became of them.
    pub records: Vec<RecordRow>,
    /// The way to the others.
    pub pager: Pager,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// How far a task is; asks again by itself as long as it goes on.
#[derive(Template)]
#[template(path = "task_progress_part.html")]
pub struct TaskProgressPart {
    /// How far it is.
    pub progress: TaskProgress,
}

/// How far a task is.
pub struct TaskProgress {
    /// Where it is to be asked.
    pub url: String,
    /// Whether it goes on.
    pub polls: bool,
    /// In a word.
    pub status: Status,
    /// Records that have an outcome.
    pub done: i64,
    /// All records.
    pub total: i64,
    /// Both in words.
    pub told: String,
    /// How many came to what.
    pub figures: Vec<(&'static str, String)>,
    /// Why it ended before its time, or what is to be known besides.
    pub error: Option<String>,
}

/// A record of a task.
pub struct RecordRow {
    /// Its place.
    pub place: i64,
    /// Whom it tells of.
    pub who: String,
    /// What else says who that is.
    pub second: Option<String>,
    /// The user.
    pub url: Option<String>,
    /// What became of it.
    pub status: Status,
    /// Why it failed.
    pub reason: Option<String>,
}
