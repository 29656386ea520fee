//! The settings of a tenant.

use askama::Template;

use super::{Choice, Notice, Shell, Tone};

/// The settings of a tenant.
#[derive(Template)]
#[template(path = "settings.html")]
pub struct Settings {
    /// What stands around it.
    pub shell: Shell,
    /// The tenant's short name.
    pub slug: String,
    /// The tenant's name.
    pub name: String,
    /// The profiles.
    pub profiles: Vec<Choice>,
    /// The behaviour switches.
    pub switches: Vec<Switch>,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// A behaviour switch.
#[derive(Debug, Clone)]
pub struct Switch {
    /// Its name in forms.
    pub key: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it does, and who needs it.
    pub hint: &'static str,
    /// What can be chosen.
    pub choices: Vec<Choice>,
}
