//! What every request goes through, whatever its route.
//!
//! Order matters: the head's limits first, then the credential, and only then is a body looked at, so nobody without a
//! credential makes us read one.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, LOCATION, UPGRADE};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::FutureExt;
use tokio::time::timeout;

use super::body::Body;
use super::error::{HttpError, RequestError};
use super::label;
use super::negotiation::MediaType;
use super::request::{Request, header_value};
use super::route::{self, Probe, ScimEndpoint};
use super::scim::me;
use super::{health, scim};
use crate::app::App;
use crate::auth::Verified;
use crate::model::{RequestId, Scopes};

/// Bytes of path and query: a filter of 8 KiB, each byte percent-encoded, and some room.
const MAX_URI: usize = 32 << 10;
/// Bytes of all headers.
const MAX_HEADERS: usize = 16 << 10;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a handler ends with.
pub type Answer = Result<HttpResponse, HttpError>;

/// Answers any request.
pub async fn serve(http: HttpRequest, payload: Payload) -> HttpResponse {
    let Some(app) = http.app_data::<Rc<App>>() else {
        return HttpResponse::InternalServerError().finish();
    };
    match route::probe(http.path()) {
        Some(Probe::Alive) => return health::alive(),
        Some(Probe::Ready) => return health::ready(app).await,
        None => {}
    }
    let started = Instant::now();
    let id = RequestId::new(app.clock.now());
    let mut body = Body::new(http.headers(), payload);
    let mut verified = None;
    let mut own_url = None;
    let timeouts = &app.config.timeouts;
    // A bulk request ends itself in time, so that its client learns what was done; the deadline only comes after that.
    let bulk = if route::is_bulk(http.path()) { timeouts.bulk + timeouts.request } else { Duration::ZERO };
    let deadline = bulk + if body.announced() { timeouts.request + timeouts.body } else { timeouts.request };
    let media = MediaType::wanted(http.headers());

    let work = async {
        check_head(&http)?;
        let verified = verified.insert(authenticate(app, &http).await?);
        let media = media.clone()?;
        let caller = verified.caller(id);
        let endpoint = me::resolve(route::find(http.path(), &caller.catalog)?, &caller)?;
        own_url = me::url(&endpoint, &caller, &app.base_url);
        check_scopes(&http, &endpoint, caller.scopes)?;
        scim::answer(Request { app, caller: &caller, http: &http, media, body: &mut body }, endpoint).await
    };
    let outcome = match timeout(deadline, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(outcome)) if own_url.is_some() => me::without_user(outcome),
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(HttpError::Panic),
        Err(_) => Err(RequestError::Deadline.into()),
    };
    let mut response = match outcome {
        Ok(response) => response,
        Err(error) => {
            body.discard().await;
            error.render(id, media.unwrap_or_default())
        }
    };
    if let Some(url) = own_url {
        response.headers_mut().insert(LOCATION, header_value(&url));
    }
    response.headers_mut().insert(REQUEST_ID, header_value(&id.to_string()));
    log(&http, response.status(), started, id, verified.as_ref());
    response
}

async fn authenticate(app: &App, http: &HttpRequest) -> Result<Verified, HttpError> {
    let headers = http.headers().get_all(AUTHORIZATION).map(|value| value.as_bytes());
    Ok(app.authenticator.verify(headers, http.peer_addr().map(|address| address.ip())).await?)
}

/// Holds that the credential may do what the request asks for. A method that the endpoint does not know is refused for that
/// reason.
fn check_scopes(http: &HttpRequest, endpoint: &ScimEndpoint<'_>, has: Scopes) -> Result<(), RequestError> {
    let method = http.method().as_str();
    let is_known = endpoint.allow().split(", ").any(|known| known == method);
    if is_known { Ok(has.meet(endpoint.need(method))?) } else { Ok(()) }
}

/// Holds the head to its limits. An upgraded connection has a body without end, which must not be waited for.
fn check_head(http: &HttpRequest) -> Result<(), RequestError> {
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

/// One line a request. The query stays out of it: filters hold names of people.
fn log(http: &HttpRequest, status: StatusCode, started: Instant, id: RequestId, verified: Option<&Verified>) {
    if !log::log_enabled!(target: "scimgate::access", log::Level::Info) {
        return;
    }
    log::info!(
        target: "scimgate::access",
        "{} {} {} {:.1}ms {} request={id} label={}",
        http.method(),
        http.path(),
        status.as_u16(),
        started.elapsed().as_secs_f64() * 1e3,
        verified.map_or("-", Verified::tenant),
        label::of(http.headers()).unwrap_or("-"),
    );
}
