//! Warning of credentials that end soon. What usually goes wrong with provisioning is a token that ended unnoticed.
//!
//! Every node looks; the database sees to it that each warning is given once, and that one node at a time sends the mails of it.
//! A mail that was not taken is tried again until its day is over.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{MissedTickBehavior, interval};

use crate::model::{Clock, ExpiringCredential, Mail, MailAddress, Subject, TenantId};
use crate::outbound::mail::{MailError, Mailer};
use crate::store::{Store, StoreError, Warning};

/// How many days before the end a warning is given.
pub const WARNING_DAYS: [i32; 3] = [30, 7, 1];
/// How often it is looked for.
const EVERY: Duration = Duration::from_secs(300);

/// Gives the warnings that are due, for ever.
pub async fn credential_expiry(store: Store, clock: Arc<dyn Clock>, mailer: Mailer) {
    let mut turns = interval(EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        if let Err(error) = warn_of_expiry(&store, clock.now(), &mailer).await {
            log::warn!("credentials that end soon could not be looked for: {error}; trying again");
        }
    }
}

/// Gives the warnings that are due at `now`, and sends the mails that were not sent yet.
///
/// # Errors
/// That the database is away or at fault; what was not done by then is done the next time.
pub async fn warn_of_expiry(store: &Store, now: DateTime<Utc>, mailer: &Mailer) -> Result<(), StoreError> {
    for warning in store.warn_of_expiry(now, &WARNING_DAYS).await? {
        let ExpiringCredential { slug, credential, .. } = &warning.of;
        log::warn!("the credential {credential} of the tenant {slug} ends within {}", days(warning.days));
    }
    for warning in store.claim_warnings(now).await? {
        let mut is_over = true;
        for to in recipients(store, warning.of.tenant).await? {
            match mailer.send(&mail(to, &warning), now).await {
                Ok(()) | Err(MailError::NotConfigured) => {}
                Err(error @ (MailError::NotNow(_) | MailError::Folder(..))) => {
                    is_over = false;
                    log::warn!("a warning could not be mailed: {error}; trying again");
                }
                Err(error) => log::error!("a warning could not be mailed: {error}"),
            }
        }
        if is_over {
            store.settle_warning(&warning, now).await?;
        }
    }
    Ok(())
}

/// Who is to know: the tenant's own administrators, or, if it has none, those of the instance.
async fn recipients(store: &Store, tenant: TenantId) -> Result<Vec<MailAddress>, StoreError> {
    let people = store.responsible_admins(tenant).await?;
    let addresses =
        people.into_iter().filter_map(|(name, email)| Some(email.parse::<MailAddress>().ok()?.named(&name)));
    Ok(addresses.collect())
}

fn mail(to: MailAddress, warning: &Warning) -> Mail {
    let ExpiringCredential { slug, credential, label, connection, expires_at, .. } = &warning.of;
    let place = connection.as_ref().map_or(String::new(), |name| format!(" of the connection \"{name}\""));
    let end = expires_at.format("%e %B %Y, %H:%M UTC").to_string();
    let (end, within) = (end.trim_start(), days(warning.days));
    let what = format!("The credential \"{label}\"{place} in the tenant {slug} ends within {within}: on {end}.");
    let then = "From then on every request with it is refused with 401, and people are neither let in nor locked out any more.";
    let now = format!(
        "Replace it now: the console or `scimgate token rotate {credential} --overlap 7d` makes a new one, and both work until you \
            have put the new one in its place."
    );
    Mail {
        to,
        subject: Subject::new(&format!("{label} in {slug} ends within {within}")),
        text: format!("{what}\n\n{then}\n\n{now}\n"),
        html: format!("<p>{}</p><p>{}</p><p>{}</p>", escaped(&what), escaped(then), escaped(&now)),
    }
}

fn days(days: i32) -> String {
    if days == 1 { "a day".to_owned() } else { format!("{days} days") }
}

/// Text as it stands in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CredentialId;

    #[test]
    fn a_mail_tells_what_ends_when_and_what_to_do_and_names_cannot_speak_html() {
        let now = DateTime::UNIX_EPOCH;
        let of = ExpiringCredential {
            tenant: TenantId::new(now),
            slug: "acme".parse().unwrap(),
            credential: CredentialId::new(now),
            label: "<script>x</script>".into(),
            connection: Some("A & B".into()),
            expires_at: "2027-01-05T09:30:00Z".parse().unwrap(),
            is_replaced: false,
        };
        let id = of.credential;
        let mail = mail("ann@example.com".parse().unwrap(), &Warning { of, days: 7 });
        assert_eq!(mail.subject.as_str(), "<script>x</script> in acme ends within 7 days");
        let told = "The credential \"<script>x</script>\" of the connection \"A & B\" in the tenant acme ends within 7 days: on \
            5 January 2027, 09:30 UTC.";
        assert!(mail.text.starts_with(told), "{}", mail.text);
        assert!(mail.text.contains(&format!("scimgate token rotate {id} --overlap 7d")), "{}", mail.text);
        assert!(
            mail.html.contains("&lt;script&gt;x&lt;/script&gt;") && mail.html.contains("A &amp; B"),
            "{}",
            mail.html
        );
        assert!(!mail.html.contains("<script"), "{}", mail.html);
    }
}
