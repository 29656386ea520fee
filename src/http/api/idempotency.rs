//! `Idempotency-Key`: a retry of a request gets the first answer, for a day. Passwords are not kept, so a retry is not told them
//! again.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use chrono::TimeDelta;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::problem::ApiError;
use super::request::ApiRequest;
use super::tasks;
use crate::store::Begun;

/// The header.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Stands on an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// How long a key is at most.
const LONGEST_KEY: usize = 255;

/// What is to be done with a request.
pub enum Claim {
    /// It is to be carried out; its answer is kept if it carries a key.
    New(Option<Claimed>),
    /// It was answered before.
    Answered(HttpResponse),
}

/// A key that this request has to itself.
pub struct Claimed(String);

/// Looks whether a request with that body was sent before under the same key.
pub async fn claim(request: &ApiRequest<'_>, body: &[u8]) -> Result<Claim, ApiError> {
    let Some(key) = key(request)? else { return Ok(Claim::New(None)) };
    let mut hash = Sha256::new();
    for part in [request.http.method().as_str(), request.http.path(), request.http.query_string()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update(body);
    let fingerprint = hash.finalize();
    let now = request.app.clock.now();
    let lease = TimeDelta::from_std(request.deadline).unwrap_or(TimeDelta::minutes(10));
    let store = request.app.store.tenant(request.caller.tenant.id);
    match store.begin_idempotent((request.caller.credential, &key), &fingerprint, (now, now + lease)).await? {
        Begun::New => Ok(Claim::New(Some(Claimed(key)))),
        Begun::Busy => Err(ApiError::StillRunning),
        Begun::OtherRequest => Err(ApiError::KeyOfAnother),
        Begun::Answered { status, answer } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            let task =
                Some(&answer).filter(|_| status == StatusCode::ACCEPTED).and_then(|answer| tasks::told_in(answer));
            let mut response = HttpResponse::build(status).content_type("application/json").body(answer);
            if let Some(task) = task {
                response = tasks::accepted(response, task);
            }
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
            Ok(Claim::Answered(response))
        }
    }
}

fn key(request: &ApiRequest<'_>) -> Result<Option<String>, ApiError> {
    let Some(value) = request.http.headers().get(KEY) else { return Ok(None) };
    let is_good =
        |text: &&str| (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    let key = value.to_str().ok().map(|text| text.trim_matches('"')).filter(is_good);
    key.map(|key| Some(key.to_owned())).ok_or(ApiError::BadKey { longest: LONGEST_KEY })
}

impl Claimed {
    /// Keeps the answer to the request. If that fails, a retry comes to what it comes to by then.
    pub async fn keep(self, request: &ApiRequest<'_>, status: StatusCode, answer: &impl Serialize) {
        let text = serde_json::to_string(answer).unwrap_or_default();
        let store = request.app.store.tenant(request.caller.tenant.id);
        let of = (request.caller.credential, self.0.as_str());
        if let Err(error) = store.finish_idempotent(of, status.as_u16(), &text).await {
            log::warn!("request {}: the answer could not be kept for a retry: {error}", request.caller.request);
        }
    }

    /// Forgets the request, which did nothing: a retry is as good as a new one.
    pub async fn forget(self, request: &ApiRequest<'_>) {
        let store = request.app.store.tenant(request.caller.tenant.id);
        if let Err(error) = store.forget_idempotent((request.caller.credential, self.0.as_str())).await {
            log::warn!("request {}: its key could not be forgotten: {error}", request.caller.request);
        }
    }
}
