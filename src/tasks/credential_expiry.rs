//! Warning of credentials that end soon. What usually goes wrong with provisioning is a token that ended unnoticed.
//!
//! Every node looks; the database sees to it that each warning is given once, and that its mails are queued once.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use crate::model::{Clock, ExpiringCredential, MailAddress, MailId, MailKind, NewMail};
use crate::store::{Store, StoreError, Warning};

/// How many days before the end a warning is given.
pub const WARNING_DAYS: [i32; 3] = [30, 7, 1];
/// How often it is looked for.
const EVERY: Duration = Duration::from_secs(300);

/// Gives the warnings that are due, for ever.
pub async fn credential_expiry(store: Store, clock: Arc<dyn Clock>) {
    let mut turns = interval(EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        if let Err(error) = warn_of_expiry(&store, clock.now()).await {
            log::warn!("credentials that end soon could not be looked for: {error}; trying again");
        }
    }
}

/// Gives the warnings that are due at `now`, and queues the mails that were not queued yet.
///
/// # Errors
/// That the database is away or at fault; what was not done by then is done the next time.
pub async fn warn_of_expiry(store: &Store, now: DateTime<Utc>) -> Result<(), StoreError> {
    for warning in store.warn_of_expiry(now, &WARNING_DAYS).await? {
        let ExpiringCredential { slug, credential, .. } = &warning.of;
        log::warn!("the credential {credential} of the tenant {slug} ends within {} days", warning.days);
    }
    for warning in store.claim_warnings(now).await? {
        let people = store.responsible_admins(warning.of.tenant).await?;
        let mails = people.into_iter().filter_map(|(name, email)| {
            let to = email.parse::<MailAddress>().ok()?.named(&name);
            Some(mail(to, &warning, now))
        });
        store.settle_warning(&warning, &mails.collect::<Vec<_>>(), now).await?;
    }
    Ok(())
}

fn mail(to: MailAddress, warning: &Warning, at: DateTime<Utc>) -> NewMail {
    let ExpiringCredential { tenant, slug, credential, label, connection, expires_at, .. } = &warning.of;
    let data = json!({
        "credential": credential,
        "label": label,
        "connection": connection,
        "tenant": slug,
        "days": warning.days,
        "expiresAt": expires_at,
    });
    let (tenant, kind) = (*tenant, MailKind::CredentialExpiry);
    NewMail { tenant, id: MailId::new(at), to, kind, language: None, data, about: Some(credential.0), at }
}
