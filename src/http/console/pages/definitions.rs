//! The form for a schema or resource type of a tenant's own.

use askama::Template;

use super::{Choice, Shell, Tone};

/// The form.
#[derive(Template)]
#[template(path = "definition.html")]
pub struct DefinitionPage {
    /// What stands around it.
    pub shell: Shell,
    /// What it is: `schema` or `resource type`.
    pub kind: &'static str,
    /// Where the form goes.
    pub action: String,
    /// Whether there is none yet.
    pub is_new: bool,
    /// The definition as JSON.
    pub text: String,
    /// What one looks like.
    pub example: &'static str,
    /// The resource types that can take a schema as an extension; none where a resource type is asked for.
    pub extends: Vec<Choice>,
    /// Whether their resources must carry it.
    pub required: bool,
    /// What is wrong with it.
    pub problems: Vec<String>,
    /// The resources that do not fit.
    pub offenders: Vec<OffenderView>,
}

/// A resource that does not fit.
#[derive(Debug, Clone)]
pub struct OffenderView {
    /// Its type.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Where it is.
    pub url: String,
    /// What is wrong with it.
    pub reason: String,
}
