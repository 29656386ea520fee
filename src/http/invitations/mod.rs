//! `/invitations/{secret}`: where the links of invitations lead. Pages for people who have no account yet, without scripts.
//!
//! A GET changes nothing, since programs that look at mails follow links. A link that is wrong, used, over or revoked shows one
//! and the same page after the same work, and counts as a wrong credential of its address. Pages say nothing to other sites,
//! not even where they are: the address holds the secret.

mod pages;
mod words;

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;
use secrecy::SecretString;
use url::form_urlencoded;

use super::console::asset_url;
use super::error::{HttpError, Panicked, RequestError};
use super::frame::{Incoming, check_head, run};
use super::route;
use crate::auth::{Claimed, RandomSecret};
use crate::gateway::{InvitationError, LinkUse};
use crate::model::{CredentialId, Language, OpenInvitation};
use crate::store::StoreError;
use pages::{InvitationPage, RejectPage, ToldPage};
use words::Words;

/// Nothing but our own style sheet is loaded, forms go nowhere else, and no other site may show the page.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
/// Bytes of a form at most.
const MAX_FORM: usize = 16 << 10;

/// What a handler ends with.
type PageAnswer = Result<HttpResponse, PageError>;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
enum PageError {
    /// As in every space.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The link leads nowhere.
    #[error("the link leads nowhere")]
    Gone,
    /// Too many wrong links from here.
    #[error("too many wrong links")]
    Wait(Duration),
}

impl From<RequestError> for PageError {
    fn from(error: RequestError) -> Self {
        Self::Http(error.into())
    }
}

impl From<Panicked> for PageError {
    fn from(error: Panicked) -> Self {
        Self::Http(error.into())
    }
}

impl From<InvitationError> for PageError {
    fn from(error: InvitationError) -> Self {
        match error {
            InvitationError::Store(error) => Self::Http(error.into()),
            InvitationError::Refused(error) => Self::Http(error.into()),
            InvitationError::Weak(_)
            | InvitationError::Gone
            | InvitationError::NotFound(_)
            | InvitationError::Closed(_)
            | InvitationError::Busy => Self::Gone,
        }
    }
}

