//! Making digests: once for each tenant and week, and whenever an administrator asks for one.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::Gateway;
use crate::model::digest::{Digest, DigestSettings, DueDigest};
use crate::model::{Actor, AdminAction, AdminId, MailAddress, MailId, MailKind, NewMail, Origin, TenantId};
use crate::store::{DigestTenant, StoreError};

/// Why there is no digest.
#[derive(Debug, thiserror::Error)]
pub enum DigestError {
    /// The tenant is gone.
    #[error("there is no such tenant")]
    NoTenant,
    /// There is no such administrator.
    #[error("there is no such administrator")]
    NoAdmin,
    /// Nobody would get it.
    #[error("no administrator of this tenant wants the digest; `scimgate digest want EMAIL on` changes that")]
    NobodyWants,
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a digest would be if it were sent now.
#[derive(Debug, Clone, PartialEq)]
pub struct DigestPreview {
    /// The tenant, and what it wants.
    pub tenant: DigestTenant,
    /// What happened in the last seven days.
    pub digest: Digest,
    /// The mail in pieces.
    pub letter: Value,
    /// Who would get it: names and e-mail addresses.
    pub recipients: Vec<(String, String)>,
}

impl Gateway {
    /// What a tenant's digest of the last seven days is.
    ///
    /// # Errors
    /// [`DigestError`].
    pub async fn preview_digest(&self, tenant: TenantId) -> Result<DigestPreview, DigestError> {
        let now = self.clock.now();
        let store = self.store.tenant(tenant);
        let wanted = store.digest_tenant().await?.ok_or(DigestError::NoTenant)?;
        let digest = store.digest(now - TimeDelta::days(7), now).await?;
        let recipients = store.digest_recipients().await?.into_iter().map(|(_, name, email)| (name, email)).collect();
        Ok(DigestPreview { letter: letter(&wanted, &digest), tenant: wanted, digest, recipients })
    }

    /// Mails the digest of the last seven days now; that of the week is sent all the same. Answers to how many.
    ///
    /// # Errors
    /// [`DigestError`]; then nothing was sent.
    pub async fn send_digest(&self, tenant: TenantId, origin: &Origin) -> Result<usize, DigestError> {
        let now = self.clock.now();
        let DigestPreview { tenant: wanted, digest, .. } = self.preview_digest(tenant).await?;
        let mails = self.mails(&wanted, &digest).await?;
        if mails.is_empty() {
            return Err(DigestError::NobodyWants);
        }
        let row = json!({ "from": digest.from, "to": digest.to, "at": now, "counts": digest.counts() });
        let action = self.digest_sent(&wanted, (&digest, mails.len()), None, origin);
        self.store.tenant(tenant).make_digest(&row, &mails, &action).await?;
        Ok(mails.len())
    }

    /// Makes the digests that are due, each once, whichever node does it. Answers how many.
    ///
    /// # Errors
    /// That the database is away or at fault; what was made until then is.
    pub async fn make_due_digests(&self) -> Result<usize, StoreError> {
        let mut made = 0;
        for wanted in self.store.digest_tenants().await? {
            let due = wanted.settings.due(self.clock.now());
            let is_new = wanted.last.as_ref() != Some(&due.week) && due.at >= wanted.since;
            if wanted.settings.is_enabled && is_new && self.make_digest(&wanted, &due).await? {
                made += 1;
            }
        }
        Ok(made)
    }

    async fn make_digest(&self, wanted: &DigestTenant, due: &DueDigest) -> Result<bool, StoreError> {
        let store = self.store.tenant(wanted.id);
        let digest = store.digest(due.since, due.at).await?;
        let mails = if digest.is_empty() && wanted.settings.skips_empty {
            Vec::new()
        } else {
            self.mails(wanted, &digest).await?
        };
        let row = json!({
            "week": due.week, "dueAt": due.at, "from": due.since, "to": due.at, "at": self.clock.now(), "counts": digest.counts(),
        });
        let origin = Origin { actor: Actor::System, request: None, address: None };
        let action = self.digest_sent(wanted, (&digest, mails.len()), Some(&due.week), &origin);
        store.make_digest(&row, &mails, &action).await
    }

    /// A mail for everybody who wants it, as the SQL function `queue_mail` takes it.
    async fn mails(&self, wanted: &DigestTenant, digest: &Digest) -> Result<Vec<Value>, StoreError> {
        let (now, data) = (self.clock.now(), letter(wanted, digest));
        let recipients = self.store.tenant(wanted.id).digest_recipients().await?;
        let addresses =
            recipients.into_iter().filter_map(|(_, name, email)| Some(email.parse::<MailAddress>().ok()?.named(&name)));
        let mail = |to| NewMail {
            tenant: wanted.id,
            id: MailId::new(now),
            to,
            kind: MailKind::Letter,
            language: wanted.language.parse().ok(),
            data: data.clone(),
            about: None,
            at: now,
        };
        Ok(addresses.map(|to| mail(to).to_json()).collect())
    }

    /// Sets what a tenant wants of its digest.
    ///
    /// # Errors
    /// [`DigestError`]; then nothing was written.
    pub async fn set_digest(
        &self,
        tenant: TenantId,
        settings: DigestSettings,
        origin: &Origin,
    ) -> Result<(), DigestError> {
        let before = self.store.tenant(tenant).digest_tenant().await?.ok_or(DigestError::NoTenant)?;
        if before.settings == settings {
            return Ok(());
        }
        let action = self.on_digest(&before, "digest.change", shown(&settings), origin);
        match self.store.tenant(tenant).set_digest(&settings, &action).await? {
            true => Ok(()),
            false => Err(DigestError::NoTenant),
        }
    }

    /// Sets whether an administrator wants digests.
    ///
    /// # Errors
    /// [`DigestError`]; then nothing was written.
    pub async fn want_digest(&self, admin: AdminId, wanted: bool, origin: &Origin) -> Result<(), DigestError> {
        let found = self.store.find_admin(admin).await?.ok_or(DigestError::NoAdmin)?;
        let action = AdminAction {
            tenant: found.reach.tenant(),
            at: self.clock.now(),
            origin: origin.clone(),
            action: "admin.want_digest",
            succeeded: true,
            target: ("admin", Some(found.id.to_string()), found.email),
            details: json!({ "wanted": wanted }),
        };
        match self.store.want_digest(admin, wanted, &action).await? {
            true => Ok(()),
            false => Err(DigestError::NoAdmin),
        }
    }

    fn digest_sent(
        &self,
        wanted: &DigestTenant,
        (digest, mails): (&Digest, usize),
        week: Option<&str>,
        origin: &Origin,
    ) -> AdminAction {
        let mut details = digest.counts();
        details["mails"] = mails.into();
        details["week"] = week.into();
        self.on_digest(wanted, "digest.send", details, origin)
    }

    fn on_digest(&self, wanted: &DigestTenant, action: &'static str, details: Value, origin: &Origin) -> AdminAction {
        AdminAction {
            tenant: Some(wanted.id),
            at: self.clock.now(),
            origin: origin.clone(),
            action,
            succeeded: true,
            target: ("tenant", Some(wanted.id.to_string()), wanted.slug.to_string()),
            details,
        }
    }
}

fn letter(wanted: &DigestTenant, digest: &Digest) -> Value {
    digest.letter(&wanted.language, (&wanted.slug, &wanted.name), &wanted.settings)
}

fn shown(settings: &DigestSettings) -> Value {
    json!({
        "enabled": settings.is_enabled, "weekday": settings.weekday.to_string(), "hour": settings.hour,
        "timeZone": settings.time_zone.name(), "skipEmpty": settings.skips_empty,
    })
}
