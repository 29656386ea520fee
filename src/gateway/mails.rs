//! What a tenant's mails look like, the seal of what opens a door in them, mails that are sent again, and addresses that may be
//! mailed again.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::ExposeSecret;
use serde_json::json;

use super::{Gateway, InvitationError};
use crate::auth::{SealError, Sealer};
use crate::model::{AdminAction, InvitationId, MailId, MailKind, MailSettings, MailState, Origin, QueuedMail, Tenant};
use crate::store::StoreError;

/// What the member `secret` of a mail begins with if it is sealed. What opens a door has no colon in it.
const SEALED: &str = "sealed:";

/// What opens a door, as it waits in a mail. Without a secret key it waits as it is.
pub(super) fn sealed(sealer: Option<&Sealer>, mail: MailId, secret: &str) -> Result<String, SealError> {
    let Some(sealer) = sealer else { return Ok(secret.to_owned()) };
    Ok(format!("{SEALED}{}", URL_SAFE_NO_PAD.encode(sealer.seal(&context(mail), secret.as_bytes())?)))
}

/// Opens what is sealed in a mail, for those who send it, or may read all of it. Mails that hold nothing sealed stay as they are.
///
/// # Errors
/// [`SealError`]
pub fn open_mail(mail: &mut QueuedMail, sealer: Option<&Sealer>) -> Result<(), SealError> {
    let Some(sealed) = mail.data["secret"].as_str().and_then(|secret| secret.strip_prefix(SEALED)) else {
        return Ok(());
    };
    let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| SealError::Changed)?;
    let opened = sealer.ok_or(SealError::OtherKey)?.open(&context(mail.id), &sealed)?;
    mail.data["secret"] = String::from_utf8_lossy(opened.expose_secret()).into();
    Ok(())
}

fn context(mail: MailId) -> String {
    format!("mail:{mail}")
}

/// Why a mail is not sent again.
#[derive(Debug, thiserror::Error)]
pub enum MailRetryError {
    /// The tenant has none of that id.
    #[error("there is no mail {0}")]
    NotFound(MailId),
    /// It was not given up.
    #[error("the mail is {}; only one that failed or bounced can be sent again", .0.as_str())]
    NotGivenUp(MailState),
    /// It told of an invitation, which is not open any more.
    #[error(transparent)]
    Invitation(#[from] InvitationError),
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Gateway {
    /// Chooses what a tenant's mails look like. Answers whether there is such a tenant.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn set_mail_settings(
        &self,
        tenant: &Tenant,
        settings: &MailSettings,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let action = AdminAction {
            tenant: Some(tenant.id),
            at: self.clock.now(),
            origin: origin.clone(),
            action: "tenant.mail",
            succeeded: true,
            target: ("tenant", Some(tenant.id.to_string()), tenant.slug.to_string()),
            details: json!(settings),
        };
        self.store.tenant(tenant.id).set_mail_settings(settings, &action).await
    }

    /// Lets an address be mailed again that mails had bounced from. Answers whether there was such a one.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn clear_bounced(&self, tenant: &Tenant, address: &str, origin: &Origin) -> Result<bool, StoreError> {
        let action = AdminAction {
            tenant: Some(tenant.id),
            at: self.clock.now(),
            origin: origin.clone(),
            action: "mail.clear_bounce",
            succeeded: true,
            target: ("address", None, address.to_owned()),
            details: json!({}),
        };
        self.store.tenant(tenant.id).clear_bounced(address, &action).await
    }

    /// Sends a mail again that failed or bounced; its address may be mailed again from then on. The mail of an invitation has lost
    /// its link, so the invitation is sent anew, with a new one.
    ///
    /// # Errors
    /// [`MailRetryError`]; then nothing is sent.
    pub async fn retry_mail(&self, tenant: &Tenant, id: MailId, origin: &Origin) -> Result<(), MailRetryError> {
        let store = self.store.tenant(tenant.id);
        let mail = store.mail(id).await?.ok_or(MailRetryError::NotFound(id))?;
        if !matches!(mail.state, MailState::Failed | MailState::Bounced) {
            return Err(MailRetryError::NotGivenUp(mail.state));
        }
        if mail.kind == MailKind::Invitation {
            let invitation = InvitationId(mail.about.unwrap_or_default());
            self.pending(tenant, invitation).await?;
            self.clear_bounced(tenant, &mail.to, origin).await?;
            self.resend_invitation(tenant, invitation, origin).await?;
            return Ok(());
        }
        self.clear_bounced(tenant, &mail.to, origin).await?;
        let action = AdminAction {
            tenant: Some(tenant.id),
            at: self.clock.now(),
            origin: origin.clone(),
            action: "mail.retry",
            succeeded: true,
            target: ("mail", Some(id.to_string()), mail.to.clone()),
            details: json!({"kind": mail.kind}),
        };
        if store.retry_mail(id, &action).await? { Ok(()) } else { Err(MailRetryError::NotGivenUp(MailState::Queued)) }
    }
}
