//! The tenants of the installation.

use askama::Template;

use super::{Choice, Moment, Notice, Shell, Status, Tone};

/// The tenants of the installation.
#[derive(Template)]
#[template(path = "tenants.html")]
pub struct Tenants {
    /// What stands around it.
    pub shell: Shell,
    /// They.
    pub tenants: Vec<TenantRow>,
    /// The profiles to begin with.
    pub profiles: Vec<Choice>,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// A tenant.
#[derive(Debug, Clone)]
pub struct TenantRow {
    /// Its short name.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Whether it is in use.
    pub status: Status,
    /// Its profile.
    pub profile: String,
    /// When it was created.
    pub created: Moment,
}
