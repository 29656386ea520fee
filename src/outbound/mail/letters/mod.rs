//! What mails say: each kind is worded in a file of its own, in every language, and all look alike.
//!
//! A letter is plain text in pieces; the templates put the pieces in their places and escape them, so what others wrote can
//! neither be HTML nor a header. Adding a kind: a file with the words here, and a variant of [`MailKind`].

mod credential_expiry;
mod dates;
mod invitation;

use askama::Template;
use serde::{Deserialize, Serialize};

use super::MailError;
use crate::model::{Language, Mail, MailAddress, MailKind, MailSettings, QueuedMail, Subject};

/// A link with its name. What begins with a slash is a place of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterLink {
    /// What is written on it.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

/// Some lines under a heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterList {
    /// What they are.
    pub heading: String,
    /// The lines.
    pub items: Vec<String>,
}

/// What a mail says, in pieces, in the order in which they are read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Letter {
    /// What it is about: one line.
    pub subject: String,
    /// What is to be known.
    pub paragraphs: Vec<String>,
    /// What somebody else says.
    pub quote: Option<String>,
    /// What there are several of.
    pub lists: Vec<LetterList>,
    /// What is to be done.
    pub button: Option<LetterLink>,
    /// What can be done besides.
    pub links: Vec<LetterLink>,
    /// What is said at last, in small letters.
    pub closing: Vec<String>,
}

impl Letter {
    /// Each piece but the quote is one line, so that no name begins a line of its own.
    fn in_lines(mut self) -> Self {
        let items = self.lists.iter_mut().flat_map(|list| list.items.iter_mut().chain([&mut list.heading]));
        for text in self.paragraphs.iter_mut().chain(&mut self.closing).chain(items) {
            *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        self
    }
}

/// Who sends a letter, as it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The tenant's name for people.
    pub tenant_name: &'a str,
    /// What the tenant chose.
    pub settings: &'a MailSettings,
    /// The URL under which people reach us, without a slash at its end.
    pub public_url: &'a str,
}

impl<'a> Sender<'a> {
    /// The name that letters carry.
    pub fn name(&self) -> &'a str {
        self.settings.name.as_ref().map_or(self.tenant_name, |name| name.as_str())
    }
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    letter: &'a Letter,
    brand: &'a str,
    logo: Option<&'a str>,
    language: Language,
    public_url: &'a str,
}

#[derive(Template)]
#[template(path = "letter.txt")]
struct Text<'a> {
    letter: &'a Letter,
    brand: &'a str,
    public_url: &'a str,
}

impl Html<'_> {
    fn absolute(&self, url: &str) -> String {
        absolute(self.public_url, url)
    }
}

impl Text<'_> {
    fn absolute(&self, url: &str) -> String {
        absolute(self.public_url, url)
    }
}

fn absolute(public_url: &str, url: &str) -> String {
    if url.starts_with('/') { format!("{public_url}{url}") } else { url.to_owned() }
}

/// The mail that a queued one is.
///
/// # Errors
/// [`MailError::Message`]: its address is none, or what it is made of is not what its kind needs.
pub fn compose(queued: &QueuedMail, sender: &Sender<'_>) -> Result<Mail, MailError> {
    let to: MailAddress = queued.to.parse().map_err(|error| MailError::Message(format!("the address {error}")))?;
    let letter = letter(queued, sender).map_err(|error| MailError::Message(error.to_string()))?.in_lines();
    let (brand, public_url) = (sender.name(), sender.public_url);
    let logo = sender.settings.logo_url.as_ref().map(|url| url.as_str());
    let html = Html { letter: &letter, brand, logo, language: queued.language, public_url }.render();
    let text = Text { letter: &letter, brand, public_url }.render();
    let wrong = |error: askama::Error| MailError::Message(error.to_string());
    let (text, html) = (text.map_err(wrong)?, html.map_err(wrong)?);
    Ok(Mail { to: to.named(&queued.to_name), subject: Subject::new(&letter.subject), text, html })
}

fn letter(queued: &QueuedMail, sender: &Sender<'_>) -> Result<Letter, serde_json::Error> {
    let data = queued.data.clone();
    Ok(match queued.kind {
        MailKind::Invitation => invitation::letter(queued.language, &serde_json::from_value(data)?, sender),
        MailKind::CredentialExpiry => credential_expiry::letter(queued.language, &serde_json::from_value(data)?),
        MailKind::Letter => serde_json::from_value(data)?,
    })
}

#[cfg(test)]
mod tests;
