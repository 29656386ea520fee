//! Administrators, of a tenant or of the installation.

use askama::Template;

use super::{Moment, Notice, Revealed, Shell, Status, Tone};

/// Administrators.
#[derive(Template)]
#[template(path = "admins.html")]
pub struct Admins {
    /// What stands around it.
    pub shell: Shell,
    /// Whose they are.
    pub intro: String,
    /// The list's own address.
    pub url: String,
    /// They.
    pub admins: Vec<AdminRow>,
    /// The first password of the one made just now.
    pub revealed: Option<Revealed>,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// An administrator.
#[derive(Debug, Clone)]
pub struct AdminRow {
    /// Its id.
    pub id: String,
    /// Its e-mail address.
    pub email: String,
    /// Its name for people.
    pub name: String,
    /// Its role.
    pub role: String,
    /// Whether it is who looks.
    pub myself: bool,
    /// Whether it may sign in.
    pub live: bool,
    /// The same for people.
    pub status: Status,
    /// Whether it has a second factor.
    pub has_second_factor: bool,
    /// The same for people.
    pub second_factor: Status,
    /// When it last signed in.
    pub signed_in: Option<Moment>,
}
