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
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, UPGRADE};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::FutureExt;
use tokio::time::timeout;

use super::body::Body;
use super::ending::Ending;
use super::error::{HttpError, Panicked, RequestError};
use super::request::header_value;
use super::route::{self, Probe, Space};
use super::trace::Trace;
use super::{access_log, admin, api, client_address, console, health, invitations, oauth, scim};
use crate::app::App;
use crate::app::limits::Of;
use crate::app::metrics::{Answered, Limit, Method, Route, TenantClass};
use crate::auth::{AuthError, Verified};
use crate::model::RequestId;

/// Bytes of path and query: a filter of 8 KiB, each byte percent-encoded, and some room.
const MAX_URI: usize = 32 << 10;
/// Bytes of all headers.
const MAX_HEADERS: usize = 16 << 10;

/// The header that carries a request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_RESPONSE: HeaderName = HeaderName::from_static("traceresponse");

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
    address: Option<IpAddr>,
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
        Space::Probe(Probe::Ready) => {
            let ending = http.app_data::<Ending>().cloned().unwrap_or_default();
            return health::ready(&app.store, &ending).await;
        }
        _ => {}
    }
    let id = RequestId::new(app.clock.now());
    let body = Body::new(http.headers(), payload);
    let address = client_address::of(&http, &app.config.operations.proxies);
    let mut incoming = Incoming { app, http: &http, id, body, verified: None, address };
    let mut response = match space {
        // Boxed, so that requests of SCIM do not carry the room that others need.
        Space::Admin => Box::pin(admin::enter(&mut incoming)).await,
        Space::Api => Box::pin(api::enter(&mut incoming)).await,
        Space::Console => Box::pin(console::enter(&mut incoming)).await,
        Space::Invitations => Box::pin(invitations::enter(&mut incoming)).await,
        Space::OAuth => Box::pin(oauth::enter(&mut incoming)).await,
        Space::Scim | Space::Probe(_) => scim::enter(&mut incoming).await,
    };
    if !response.status().is_success() {
        incoming.body.discard().await;
    }
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, header_value(&id.to_string()));
    let trace = Trace::of(http.headers());
    if let Some(trace) = &trace {
        headers.insert(TRACE_RESPONSE, header_value(&trace.response(id)));
    }
    let elapsed = started.elapsed();
    count(&incoming, response.status(), elapsed);
    access_log::write(&incoming, response.status(), elapsed, trace.as_ref());
    response
}

impl Incoming<'_> {
    /// The client's address, which a trusted proxy may have told.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
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

/// Checks the credential of a request in the `Authorization` header, and whether as many requests may come with it.
pub async fn authenticate(
    app: &App,
    (http, id): (&HttpRequest, RequestId),
    address: Option<IpAddr>,
) -> Result<Verified, HttpError> {
    let headers = http.headers().get_all(AUTHORIZATION).map(|value| value.as_bytes());
    let mut refused = None;
    let outcome = app.authenticator.verify(headers, address, &mut refused).await;
    if let Some(refused) = refused {
        scim::offer_refused(app, http, id, refused);
    }
    let verified = outcome.inspect_err(|error| {
        if matches!(error, AuthError::TooManyFailures(_)) {
            app.counts.limited(Limit::FailedAuthentication);
        }
    })?;
    app.process.limits.admit(verified.tenant_id(), verified.credential_id()).map_err(|exceeded| {
        app.counts.limited(match exceeded.of {
            Of::Tenant => Limit::Tenant,
            Of::Credential => Limit::Credential,
        });
        app.process.refusals.count(verified.credential_id(), app.clock.now());
        RequestError::RateLimited(exceeded)
    })?;
    Ok(verified)
}

fn count(incoming: &Incoming<'_>, status: StatusCode, elapsed: Duration) {
    incoming.app.counts.answered(Answered {
        route: Route::of(incoming.http.path()),
        method: Method::of(incoming.http.method().as_str()),
        status: status.as_u16(),
        tenant: incoming.verified.as_ref().map_or(TenantClass::None, |verified| verified.profile().into()),
        elapsed,
    });
}
