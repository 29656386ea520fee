//! Bulk requests in the background (RFC 9967, section 2.5.1): taking one, and `GET /Bulk/{id}`, where it is told what became of it.
//!
//! The id is what `Set-Txn` told. There stands the bulk response once the request is through; behind a colon and the index of an
//! operation stands the Security Event Token that tells of the completion of that one. There is no stream of events: whoever wants
//! to know asks.

use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderName, LOCATION, RETRY_AFTER};
use actix_web::{HttpResponse, HttpResponseBuilder};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::{Builder, Uuid};

use crate::app::App;
use crate::auth::sign_event;
use crate::gateway::{SigningKeyError, TasksError};
use crate::http::compression;
use crate::http::error::{HttpError, RequestError};
use crate::http::frame::Answer;
use crate::http::prefer::{PREFERENCE_APPLIED, RESPOND_ASYNC, wait};
use crate::http::request::{Request, header_value};
use crate::model::{OutcomeKind, ResourceId, Task, TaskKind, TaskRecord, TaskState, record_request};
use crate::scim::bulk::BulkRequest;
use crate::scim::{ScimError, urn};
use crate::store::{RecordsPage, StoreError};

const SET_TXN: HeaderName = HeaderName::from_static("set-txn");
/// The event of a request that is through (RFC 9967, section 2.5.1.3).
const ASYNC_RESPONSE: &str = "urn:ietf:params:scim:event:misc:asyncresp";
/// How often it is looked, for a client that waits, whether the request is through, and how long at most.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How many records are read at once.
const PAGE: i64 = 500;

/// Takes a bulk request whose form is right, to be carried out in the background.
pub async fn accept(request: &Request<'_>, bulk: &BulkRequest, operations: &[String]) -> Result<Task, HttpError> {
    request.app.gateway.accept_bulk(request.caller, bulk, operations).await.map_err(not_accepted)
}

/// Answers that a bulk request was taken. A client that would wait for a while is answered as always if it is through by then.
pub async fn taken(request: &Request<'_>, mut task: Task) -> Answer {
    if let Some(time) = wait(request.http.headers()) {
        let until = Instant::now() + time.min(LONGEST_WAIT).min(request.app.config.timeouts.bulk);
        while !task.state.is_over() && Instant::now() < until {
            sleep(LOOK_EVERY).await;
            task = find(request, task.txn).await?;
        }
        if task.state.is_over() {
            return response(request, &task).await;
        }
    }
    Ok(accepted(request, &task))
}

/// What became of a bulk request, or of one operation of it.
pub async fn get(request: Request<'_>, id: &str) -> Answer {
    let (txn, index) = match id.split_once(':') {
        Some((txn, index)) => (txn, Some(index)),
        None => (id, None),
    };
    let nothing = || RequestError::NotFound { kind: "bulk request in the background".to_owned(), id: id.to_owned() };
    let txn: ResourceId = txn.parse().map_err(|_| nothing())?;
    let task = find(&request, txn.0).await?;
    match index {
        None if task.state.is_over() => response(&request, &task).await,
        None => Ok(accepted(&request, &task)),
        Some(index) => {
            let is_number = index == "0" || !index.starts_with(['0', '+']);
            let place = index.parse::<u32>().ok().filter(|_| is_number).ok_or_else(nothing)?;
            event(&request, &task, place).await?.ok_or_else(|| nothing().into())
        }
    }
}

/// The task of a bulk request of the caller's tenant.
async fn find(request: &Request<'_>, txn: Uuid) -> Result<Task, HttpError> {
    let found = request.app.store.tenant(request.caller.tenant.id).task_of_transaction(txn).await?;
    let found = found.filter(|task| task.kind == TaskKind::ScimBulk && task.state != TaskState::Draft);
    let nothing = || RequestError::NotFound { kind: "bulk request in the background".to_owned(), id: txn.to_string() };
    Ok(found.ok_or_else(nothing)?)
}

