//! The first page of a tenant.

use askama::Template;

use super::{Chart, Moment, Shell, Status, Tone};

/// The first page of a tenant.
#[derive(Template)]
#[template(path = "overview.html")]
pub struct Overview {
    /// What stands around it.
    pub shell: Shell,
    /// The state of things in one sentence.
    pub told: String,
    /// What needs somebody.
    pub concerns: Vec<Concern>,
    /// The figures.
    pub figures: Vec<Figure>,
    /// Changes per day.
    pub chart: Chart,
    /// Who pushes.
    pub connections: Vec<ConnectionState>,
}

/// Something that needs somebody.
#[derive(Debug, Clone)]
pub struct Concern {
    /// How bad it is.
    pub tone: Tone,
    /// What it is.
    pub text: String,
    /// Where to look.
    pub url: String,
}

/// A number with a name.
#[derive(Debug, Clone)]
pub struct Figure {
    /// What is counted.
    pub name: &'static str,
    /// How many.
    pub value: String,
    /// More about it.
    pub note: String,
}

/// How a connection does.
#[derive(Debug, Clone)]
pub struct ConnectionState {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What is connected, for people.
    pub kind: String,
    /// How it does.
    pub status: Status,
    /// When a request last succeeded.
    pub last_success: Option<Moment>,
    /// When a request last failed.
    pub last_failure: Option<Moment>,
    /// How many requests the rate limits refused.
    pub refused: Option<String>,
}
