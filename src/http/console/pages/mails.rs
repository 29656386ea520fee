//! Mails: the list, and one as it reads.

use askama::Template;

use super::{Choice, Moment, Notice, Pager, Shell, Status, Tone};

/// The list.
#[derive(Template)]
#[template(path = "mails.html")]
pub struct Mails {
    /// What stands around it.
    pub shell: Shell,
    /// Whether there is no mail server.
    pub only_catches: bool,
    /// The states to choose from.
    pub states: Vec<Choice>,
    /// Whether one of them is asked for.
    pub is_narrowed: bool,
    /// The mails, the newest first.
    pub rows: Vec<MailRow>,
    /// The way to earlier ones.
    pub pager: Pager,
    /// The addresses that mails bounced from.
    pub bounced: Vec<BounceRow>,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// A mail of the list.
#[derive(Debug, Clone)]
pub struct MailRow {
    /// Its page.
    pub url: String,
    /// What it is about.
    pub subject: String,
    /// To whom.
    pub to: String,
    /// What it is.
    pub kind: &'static str,
    /// What became of it.
    pub status: Status,
    /// What is to be said of that.
    pub note: Option<String>,
    /// How often it was tried.
    pub tries: i32,
    /// When it was sent, or queued.
    pub at: Moment,
}

/// An address that mails bounced from.
#[derive(Debug, Clone)]
pub struct BounceRow {
    /// The address.
    pub address: String,
    /// When.
    pub at: Moment,
    /// What the mail server said.
    pub error: String,
}

/// One mail.
#[derive(Template)]
#[template(path = "mail.html")]
pub struct MailPage {
    /// What stands around it.
    pub shell: Shell,
    /// Its address.
    pub url: String,
    /// What it is about.
    pub subject: String,
    /// To whom.
    pub to: String,
    /// What it is.
    pub kind: &'static str,
    /// The language it is written in.
    pub language: &'static str,
    /// What became of it.
    pub status: Status,
    /// What is to be said of that.
    pub note: Option<String>,
    /// How often it was tried.
    pub tries: i32,
    /// When it was queued.
    pub queued: Moment,
    /// When it was sent or caught.
    pub sent: Option<Moment>,
    /// Whether it went nowhere, since there was no mail server.
    pub only_caught: bool,
    /// The text for those who read no HTML.
    pub text: String,
    /// The link that it holds, where it may be shown.
    pub link: Option<MailLink>,
    /// Why it is not shown.
    pub hidden: Option<&'static str>,
    /// Whether it can be sent again.
    pub retries: bool,
    /// Whether that makes a new mail, with a new link.
    pub is_anew: bool,
    /// Whether its address is one that mails bounced from.
    pub has_bounced: bool,
    /// Why something was refused.
    pub problem: Option<Notice>,
}

/// A link out of a mail.
#[derive(Debug, Clone)]
pub struct MailLink {
    /// Where it leads.
    pub url: String,
    /// What it says.
    pub text: &'static str,
}
