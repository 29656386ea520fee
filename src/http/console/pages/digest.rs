//! The weekly digest.

use askama::Template;

use super::{Choice, Field, Figure, Moment, Notice, Shell, Status, Tone};

/// The digest of a tenant.
#[derive(Template)]
#[template(path = "digest.html")]
pub struct DigestPage {
    /// What stands around it.
    pub shell: Shell,
    /// Whether it is sent.
    pub status: Status,
    /// When the next one is.
    pub next: Option<Moment>,
    /// Whether it is sent.
    pub is_on: bool,
    /// The days of the week.
    pub weekdays: Vec<Choice>,
    /// The hours of the day.
    pub hours: Vec<Choice>,
    /// The time zone.
    pub zone: Field,
    /// The names of all time zones.
    pub zones: Vec<&'static str>,
    /// Whether none is sent for a week in which nothing happened.
    pub skips_empty: bool,
    /// Who gets it.
    pub readers: Vec<Reader>,
    /// Whether the reader of this page wants it.
    pub is_wanted: bool,
    /// What that means.
    pub mine: &'static str,
    /// What happened in the last seven days.
    pub figures: Vec<Figure>,
    /// The subject of the mail.
    pub subject: String,
    /// The mail as text.
    pub text: String,
    /// Where the mail is as HTML.
    pub html: String,
    /// The weeks that were sent last.
    pub made: Vec<DigestRow>,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// Somebody who gets the digest.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// Whether it is who looks at the page.
    pub is_me: bool,
}

/// A week that was sent.
#[derive(Debug, Clone)]
pub struct DigestRow {
    /// The week.
    pub week: String,
    /// From when to when.
    pub period: String,
    /// When it was made.
    pub at: Moment,
    /// What came of it.
    pub status: Status,
    /// Users added, edited, deactivated and removed.
    pub counts: [String; 4],
}
