//! `POST /Bulk` (RFC 7644, section 3.7).

use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::rt;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::failures;
use crate::gateway::BulkAnswer;
use crate::http::ending::Ending;
use crate::http::error::{self, HttpError, Panicked, RequestError};
use crate::http::frame::Answer;
use crate::http::request::Request;
use crate::model::Caller;
use crate::scim::bulk::{BulkLimits, BulkRequest};
use crate::scim::dialect::GroupPatchAnswer;
use crate::scim::json as entrance;
use crate::scim::{ScimError, urn};

/// How many KiB of bulk requests this process works on at once. Read, a request takes ten times its size and more, so this
/// is what keeps many of them from taking all memory.
const ROOM: u32 = 8 << 10;

/// Waiting requests queue here in order.
static FREE: Semaphore = Semaphore::const_new(ROOM as usize);

/// Carries out operations and answers what each came to.
///
/// The operations run in a task of their own: a client that goes away does not end them half-way. When the time for bulk
/// requests is over, or the server is about to stop, no further operation is begun, and the answer tells which were.
pub async fn bulk(mut request: Request<'_>) -> Answer {
    let started = Instant::now();
    let (limits, timeouts) = (request.app.config.limits, request.app.config.timeouts);
    let bytes = request.bytes_within(limits.bulk_payload).await.map_err(|error| match error {
        HttpError::Request(RequestError::BodyTooLarge { limit }) => RequestError::BulkTooLarge { limit }.into(),
        error => error,
    })?;
    let room = room(bytes.len(), timeouts.request).await?;
    let body = entrance::parse(&bytes)?;
    drop(bytes);
    request.body.freed();
    let allowed = BulkLimits { operations: limits.bulk_operations, data: limits.body };
    let bulk = BulkRequest::parse(body, &request.caller.catalog, &request.caller.tenant.dialect, allowed)?;

    let (gateway, caller) = (request.app.gateway.clone(), request.caller.clone());
    let ending = request.http.app_data::<Ending>().cloned().unwrap_or_default();
    let deadline = Instant::now() + timeouts.bulk;
    let is_over = move || ending.has_come() || Instant::now() >= deadline;
    let work = rt::spawn(async move {
        let _room = room;
        gateway.bulk(&caller, bulk, is_over).await
    });
    let answers = work.await.map_err(|_| HttpError::from(Panicked))?;

    let base_url = &request.app.base_url;
    let mut failed = Vec::new();
    let operations: Vec<Value> = answers
        .into_iter()
        .zip(1..)
        .map(|(answer, place)| operation((answer, place), request.caller, base_url, &mut failed))
        .collect();
    failures::offer_operations(&request, &failed, operations.len(), started);
    let body = json!({ "schemas": [urn::BULK_RESPONSE], "Operations": operations });
    Ok(request.answer(StatusCode::OK, body.to_string()))
}

/// Waits until there is room for a body of that many bytes.
async fn room(bytes: usize, time: Duration) -> Result<SemaphorePermit<'static>, RequestError> {
    let size = u32::try_from(bytes >> 10).unwrap_or(ROOM).clamp(1, ROOM);
    let permit = timeout(time, FREE.acquire_many(size)).await.map_err(|_| RequestError::Deadline)?;
    permit.map_err(|_| RequestError::Deadline)
}

/// What the operation at that place, counted from 1, came to. Only errors have a `response`: for success it may be left out.
fn operation(
    (answer, place): (BulkAnswer, usize),
    caller: &Caller,
    base_url: &str,
    failed: &mut Vec<(usize, ScimError)>,
) -> Value {
    let BulkAnswer { method, bulk_id, resource, outcome } = answer;
    let mut shown = json!({});
    let is_failed_post = outcome.is_err() && method.eq_ignore_ascii_case("POST");
    if let Some((kind, id)) = resource.as_ref().filter(|_| !is_failed_post) {
        shown["location"] = format!("{base_url}{}/{id}", kind.endpoint).into();
    }
    let status = match method.as_str() {
        "POST" => 201,
        "DELETE" => 204,
        "PATCH" => {
            let is_group = resource.is_some_and(|(kind, _)| kind.name == "Group");
            let silent = is_group && caller.tenant.dialect.group_patch_answer == GroupPatchAnswer::NoContent;
            if silent { 204 } else { 200 }
        }
        _ => 200,
    };
    if !method.is_empty() {
        shown["method"] = method.into();
    }
    if let Some(bulk_id) = bulk_id {
        shown["bulkId"] = bulk_id.into();
    }
    match outcome {
        Ok(version) => {
            if let Some(version) = version {
                shown["version"] = version.to_string().into();
            }
            shown["status"] = status.to_string().into();
        }
        Err(error) => {
            let error = error::of_operation(&error, caller.request);
            shown["status"] = error.status.to_string().into();
            shown["response"] = error.to_json();
            failed.push((place, error));
        }
    }
    shown
}
