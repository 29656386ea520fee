//! `/console/t/{slug}/mails`: what is mailed, what was, and what could not be.
//!
//! A mail is shown as it reads. What opens a door is left out but for those who may invite, and for them only where there is no mail
//! server: see [`mail_view::show_secret`].

use actix_web::HttpResponse;

use super::error::{ConsoleError, sentence};
use super::fields::query;
use super::flash::Flash;
use super::pages::{BounceRow, Choice, Here, MailLink, MailPage, MailRow, Mails, Notice, Pager, Status, Tone};
use super::{ConsoleAnswer, Place, Visit, reply};
use crate::gateway::{InvitationError, MailRetryError};
use crate::http::error::HttpError;
use crate::http::mail_view;
use crate::model::{HttpsUrl, Mail, MailId, MailKind, MailSettings, MailState, QueuedMail};
use crate::store::StoreError;

/// Mails on a page.
const SIZE: usize = 50;
/// Addresses that are shown of those that mails bounced from.
const BOUNCES: i64 = 50;

/// Hands a request to its page.
pub async fn route(visit: &Visit<'_>, place: &Place, path: &[&str]) -> ConsoleAnswer {
    match (path, visit.is_post()) {
        ([], false) => list(visit, place, None).await,
        (["bounces"], true) => clear(visit, place).await,
        ([id], false) => shown(visit, place, parsed(id)?, None).await,
        ([id, "html"], false) => html(visit, place, parsed(id)?).await,
        ([id, "retry"], true) => retry(visit, place, parsed(id)?).await,
        _ => Err(ConsoleError::NotFound),
    }
}

fn parsed(id: &str) -> Result<MailId, ConsoleError> {
    id.parse().map_err(|_| ConsoleError::NotFound)
}

fn url(place: &Place) -> String {
    format!("/console/t/{}/mails", place.tenant.slug)
}

async fn list(visit: &Visit<'_>, place: &Place, problem: Option<Notice>) -> ConsoleAnswer {
    let state: Option<MailState> = visit.query.get("state").parse().ok();
    let before: Option<MailId> = visit.query.get("before").parse().ok();
    let store = visit.store(place);
    let reads = i64::try_from(SIZE + 1).unwrap_or(i64::MAX);
    let mut mails = store.mails(before, state, reads).await?;
    let has_next = mails.len() > SIZE;
    mails.truncate(SIZE);
    let settings = store.mail_settings().await?;
    let word = state.map_or("", MailState::as_str);
    let page = |before: &str| format!("{}{}", url(place), query(&[("state", word), ("before", before)]));
    let next = mails.last().filter(|_| has_next).map(|last| page(&last.id.to_string()));
    let told = match (mails.len(), before.is_some()) {
        (count, false) if has_next => format!("The newest {count}"),
        (1, false) => "One mail".to_owned(),
        (count, false) => format!("{count} mails"),
        (count, true) => format!("{count} older ones"),
    };
    let states = std::iter::once(Choice::new("", "Any", state.is_none()));
    let states = states.chain(MailState::ALL.map(|one| Choice::new(one.as_str(), name(one), state == Some(one))));
    let bounced = store.bounced_addresses("", BOUNCES).await?.into_iter().map(|bounced| BounceRow {
        at: visit.moment(bounced.at),
        address: bounced.address,
        error: sentence(&bounced.error),
    });
    reply::page(&Mails {
        shell: visit.shell("Mail", Here::Mails, place),
        only_catches: only_catches(visit),
        states: states.collect(),
        is_narrowed: state.is_some(),
        rows: mails.into_iter().map(|mail| row(visit, place, &settings, mail)).collect(),
        pager: Pager { told, previous: before.is_some().then(|| page("")), next },
        bounced: bounced.collect(),
        problem,
    })
}

/// Whether mails only lie here, since there is no server to take them.
fn only_catches(visit: &Visit<'_>) -> bool {
    visit.app.config.outbound.mail.smtp.is_none()
}

