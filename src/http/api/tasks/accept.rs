//! Taking many records for a task: they are read one at a time and put into the task some at a time, and only then the task is
//! started. A request that is broken off leaves a task that never starts and is forgotten.

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use tokio::task::yield_now;

use super::TaskAnswer;
use crate::http::api::elements::Elements;
use crate::http::api::problem::ApiError;
use crate::http::api::record;
use crate::http::api::request::ApiRequest;
use crate::http::problem::FieldError;
use crate::http::request::header_value;
use crate::model::{NewTask, Record, RecordMode, TaskId};
use crate::scim::json;

/// How many records, and bytes of them, are put into a task at once.
const BATCH: usize = 500;
const BATCH_BYTES: usize = 512 << 10;
/// After how many records other requests have their turn.
const TURN: usize = 100;
/// How many wrong records are told at most.
const MOST_TOLD: usize = 20;

/// Looks at all records of a body before anything is written.
pub(in crate::http::api) async fn check(body: &[u8]) -> Result<(), ApiError> {
    let (mut wrong, mut places) = (Vec::new(), 0);
    for element in Elements::of(body) {
        if let Err(error) = read(element?) {
            wrong.push(FieldError::new(&format!("[{places}]"), error));
        }
        places += 1;
        if wrong.len() == MOST_TOLD {
            break;
        }
        if places % TURN == 0 {
            yield_now().await;
        }
    }
    if places == 0 {
        return Err(FieldError::new("", "the array is empty; send at least one record").into());
    }
    if wrong.is_empty() { Ok(()) } else { Err(ApiError::Invalid(wrong)) }
}

/// Makes a task of the records of a body that was looked at, and starts it.
pub(in crate::http::api) async fn accept(
    request: &ApiRequest<'_>,
    mode: RecordMode,
    dry_run: bool,
    body: &[u8],
) -> Result<(TaskAnswer, TaskId), ApiError> {
    let (tenant, gateway) = (request.caller.tenant.id, &request.app.gateway);
    let task = gateway.create_task(tenant, &NewTask::of_records(mode, dry_run, &request.caller)).await?;
    let (mut first, mut batch, mut bytes) = (1, Vec::with_capacity(BATCH), 0);
    for element in Elements::of(body) {
        let unreadable = |detail| ApiError::from(FieldError::new("", detail));
        let element = element?;
        batch.push(read(element).map_err(unreadable)?);
        bytes += element.len();
        if batch.len() == BATCH || bytes >= BATCH_BYTES {
            gateway.append_task_records(tenant, task, first, &batch).await?;
            first += batch.len() as i64;
            batch.clear();
            bytes = 0;
        }
    }
    gateway.append_task_records(tenant, task, first, &batch).await?;
    let task = gateway.start_task(tenant, task).await?;
    Ok((TaskAnswer::of(request.caller.tenant.slug.as_str(), &task), task.id))
}

/// The answer with where the task is to be found.
pub(in crate::http::api) fn accepted(mut answer: HttpResponse, task: TaskId) -> HttpResponse {
    answer.headers_mut().insert(LOCATION, header_value(&format!("/api/v1/tasks/{task}")));
    answer
}

/// The task that an answer tells of.
pub(in crate::http::api) fn told_in(answer: &str) -> Option<TaskId> {
    let answer: serde_json::Value = serde_json::from_str(answer).ok()?;
    answer["result"]["task"]["taskId"].as_i64().map(TaskId)
}

fn read(element: &[u8]) -> Result<Record, String> {
    record::read(json::parse(element).map_err(|error| error.detail)?)
}
