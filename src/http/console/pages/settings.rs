//! The settings of a tenant.

use askama::Template;

use super::{Choice, Field, Notice, OffenderView, Shell, Status, Tone};

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
    /// How long activity is kept.
    pub keeps: Vec<Choice>,
    /// What the tenant chose for systems of record.
    pub provisioning: Vec<Switch>,
    /// What its mails look like.
    pub mail: MailChoices,
    /// What may be done with the tenant as a whole; none for those who reach this tenant alone.
    pub whole: Option<WholeTenant>,
    /// The resources that are in the way of a change.
    pub offenders: Vec<OffenderView>,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// What a tenant's mails look like.
#[derive(Debug, Clone)]
pub struct MailChoices {
    /// What can be typed.
    pub fields: Vec<Field>,
    /// The languages.
    pub languages: Vec<Choice>,
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

/// A tenant as a whole.
#[derive(Debug, Clone)]
pub struct WholeTenant {
    /// Whether its credentials are taken.
    pub status: Status,
    /// The same in a sentence.
    pub told: String,
    /// Whether it can be suspended.
    pub suspends: bool,
    /// Whether it can be taken into use again.
    pub resumes: bool,
    /// Whether it can be deleted.
    pub deletes: bool,
    /// Whether it can be brought back.
    pub restores: bool,
    /// For how many days a deleted one can be brought back.
    pub graces: Vec<Choice>,
}
