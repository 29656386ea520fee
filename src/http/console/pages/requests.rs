//! The request console: a SCIM call and its answer.

use askama::Template;

use super::{Choice, Shell, Status, Tone};

/// The request console.
#[derive(Template)]
#[template(path = "requests.html")]
pub struct Requests {
    /// What stands around it.
    pub shell: Shell,
    /// The methods.
    pub methods: Vec<Choice>,
    /// The path and query below the base URL.
    pub path: String,
    /// The body.
    pub body: String,
    /// The answer, if a call was made.
    pub answer: Option<Told>,
    /// Paths to begin with.
    pub examples: Vec<String>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Told {
    /// The status code with its name.
    pub status: Status,
    /// How long it took.
    pub took: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}