/// A state's name for people.
fn name(state: MailState) -> &'static str {
    match state {
        MailState::Queued => "Queued",
        MailState::Sent => "Sent",
        MailState::Failed => "Failed",
        MailState::Bounced => "Bounced",
        MailState::Caught => "Caught",
    }
}

fn status(state: MailState) -> Status {
    let tone = match state {
        MailState::Queued => Tone::Warn,
        MailState::Sent | MailState::Caught => Tone::Ok,
        MailState::Failed | MailState::Bounced => Tone::Danger,
    };
    Status::new(tone, name(state))
}

fn kind(kind: MailKind) -> &'static str {
    match kind {
        MailKind::Invitation => "Invitation",
        MailKind::CredentialExpiry => "A credential ends soon",
        MailKind::Letter => "Letter",
    }
}

/// Whether it makes sense to send a mail again: not if it was taken back because something else came in its place.
fn retries(mail: &QueuedMail) -> bool {
    let is_withdrawn = mail.error.as_deref().is_some_and(|error| error.starts_with("withdrawn"));
    matches!(mail.state, MailState::Failed | MailState::Bounced) && !is_withdrawn
}

fn row(visit: &Visit<'_>, place: &Place, settings: &MailSettings, mut mail: QueuedMail) -> MailRow {
    mail_view::hide_secret(&mut mail, false);
    let read = mail_view::read(&mail, &place.tenant, settings, visit.app.public_url());
    MailRow {
        url: format!("{}/{}", url(place), mail.id),
        subject: read.map_or_else(|_| kind(mail.kind).to_owned(), |read| read.subject.as_str().to_owned()),
        to: recipient(&mail),
        kind: kind(mail.kind),
        status: status(mail.state),
        note: note(visit, &mail),
        tries: mail.attempts,
        at: visit.moment(mail.sent_at.unwrap_or(mail.created_at)),
    }
}

fn recipient(mail: &QueuedMail) -> String {
    if mail.to_name.is_empty() { mail.to.clone() } else { format!("{} <{}>", mail.to_name, mail.to) }
}

/// What is to be said of a mail besides its state.
fn note(visit: &Visit<'_>, mail: &QueuedMail) -> Option<String> {
    let error = mail.error.as_deref().map(sentence);
    match (mail.state, error) {
        (MailState::Queued, Some(error)) => {
            Some(format!("{error} It is tried again {}.", visit.moment(mail.next_attempt_at).told))
        }
        (_, error) => error,
    }
}

/// A mail without what its reader may not see, and the settings of its tenant.
async fn found(visit: &Visit<'_>, place: &Place, id: MailId) -> Result<(QueuedMail, MailSettings), ConsoleError> {
    let store = visit.store(place);
    let mut mail = store.mail(id).await?.ok_or(ConsoleError::NotFound)?;
    if let Err(error) = mail_view::show_secret(&mut mail, visit.caller.may_write(), visit.app.sealer.as_deref()) {
        log::error!("the link of the mail {id} stays closed: {error}");
        mail_view::hide_secret(&mut mail, false);
    }
    Ok((mail, store.mail_settings().await?))
}

fn read(
    visit: &Visit<'_>,
    place: &Place,
    (mail, settings): (&QueuedMail, &MailSettings),
) -> Result<Mail, ConsoleError> {
    let read = mail_view::read(mail, &place.tenant, settings, visit.app.public_url());
    read.map_err(|error| HttpError::from(StoreError::internal(error)).into())
}

