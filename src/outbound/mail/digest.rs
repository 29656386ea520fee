//! A digest as it will be mailed, for those who want to see it before.

use serde_json::Value;

use super::MailError;
use super::letters::{Sender, compose};
use crate::model::{Clock, MailId, MailKind, MailSettings, MailState, QueuedMail, SystemClock, TenantId};

/// The subject, the plain text and the HTML of a digest's letter.
///
/// # Errors
/// [`MailError::Message`]: the letter is not made of the pieces of one.
pub fn digest_mail(
    letter: Value,
    tenant_name: &str,
    settings: &MailSettings,
    public_url: &str,
) -> Result<(String, String, String), MailError> {
    let now = SystemClock.now();
    let queued = QueuedMail {
        tenant: TenantId::new(now),
        id: MailId::new(now),
        to: "preview@example.com".to_owned(),
        to_name: String::new(),
        kind: MailKind::Letter,
        language: settings.language,
        data: letter,
        about: None,
        state: MailState::Queued,
        attempts: 0,
        created_at: now,
        next_attempt_at: now,
        error: None,
        sent_at: None,
    };
    let mail = compose(&queued, &Sender { tenant_name, settings, public_url })?;
    Ok((mail.subject.as_str().to_owned(), mail.text, mail.html))
}
