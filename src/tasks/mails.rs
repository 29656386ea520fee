//! Sending the mails that wait.
//!
//! Every node looks; the database hands each mail to one of them at a time. A mail is written off in the table only after the mail
//! server has taken it. A node that dies in between leaves its claim to end, and then the mail is sent once more, under the same
//! Message-ID: mail systems drop what they have already, and nobody misses a mail. That is as near to exactly once as SMTP
//! comes (RFC 5321, section 6.1).

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};

use crate::auth::{SealError, Sealer};
use crate::gateway::open_mail;
use crate::model::{Actor, AdminAction, Clock, Origin};
use crate::outbound::mail::{MailError, Mailer, Sender, compose};
use crate::store::{ClaimedMail, MailOutcome, Store, StoreError};

/// How long to wait after each attempt that failed; after the last one the mail is given up.
pub const RETRY_AFTER: [TimeDelta; 8] = [
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
    TimeDelta::minutes(15),
    TimeDelta::hours(1),
    TimeDelta::hours(4),
    TimeDelta::hours(12),
    TimeDelta::hours(24),
    TimeDelta::hours(24),
];
/// How long a claim holds: several times of what the longest conversation with a mail server takes.
const CLAIM: TimeDelta = TimeDelta::minutes(5);
/// How many mails are sent at once.
const AT_ONCE: i64 = 8;
/// How often there is a look for mails.
const EVERY: Duration = Duration::from_secs(2);
/// How long mails are kept that wait for nothing, and how many of them go at once.
const KEPT: TimeDelta = TimeDelta::days(90);
const FORGOTTEN_AT_ONCE: i64 = 1_000;
/// After how many looks old mails go: about once an hour.
const FORGETS_EACH: u32 = 1_800;

/// Sends, for ever; what waits sealed `sealer` opens. `public_url` is where people reach us, without a slash at its end.
pub async fn mails(
    store: Store,
    clock: Arc<dyn Clock>,
    sealer: Option<Arc<Sealer>>,
    mailer: Mailer,
    public_url: String,
) {
    let mut turns = interval(EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut is_well, mut turn) = (true, 0);
    loop {
        turns.tick().await;
        let outcome = send_mails(&store, &*clock, sealer.as_deref(), &mailer, &public_url).await;
        if let (Err(error), true) = (&outcome, is_well) {
            log::warn!("the mails that wait could not be looked for: {error}; trying again");
        }
        is_well = outcome.is_ok();
        if is_well && turn % FORGETS_EACH == 0 {
            let forgotten = store.forget_mails(clock.now() - KEPT, FORGOTTEN_AT_ONCE).await;
            forgotten.map_or_else(|error| log::warn!("old mails could not be removed: {error}"), |_| {});
        }
        turn = turn.wrapping_add(1);
    }
}

/// Sends all mails that are due. Answers how many attempts were made.
///
/// # Errors
/// That the database is away or at fault. What was sent by then and could not be written off is sent again when its claim ends.
pub async fn send_mails(
    store: &Store,
    clock: &dyn Clock,
    sealer: Option<&Sealer>,
    mailer: &Mailer,
    public_url: &str,
) -> Result<usize, StoreError> {
    let mut attempts = 0;
    loop {
        let now = clock.now();
        let claimed = store.claim_mails(now, now + CLAIM, AT_ONCE).await?;
        if claimed.is_empty() {
            return Ok(attempts);
        }
        attempts += claimed.len();
        let settled = join_all(claimed.iter().map(|claimed| async move {
            let sent = send(claimed, sealer, (mailer, public_url), clock.now()).await;
            let outcome = outcome(sent, claimed.mail.attempts, clock.now());
            settle(store, claimed, &outcome, clock.now()).await
        }));
        settled.await.into_iter().collect::<Result<(), StoreError>>()?;
    }
}

/// Sends a mail; answers whether it is only caught.
async fn send(
    claimed: &ClaimedMail,
    sealer: Option<&Sealer>,
    (mailer, public_url): (&Mailer, &str),
    now: DateTime<Utc>,
) -> Result<bool, MailError> {
    let mut opened = claimed.mail.clone();
    open_mail(&mut opened, sealer)?;
    let sender = Sender { tenant_name: &claimed.tenant_name, settings: &claimed.settings, public_url };
    let mail = compose(&opened, &sender)?;
    match mailer.send_as(claimed.mail.id.0, &mail, now).await {
        Ok(()) => Ok(mailer.only_catches()),
        Err(MailError::NotConfigured) => Ok(true),
        Err(error) => Err(error),
    }
}

fn outcome(sent: Result<bool, MailError>, attempts: i32, now: DateTime<Utc>) -> MailOutcome {
    let error = match sent {
        Ok(false) => return MailOutcome::Sent,
        Ok(true) => return MailOutcome::Caught,
        Err(error) => error,
    };
    let told = error.to_string();
    match error {
        MailError::NoSuchAddress(_) => MailOutcome::Bounced(told),
        MailError::NotNow(_) | MailError::Folder(..) | MailError::Sealed(SealError::OtherKey) => {
            let wait = usize::try_from(attempts - 1).ok().and_then(|tried| RETRY_AFTER.get(tried));
            wait.map_or_else(
                || MailOutcome::Failed(format!("given up after {attempts} attempts: {told}")),
                |wait| MailOutcome::Later(now + *wait, told.clone()),
            )
        }
        MailError::NotConfigured | MailError::Refused(_) | MailError::Message(_) | MailError::Sealed(_) => {
            MailOutcome::Failed(told)
        }
    }
}

async fn settle(
    store: &Store,
    claimed: &ClaimedMail,
    outcome: &MailOutcome,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mail = &claimed.mail;
    let action = match outcome {
        MailOutcome::Bounced(_) => Some("mail.bounce"),
        MailOutcome::Failed(_) => Some("mail.fail"),
        MailOutcome::Sent | MailOutcome::Caught | MailOutcome::Later(..) => None,
    };
    let action = action.map(|action| AdminAction {
        tenant: Some(mail.tenant),
        at,
        origin: Origin { actor: Actor::System, request: None, address: None },
        action,
        succeeded: false,
        target: ("mail", Some(mail.id.to_string()), mail.to.clone()),
        details: json!({"kind": mail.kind, "error": outcome.error()}),
    });
    if let Some(error) = outcome.error() {
        log::warn!("mail {} to the tenant {}: {}: {error}", mail.id, mail.tenant, outcome.state().as_str());
    }
    if !store.settle_mail(mail, outcome, at, action.as_ref()).await? {
        log::warn!("mail {} took longer than its claim held, and may be sent twice", mail.id);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_is_not_taken_is_tried_by_the_schedule_and_then_given_up() {
        let now = DateTime::UNIX_EPOCH;
        let not_now = || Err(MailError::NotNow("busy".into()));
        for (attempts, wait) in (1..).zip(RETRY_AFTER) {
            assert!(matches!(outcome(not_now(), attempts, now), MailOutcome::Later(at, _) if at == now + wait));
        }
        let last = outcome(not_now(), 9, now);
        let told = "given up after 9 attempts: the mail server does not take the mail now: busy";
        assert_eq!(last, MailOutcome::Failed(told.into()));
    }
}
