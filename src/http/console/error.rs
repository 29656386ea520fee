//! Why the console does not show a page, and what it shows instead.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};

use super::fields::query;
use super::pages::{Door, DoorProblem, Theme};
use super::reply;
use crate::http::error::{HttpError, Panicked, RequestError};
use crate::http::frame::Incoming;
use crate::store::StoreError;

/// Where htmx goes instead of putting an answer into the page.
const REDIRECT: HeaderName = HeaderName::from_static("hx-redirect");
const BY_HTMX: &str = "hx-request";

/// Why the console does not show a page.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// As in every space.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Nobody has signed in, or the session has ended.
    #[error("nobody has signed in")]
    SignedOut,
    /// The form was not sent by a page of this session.
    #[error("This form is out of date. Go back, load the page again and repeat what you did.")]
    Stale,
    /// The role does not allow it.
    #[error("{0}")]
    Forbidden(&'static str),
    /// There is no such page; or what it is about is out of reach, which is the same.
    #[error("There is no such page, or it is about something that you cannot see.")]
    NotFound,
}

impl From<StoreError> for ConsoleError {
    fn from(error: StoreError) -> Self {
        Self::Http(error.into())
    }
}

impl From<RequestError> for ConsoleError {
    fn from(error: RequestError) -> Self {
        Self::Http(error.into())
    }
}

impl From<Panicked> for ConsoleError {
    fn from(error: Panicked) -> Self {
        Self::Http(error.into())
    }
}

impl ConsoleError {
    /// The answer.
    pub fn render(self, incoming: &Incoming<'_>, theme: Theme) -> HttpResponse {
        let told = self.to_string();
        let (status, title, told, request) = match self {
            Self::SignedOut => return sign_in_first(incoming),
            Self::Stale => (StatusCode::FORBIDDEN, "Out of date", told, None),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "Not allowed", told, None),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not found", told, None),
            Self::Http(error) => {
                let answer = error.told(incoming.id);
                let request = answer.status().is_server_error().then(|| incoming.id.to_string());
                let title = if request.is_some() { "That did not work" } else { "That cannot be done" };
                (answer.status(), title, sentence(&answer.error.detail), request)
            }
        };
        let page = DoorProblem {
            door: Door { theme, notice: None },
            title: title.to_owned(),
            told,
            request,
            link: ("/console", "Back to the console"),
        };
        reply::with_status(status, &page).unwrap_or_else(|_| HttpResponse::new(status))
    }
}

/// To the door, and from there back to the page that was asked for.
fn sign_in_first(incoming: &Incoming<'_>) -> HttpResponse {
    let http = incoming.http;
    let back = if http.method().is_safe() { http.uri().path_and_query().map_or("", |path| path.as_str()) } else { "" };
    if http.headers().contains_key(BY_HTMX) {
        let url = HeaderValue::from_static("/console/sign-in");
        return HttpResponse::Unauthorized().insert_header((REDIRECT, url)).finish();
    }
    let back = if back == "/" || back == "/console" { "" } else { back };
    reply::see_other(&format!("/console/sign-in{}", query(&[("back", back)])))
}

/// A detail as a sentence of its own.
pub fn sentence(detail: &str) -> String {
    let mut letters = detail.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if detail.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}
