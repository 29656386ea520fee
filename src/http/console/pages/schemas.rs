//! Schemas and resource types of a tenant.

use askama::Template;

use super::{Notice, OffenderView, Shell, Tone};

/// Schemas and resource types.
#[derive(Template)]
#[template(path = "schemas.html")]
pub struct Schemas {
    /// What stands around it.
    pub shell: Shell,
    /// The resource types.
    pub types: Vec<TypeView>,
    /// The schemas.
    pub schemas: Vec<SchemaView>,
    /// Why something was refused.
    pub problem: Option<Notice>,
    /// The resources that did not fit.
    pub offenders: Vec<OffenderView>,
}

/// A resource type.
#[derive(Debug, Clone)]
pub struct TypeView {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Its endpoint.
    pub endpoint: String,
    /// Its schemas.
    pub schemas: Vec<String>,
    /// Whether the tenant has a word in it.
    pub own: bool,
    /// Whether it is one of those that every tenant has.
    pub built_in: bool,
}

/// A schema.
#[derive(Debug, Clone)]
pub struct SchemaView {
    /// Its name.
    pub name: String,
    /// Its URN.
    pub urn: String,
    /// How many attributes it has.
    pub count: usize,
    /// Whether the tenant made it.
    pub own: bool,
    /// Whether it is shown at once.
    pub open: bool,
    /// Its attributes and their sub-attributes.
    pub attributes: Vec<AttributeLine>,
}

/// An attribute.
#[derive(Debug, Clone)]
pub struct AttributeLine {
    /// Its name, with that of the attribute it is part of.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Its type.
    pub kind: String,
    /// Its characteristics, as far as they are not the usual ones.
    pub marks: Vec<String>,
}
