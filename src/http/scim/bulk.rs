//! `POST /Bulk` (RFC 7644, section 3.7).

use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::rt;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::{bulk_outcome, failures};
use crate::gateway::OperationView;
use crate::http::ending::Ending;
use crate::http::error::{HttpError, Panicked, RequestError};
use crate::http::frame::Answer;
use crate::http::prefer::responds_async;
use crate::http::request::Request;
use crate::scim::bulk::{BulkLimits, BulkRequest};
use crate::scim::json as entrance;
use crate::scim::urn;

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
    let (catalog, dialect) = (&request.caller.catalog, &request.caller.tenant.dialect);
    // A tenant whose secrets cannot be sealed is answered at once, as it is the server's to decide (RFC 9967, section 2.5.1.1).
    if responds_async(request.http.headers()) && request.app.gateway.takes_bulk_tasks() {
        let operations = operations(&body);
        let bulk = BulkRequest::parse(body, catalog, dialect, allowed)?;
        let task = bulk_outcome::accept(&request, &bulk, &operations).await?;
        drop((bulk, operations, room));
        return bulk_outcome::taken(&request, task).await;
    }
    let bulk = BulkRequest::parse(body, catalog, dialect, allowed)?;

    let (gateway, caller) = (request.app.gateway.clone(), request.caller.clone());
    let ending = request.http.app_data::<Ending>().cloned().unwrap_or_default();
    let deadline = Instant::now() + timeouts.bulk;
    // At the server's end the operations that are left have half of the time, so that there is enough of it for the answer.
    let patience = timeouts.shutdown / 2;
    let is_over = move || ending.came_before(patience) || Instant::now() >= deadline;
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
        .map(|(answer, place)| {
            let OperationView { json, error } = answer.view(request.caller, base_url);
            failed.extend(error.map(|error| (place, error)));
            json
        })
        .collect();
    failures::offer_operations(&request, &failed, operations.len(), started);
    let body = json!({ "schemas": [urn::BULK_RESPONSE], "Operations": operations });
    Ok(request.answer(StatusCode::OK, body.to_string()))
}

/// The operations of a body as they were sent; as texts, which take less room than what is read of them.
fn operations(body: &Value) -> Vec<String> {
    let members = body.as_object().into_iter().flatten();
    let mut operations = members.filter(|(name, _)| name.eq_ignore_ascii_case("operations"));
    operations.next().and_then(|(_, value)| value.as_array()).into_iter().flatten().map(Value::to_string).collect()
}

/// Waits until there is room for a body of that many bytes.
async fn room(bytes: usize, time: Duration) -> Result<SemaphorePermit<'static>, RequestError> {
    let size = u32::try_from(bytes >> 10).unwrap_or(ROOM).clamp(1, ROOM);
    let permit = timeout(time, FREE.acquire_many(size)).await.map_err(|_| RequestError::Deadline)?;
    permit.map_err(|_| RequestError::Deadline)
}
