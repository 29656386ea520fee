//! A page that cannot be shown.

use askama::Template;

use super::{Shell, Tone};

/// A page that cannot be shown; its title says what is wrong.
#[derive(Template)]
#[template(path = "problem.html")]
pub struct Problem {
    /// What stands around it.
    pub shell: Shell,
    /// What to do.
    pub told: String,
    /// The request, where the log knows more.
    pub request: Option<String>,
}