async fn shown(visit: &Visit<'_>, place: &Place, id: MailId, problem: Option<Notice>) -> ConsoleAnswer {
    let (mail, settings) = found(visit, place, id).await?;
    let read = read(visit, place, (&mail, &settings))?;
    let secret = mail.data.get("secret").and_then(serde_json::Value::as_str);
    let link = secret.map(|secret| format!("{}/invitations/{secret}", visit.app.public_url()));
    let hidden = match mail.state {
        _ if mail.kind != MailKind::Invitation || link.is_some() => None,
        MailState::Caught if !visit.caller.may_write() => Some("Auditors do not see the link."),
        MailState::Caught => Some("The link leads nowhere any more."),
        MailState::Failed | MailState::Bounced => {
            Some("The link is gone. Sending the invitation again makes a new one.")
        }
        MailState::Queued | MailState::Sent => Some("The link stands in the mail itself and nowhere else."),
    };
    reply::page_with_frame(&MailPage {
        shell: visit.shell(read.subject.as_str(), Here::Mails, place),
        url: format!("{}/{id}", url(place)),
        subject: read.subject.as_str().to_owned(),
        to: recipient(&mail),
        kind: kind(mail.kind),
        language: mail.language.as_str(),
        status: status(mail.state),
        note: note(visit, &mail),
        tries: mail.attempts,
        queued: visit.moment(mail.created_at),
        sent: mail.sent_at.map(|at| visit.moment(at)),
        only_caught: mail.state == MailState::Caught,
        text: read.text,
        link: link.map(|url| MailLink { url, text: "Open the link" }),
        hidden,
        retries: retries(&mail),
        is_anew: mail.kind == MailKind::Invitation,
        has_bounced: mail.state == MailState::Bounced,
        problem,
    })
}

/// The HTML of a mail, for the frame on its page.
async fn html(visit: &Visit<'_>, place: &Place, id: MailId) -> ConsoleAnswer {
    let (mail, settings) = found(visit, place, id).await?;
    let read = read(visit, place, (&mail, &settings))?;
    let pictures = settings.logo_url.as_ref().and_then(origin);
    let response: HttpResponse = reply::document(read.html, pictures.as_deref());
    Ok(response)
}

/// Where a picture comes from, if that can stand in a policy.
fn origin(url: &HttpsUrl) -> Option<String> {
    let origin = url::Url::parse(url.as_str()).ok()?.origin().ascii_serialization();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:/".contains(&byte);
    Some(origin).filter(|origin| origin.starts_with("https://") && origin.bytes().all(is_plain))
}

async fn retry(visit: &Visit<'_>, place: &Place, id: MailId) -> ConsoleAnswer {
    visit.may_write()?;
    let told = match visit.app.gateway.retry_mail(&place.tenant, id, &visit.caller.origin).await {
        Ok(()) => return reply::done(&url(place), Flash::MailRetried),
        Err(MailRetryError::NotFound(_)) => return Err(ConsoleError::NotFound),
        Err(MailRetryError::Store(error) | MailRetryError::Invitation(InvitationError::Store(error))) => {
            return Err(error.into());
        }
        Err(MailRetryError::Invitation(InvitationError::NotFound(_))) => {
            "the invitation that it told of is gone; invite anew".to_owned()
        }
        Err(error) => error.to_string(),
    };
    shown(visit, place, id, Some(Notice::problem(sentence(&told)))).await
}

async fn clear(visit: &Visit<'_>, place: &Place) -> ConsoleAnswer {
    visit.may_write()?;
    let address = visit.form.get("address");
    if visit.app.gateway.clear_bounced(&place.tenant, address, &visit.caller.origin).await? {
        return reply::done(&url(place), Flash::BounceCleared);
    }
    let told = "No mail has bounced from this address, or it was cleared already.";
    list(visit, place, Some(Notice::problem(told))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_from_one_place_or_none() {
        let of = |url: &str| origin(&url.parse().unwrap());
        assert_eq!(
            of("https://cdn.example.com:8443/a;script-src,b.png?x"),
            Some("https://cdn.example.com:8443".into())
        );
        assert_eq!(of("https://cdn.example.com/logo.png"), Some("https://cdn.example.com".into()));
        let odd = "https://a;b/logo.png".parse::<HttpsUrl>().ok();
        assert!(odd.and_then(|url| origin(&url)).is_none());
    }
}