/// Answers a request of this space.
pub async fn enter(incoming: &mut Incoming<'_>) -> HttpResponse {
    let deadline = incoming.deadline();
    let outcome = run(deadline, answer(incoming)).await;
    let mut response = outcome.unwrap_or_else(|error| told(incoming, error));
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn answer(incoming: &mut Incoming<'_>) -> PageAnswer {
    check_head(incoming.http)?;
    let segments: Vec<&str> = route::segments(incoming.http.path()).collect();
    let method = match incoming.http.method().as_str() {
        "HEAD" => "GET",
        method => method,
    };
    match (segments.as_slice(), method) {
        (["invitations", text], "GET") => show(incoming, text).await,
        (["invitations", text, "accept"], "POST") => accept(incoming, text).await,
        (["invitations", text, "accept"], "GET") => show(incoming, text).await,
        (["invitations", text, "reject"], "GET") => ask(incoming, text).await,
        (["invitations", text, "reject"], "POST") => reject(incoming, text).await,
        _ => Err(PageError::Gone),
    }
}

/// The invitation of a link. Whoever tries too many wrong ones has to wait.
async fn find(incoming: &Incoming<'_>, text: &str) -> Result<(RandomSecret, OpenInvitation), PageError> {
    let (app, address, now) = (incoming.app, incoming.address(), incoming.app.clock.now());
    let failures = &app.process.wrong_credentials;
    failures.admit(address, Claimed::Credential(CredentialId::new(now)), now).map_err(PageError::Wait)?;
    let secret = RandomSecret::parse(text);
    let found = app.gateway.open_invitation(secret.as_ref()).await;
    match (secret, found) {
        (Some(secret), Ok(open)) => Ok((secret, open)),
        (_, Err(error)) if !matches!(error, InvitationError::Gone) => Err(error.into()),
        _ => Err(failures.failed(address, None, now).map_or(PageError::Gone, PageError::Wait)),
    }
}

async fn show(incoming: &Incoming<'_>, text: &str) -> PageAnswer {
    let (_, open) = find(incoming, text).await?;
    page(StatusCode::OK, &InvitationPage::new(words(&open), &open, text, None))
}

async fn ask(incoming: &Incoming<'_>, text: &str) -> PageAnswer {
    let (_, open) = find(incoming, text).await?;
    page(StatusCode::OK, &RejectPage::new(words(&open), &open, text))
}

async fn accept(incoming: &mut Incoming<'_>, text: &str) -> PageAnswer {
    let (secret, open) = find(incoming, text).await?;
    let words = words(&open);
    let wait = incoming.app.config.timeouts.body;
    let form = incoming.body.read(MAX_FORM, wait).await?;
    let [password, again] = ["password", "again"].map(|name| SecretString::from(field(&form, name)));
    let refused = |problem: &str| {
        let page_again = InvitationPage::new(words, &open, text, Some(problem.to_owned()));
        page(StatusCode::UNPROCESSABLE_ENTITY, &page_again)
    };
    if open.invitation.identity_provider.is_none() && !is_same(&password, &again) {
        return refused(words.differ);
    }
    match incoming.app.gateway.accept_invitation(&secret, password, by(incoming)).await {
        Ok(open) => {
            let [title, told] = words.accepted;
            let url = open.settings.sign_in(open.invitation.identity_provider).map(|url| url.as_str());
            let told = match (&open.provider_name, url) {
                (Some(name), _) => words.by_provider(name),
                (None, _) => told.to_owned(),
            };
            let link = url.map(|url| (url, words.sign_in));
            page(StatusCode::OK, &ToldPage { words, place: Some(open.place()), title, told, link })
        }
        Err(InvitationError::Weak(weakness)) => refused(words.weak(weakness)),
        Err(error) => Err(error.into()),
    }
}

async fn reject(incoming: &Incoming<'_>, text: &str) -> PageAnswer {
    let (secret, open) = find(incoming, text).await?;
    incoming.app.gateway.reject_invitation(&secret, by(incoming)).await?;
    let words = words(&open);
    let [title, told] = words.rejected;
    let told = told.to_owned();
    page(StatusCode::OK, &ToldPage { words, place: Some(open.place()), title, told, link: None })
}

fn by(incoming: &Incoming<'_>) -> LinkUse {
    LinkUse { request: incoming.id, address: incoming.address() }
}

fn words(open: &OpenInvitation) -> &'static Words {
    Words::of(open.settings.language)
}

/// A field of a form; empty if it is not there.
fn field(form: &[u8], name: &str) -> String {
    form_urlencoded::parse(form)
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn is_same(one: &SecretString, other: &SecretString) -> bool {
    use secrecy::ExposeSecret;
    one.expose_secret() == other.expose_secret()
}

fn page(status: StatusCode, template: &impl Template) -> PageAnswer {
    let text = template.render().map_err(|error| HttpError::from(StoreError::internal(error)))?;
    Ok(HttpResponseBuilder::new(status).content_type("text/html; charset=utf-8").body(text))
}

/// The page of an error, in the language that the browser asks for.
fn told(incoming: &Incoming<'_>, error: PageError) -> HttpResponse {
    let header = incoming.http.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = header.and_then(|value| value.get(..2)?.to_ascii_lowercase().parse::<Language>().ok());
    let words = Words::of(language.unwrap_or_default());
    let (status, [title, told], wait) = match error {
        PageError::Gone => (StatusCode::NOT_FOUND, words.gone, None),
        PageError::Wait(wait) => (StatusCode::TOO_MANY_REQUESTS, words.wait, Some(wait.as_secs() + 1)),
        PageError::Http(error) => (error.told(incoming.id).status(), words.failed, None),
    };
    let shown = ToldPage { words, place: None, title, told: told.to_owned(), link: None };
    let mut response = page(status, &shown).unwrap_or_else(|_| HttpResponse::new(status));
    if let Some(seconds) = wait {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