/// 202: the request was taken, or is not through. There is no body.
fn accepted(request: &Request<'_>, task: &Task) -> HttpResponse {
    let location = format!("{}/Bulk/{}", request.app.base_url, task.txn);
    let mut response = HttpResponseBuilder::new(StatusCode::ACCEPTED)
        .insert_header((SET_TXN, header_value(&task.txn.to_string())))
        .insert_header((LOCATION, header_value(&location)))
        .insert_header((RETRY_AFTER, "1"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish();
    if request.http.method() == "POST" {
        response.headers_mut().insert(PREFERENCE_APPLIED, RESPOND_ASYNC);
    }
    response
}

/// The bulk response. Operations that `failOnErrors` kept from being tried are not told, as in an answer at once.
async fn response(request: &Request<'_>, task: &Task) -> Answer {
    let store = request.app.store.tenant(request.caller.tenant.id);
    let (mut operations, mut after) = (Vec::new(), i64::MIN);
    loop {
        let records = store.task_records(task.id, RecordsPage { after, only_failed: false, limit: PAGE }).await?;
        let Some(last) = records.last() else { break };
        after = last.place;
        let was_tried = |record: &&TaskRecord| record.outcome.is_some() || task.state != TaskState::Done;
        operations.extend(records.iter().filter(was_tried).map(|record| shown(task, record, &request.app.base_url)));
    }
    let body = json!({ "schemas": [urn::BULK_RESPONSE], "Operations": operations });
    let mut response = request.answer(StatusCode::OK, body.to_string());
    response.headers_mut().insert(SET_TXN, header_value(&task.txn.to_string()));
    Ok(response)
}

/// The token that tells of the completion of one operation, by its index from 0; 202 as long as it is not known.
async fn event(request: &Request<'_>, task: &Task, index: u32) -> Result<Option<HttpResponse>, HttpError> {
    let store = request.app.store.tenant(request.caller.tenant.id);
    let page = RecordsPage { after: index.into(), only_failed: false, limit: 1 };
    let place = i64::from(index) + 1;
    let records = store.task_records(task.id, page).await?;
    let Some(record) = records.into_iter().find(|record| record.place == place) else { return Ok(None) };
    if record.outcome.is_none() && !task.state.is_over() {
        return Ok(Some(accepted(request, task)));
    }
    let app = request.app;
    let operation = shown(task, &record, &app.base_url);
    let path = operation["location"].as_str().and_then(|location| location.strip_prefix(&*app.base_url));
    let path = path.or_else(|| record.record["path"].as_str()).unwrap_or("/Bulk");
    let claims = json!({
        "iss": app.access_tokens.issuer(),
        "iat": task.completed_at.unwrap_or_else(|| app.clock.now()).timestamp(),
        "jti": token_id(task.txn, place).to_string(),
        "aud": [format!("{}/Bulk", app.base_url)],
        "sub_id": { "format": "scim", "uri": path },
        "txn": format!("{}:{index}", task.txn),
        "events": { ASYNC_RESPONSE: operation },
    });
    let token = sign(app, &claims).await?;
    let mut response = HttpResponseBuilder::new(StatusCode::OK)
        .content_type("application/secevent+jwt")
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(token);
    compression::spare(&mut response);
    Ok(Some(response))
}

/// An operation as a bulk response has it.
fn shown(task: &Task, record: &TaskRecord, base_url: &str) -> Value {
    let kept = &record.record;
    let mut shown = json!({});
    for name in ["method", "bulkId"] {
        if kept[name].as_str().is_some_and(|text| !text.is_empty()) {
            shown[name] = kept[name].clone();
        }
    }
    let method = kept["method"].as_str().unwrap_or_default();
    let endpoint = kept["path"].as_str().unwrap_or_default().split('/').nth(1).unwrap_or_default();
    let at = |id: &str| format!("{base_url}/{endpoint}/{id}");
    let error = match &record.outcome {
        Some(outcome) => {
            if let Some(detail) = &outcome.detail {
                let mut shown = detail.clone();
                if let Some(path) = detail["location"].as_str() {
                    shown["location"] = format!("{base_url}{path}").into();
                }
                return shown;
            }
            if outcome.kind != OutcomeKind::Failed {
                // Found in the change stream alone, after the task had to end.
                if let Some(id) = outcome.resource {
                    shown["location"] = at(&id.to_string()).into();
                }
                let status = match method {
                    "POST" => "201",
                    "DELETE" => "204",
                    _ => "200",
                };
                shown["status"] = status.into();
                return shown;
            }
            ScimError::new(500, "the operation failed")
        }
        None => match (task.state, &task.error) {
            (TaskState::Done, _) => {
                ScimError::new(409, "not carried out: as many operations had failed as failOnErrors allows")
            }
            (_, Some(why)) => ScimError::new(503, format!("not carried out: {why}")),
            _ => ScimError::new(503, "not carried out: the bulk request was cancelled"),
        },
    };
    shown["status"] = error.status.to_string().into();
    shown["response"] = error.to_json();
    shown
}

/// The token's id, always the same one for the same operation.
fn token_id(txn: Uuid, place: i64) -> Uuid {
    let mut bytes = record_request(txn, place).0.into_bytes();
    bytes.reverse();
    Builder::from_custom_bytes(bytes).into_uuid()
}

async fn sign(app: &App, claims: &Value) -> Result<String, HttpError> {
    let sealer = app.sealer.as_deref().ok_or(RequestError::NotOffered("signed events"))?;
    let period = TimeDelta::from_std(app.config.signing_key_period).unwrap_or(TimeDelta::MAX);
    let mut keys = app.access_tokens.keys().await?;
    if keys.due(app.clock.now(), period).is_some() {
        keys = app.gateway.ensure_signing_key(sealer, period).await.map_err(|error| match error {
            SigningKeyError::Store(error) => error,
            error @ SigningKeyError::Signing(_) => StoreError::internal(error),
        })?;
        app.access_tokens.forget_keys();
    }
    let key = keys.signing(app.clock.now()).ok_or_else(|| StoreError::internal("there is no key to sign with"))?;
    Ok(sign_event(key, sealer, claims).map_err(StoreError::internal)?)
}

fn not_accepted(error: TasksError) -> HttpError {
    match error {
        TasksError::Store(error) => error.into(),
        error => StoreError::internal(error).into(),
    }
}
