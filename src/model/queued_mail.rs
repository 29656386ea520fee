//! Mails that wait, and what became of them.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Language, MailAddress, MailId, TenantId};
use crate::scim::fold::fold;

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MailState {
    /// It is to be sent, or somebody is at it.
    Queued,
    /// The mail server has taken it.
    Sent,
    /// It was given up, or withdrawn.
    Failed,
    /// Nobody has the address.
    Bounced,
    /// There is no mail server, so it is only shown.
    Caught,
}

impl MailState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Sent, Self::Failed, Self::Bounced, Self::Caught];

    /// The name, as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Bounced => "bounced",
            Self::Caught => "caught",
        }
    }
}

impl FromStr for MailState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| format!("\"{text}\" is no state; choose {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// What a mail is about; each kind is worded in a file of its own below `outbound/mail/letters`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailKind {
    /// Somebody is invited.
    Invitation,
    /// A credential ends soon.
    CredentialExpiry,
    /// Whatever was worded when it was queued.
    Letter,
}

impl MailKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Invitation, Self::CredentialExpiry, Self::Letter];

    /// The name, as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::CredentialExpiry => "credential-expiry",
            Self::Letter => "letter",
        }
    }
}

impl FromStr for MailKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| format!("\"{text}\" is no kind of mail"))
    }
}

/// A mail to be queued, in the statement that does what it tells of.
#[derive(Debug, Clone)]
pub struct NewMail {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its id.
    pub id: MailId,
    /// To whom.
    pub to: MailAddress,
    /// What it is about.
    pub kind: MailKind,
    /// The reader's language; `None` for the tenant's.
    pub language: Option<Language>,
    /// What the text is made of; what opens a door stands under `secret` and goes once the mail is sent.
    pub data: Value,
    /// What it belongs to, for example the id of an invitation.
    pub about: Option<uuid::Uuid>,
    /// When.
    pub at: DateTime<Utc>,
}

impl NewMail {
    /// As the SQL function `queue_mail` takes it.
    pub fn to_json(&self) -> Value {
        json!({
            "tenant": self.tenant,
            "id": self.id,
            "to": self.to.address(),
            "toKey": fold(self.to.address()),
            "toName": self.to.name(),
            "kind": self.kind,
            "language": self.language,
            "data": self.data,
            "about": self.about,
            "at": self.at,
        })
    }
}

/// A mail of the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueuedMail {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its id.
    pub id: MailId,
    /// The address.
    pub to: String,
    /// The name of its owner, or nothing.
    pub to_name: String,
    /// What it is about.
    pub kind: MailKind,
    /// The language it is written in.
    pub language: Language,
    /// What the text is made of.
    pub data: Value,
    /// What it belongs to, for example the id of an invitation.
    pub about: Option<uuid::Uuid>,
    /// What became of it.
    pub state: MailState,
    /// How often it was tried.
    pub attempts: i32,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// When it is tried next, if it is queued.
    pub next_attempt_at: DateTime<Utc>,
    /// What went wrong at last.
    pub error: Option<String>,
    /// When it was sent or caught.
    pub sent_at: Option<DateTime<Utc>>,
}

/// An address that mails bounced from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BouncedAddress {
    /// The address.
    pub address: String,
    /// When, the last time.
    pub at: DateTime<Utc>,
    /// What the mail server said.
    pub error: String,
}
