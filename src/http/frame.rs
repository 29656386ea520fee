//! What every request goes through, whatever its space: the head's limits, a time within which it is answered, the border at
//! which panics end, an id, and a line in the log.
//!
//! What lies behind differs by space (see [`super::route::Space`]): each has an entrance of its own, which knows who may enter and
//! how an error looks there. An entrance looks at a body only once it knows the credential, so nobody without one makes us
//! read it.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, UPGRADE};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::FutureExt;
use tokio::time::timeout;

use super::body::Body;
use super::error::{HttpError, Panicked, RequestError};
use super::request::header_value;
use super::route::{self, Probe, Space};
use super::{admin, console, health, label, oauth, scim};
use crate::app::App;
use crate::auth::Verified;
use crate::model::RequestId;

/// Bytes of path and query: a filter of 8 KiB, each byte percent-encoded, and some room.
const MAX_URI: usize = 32 << 10;
/// Bytes of all headers.
const MAX_HEADERS: usize = 16 << 10;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a handler ends with.
pub type Answer = Result<HttpResponse, HttpError>;

/// A request at the entrance of its space.
pub struct Incoming<'a> {
    /// What the worker holds.
    pub app: &'a App,
    /// The head of the request.
    pub http: &'a HttpRequest,
    /// Its id.
    pub id: RequestId,
    /// What follows the head, not read yet.
    pub body: Body,
    /// The credential it came with, once that is known; the log tells its tenant.
    pub verified: Option<Verified>,
}

/// Answers any request.
pub async fn serve(http: HttpRequest, payload: Payload) -> HttpResponse {
    let Some(app) = http.app_data::<Rc<App>>() else {
        return HttpResponse::InternalServerError().finish();
    };
    let started = Instant::now();
    let space = route::space(http.path());
    match space {
        Space::Probe(Probe::Alive) => return health::alive(),
        Space::Probe(Probe::Ready) => return health::ready(app).await,
        _ => {}
    }
    let id = RequestId::new(app.clock.now());
    let body = Body::new(http.headers(), payload);
    let mut incoming = Incoming { app, http: &http, id, body, verified: None };
    let mut response = match space {
        // Boxed, so that requests of SCIM do not carry the room that others need.
        Space::Admin => Box::pin(admin::enter(&mut incoming)).await,
        Space::Console => Box::pin(console::enter(&mut incoming)).await,
        Space::OAuth => Box::pin(oauth::enter(&mut incoming)).await,
        Space::Scim | Space::Probe(_) => scim::enter(&mut incoming).await,
    };
    if !response.status().is_success() {
        incoming.body.discard().await;
    }
    response.headers_mut().insert(REQUEST_ID, header_value(&id.to_string()));
    log(&incoming, response.status(), started);
    response
}

impl Incoming<'_> {
    /// The client's address.
    pub fn address(&self) -> Option<IpAddr> {
        self.http.peer_addr().map(|address| address.ip())
    }

    /// How long the request may take.
    pub fn deadline(&self) -> Duration {
        let timeouts = &self.app.config.timeouts;
        if self.body.announced() { timeouts.request + timeouts.body } else { timeouts.request }
    }
}

/// Does a space's work, unless that takes longer than `deadline` or panics.
pub async fn run<E: From<RequestError> + From<Panicked>>(
    deadline: Duration,
    work: impl Future<Output = Result<HttpResponse, E>>,
) -> Result<HttpResponse, E> {
    match timeout(deadline, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Panicked.into()),
        Err(_) => Err(RequestError::Deadline.into()),
    }
}

/// Holds the head to its limits. An upgraded connection has a body without end, which must not be waited for.
pub fn check_head(http: &HttpRequest) -> Result<(), RequestError> {
    let headers = http.headers();
    let uri = http.uri().path_and_query().map_or(0, |text| text.as_str().len());
    if uri > MAX_URI {
        return Err(RequestError::UriTooLong { limit: MAX_URI });
    }
    if size(headers) > MAX_HEADERS {
        return Err(RequestError::HeadersTooLarge { limit: MAX_HEADERS });
    }
    match headers.get(UPGRADE) {
        Some(protocol) if !protocol.as_bytes().eq_ignore_ascii_case(b"h2c") => Err(RequestError::Upgrade),
        _ => Ok(()),
    }
}

fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum()
}

/// A path as the log shows it: without the secret of a one-time link.
fn shown(path: &str) -> &str {
    const LINK: &str = "/console/set-up/";
    if path.starts_with(LINK) { LINK } else { path }
}

/// One line a request. The query stays out of it: filters hold names of people.
fn log(incoming: &Incoming<'_>, status: StatusCode, started: Instant) {
    if !log::log_enabled!(target: "scimgate::access", log::Level::Info) {
        return;
    }
    let Incoming { http, id, verified, .. } = incoming;
    log::info!(
        target: "scimgate::access",
        "{} {} {} {:.1}ms {} request={id} label={}",
        http.method(),
        shown(http.path()),
        status.as_u16(),
        started.elapsed().as_secs_f64() * 1e3,
        verified.as_ref().map_or("-", Verified::tenant),
        label::of(http.headers()).unwrap_or("-"),
    );
}
