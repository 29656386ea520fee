//! A mail as those who administer may read it.

use crate::auth::{SealError, Sealer};
use crate::gateway::open_mail;
use crate::model::{Mail, MailSettings, MailState, QueuedMail, Tenant};
use crate::outbound::mail::{MailError, Sender, compose};

/// Takes what opens a door out of a mail. It stays in one that was only caught, for those who may change something: they could
/// invite anew just as well, and without a mail server nobody else would ever get the link.
pub fn hide_secret(mail: &mut QueuedMail, may_write: bool) {
    if (mail.state != MailState::Caught || !may_write)
        && let Some(data) = mail.data.as_object_mut()
    {
        data.remove("secret");
    }
}

/// Opens what [`hide_secret`] leaves, if anything.
///
/// # Errors
/// [`SealError`]
pub fn show_secret(mail: &mut QueuedMail, may_write: bool, sealer: Option<&Sealer>) -> Result<(), SealError> {
    hide_secret(mail, may_write);
    open_mail(mail, sealer)
}

/// The mail as it reads.
///
/// # Errors
/// That it is not made of what its kind needs.
pub fn read(mail: &QueuedMail, tenant: &Tenant, settings: &MailSettings, public_url: &str) -> Result<Mail, MailError> {
    compose(mail, &Sender { tenant_name: &tenant.name, settings, public_url })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;
    use crate::model::{Language, MailId, MailKind, TenantId};

    #[test]
    fn a_live_link_is_for_those_alone_who_may_invite_and_where_nobody_else_gets_it() {
        let at = DateTime::UNIX_EPOCH;
        for state in MailState::ALL {
            for may_write in [false, true] {
                let mut mail = QueuedMail {
                    tenant: TenantId::new(at),
                    id: MailId::new(at),
                    to: "ann@example.org".into(),
                    to_name: String::new(),
                    kind: MailKind::Invitation,
                    language: Language::En,
                    data: json!({"secret": "s3cret", "inviter": "Ada"}),
                    about: None,
                    state,
                    attempts: 0,
                    created_at: at,
                    next_attempt_at: at,
                    error: None,
                    sent_at: None,
                };
                hide_secret(&mut mail, may_write);
                let shown = mail.data.get("secret").is_some();
                assert_eq!(shown, state == MailState::Caught && may_write, "{state:?} {may_write}");
            }
        }
    }
}
