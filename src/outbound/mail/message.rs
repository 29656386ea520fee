//! A mail in the form in which it travels (RFC 5322, RFC 2046).

use chrono::{DateTime, Utc};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use uuid::Uuid;

use super::MailError;
use crate::model::{Mail, MailAddress};

/// The message of a mail. Nobody answers it by hand, so it says that a program sent it (RFC 3834).
pub(super) fn of(from: &MailAddress, mail: &Mail, id: Uuid, now: DateTime<Utc>) -> Result<Message, MailError> {
    let sender = mailbox(from)?;
    let message = Message::builder()
        .message_id(Some(format!("<{id}@{}>", sender.email.domain())))
        .date(now.into())
        .from(sender)
        .to(mailbox(&mail.to)?)
        .subject(mail.subject.as_str())
        .header(AutoSubmitted)
        .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()));
    message.map_err(|error| MailError::Message(error.to_string()))
}

fn mailbox(address: &MailAddress) -> Result<Mailbox, MailError> {
    let email: Address = address.address().parse().map_err(|error| MailError::Message(format!("{error}")))?;
    Ok(Mailbox::new(address.name().map(str::to_owned), email))
}

#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".into())
    }
}
