//! `/api/v1/tasks`: work on many records that is done in the background, and what became of each of them.

mod accept;
mod view;

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

pub(super) use self::accept::{accept, accepted, check, told_in};
pub use self::view::TaskView;
use self::view::UserOutcome;
use super::ApiAnswer;
use super::problem::ApiError;
use super::request::ApiRequest;
use crate::gateway::TasksError;
use crate::http::answer::{json, ok};
use crate::http::list::{List, WindowParameters, cursor};
use crate::http::problem::{FieldError, Problem};
use crate::model::{AskedBy, Scope, Task, TaskId};
use crate::store::RecordsPage;

/// A task with what became of its users.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskAnswer {
    result: TaskResult,
    /// Send it as `cursor` for the next users; absent on the last page
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    next_cursor: Option<String>,
}

/// A task, and a page of its users.
#[derive(Serialize, ToSchema)]
pub struct TaskResult {
    task: TaskView,
    /// In the order of the records
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    users: Option<Vec<UserOutcome>>,
}

impl TaskAnswer {
    /// A task alone.
    pub fn of(slug: &str, task: &Task) -> Self {
        Self { result: TaskResult { task: TaskView::of(slug, task), users: None }, next_cursor: None }
    }
}

impl From<TasksError> for ApiError {
    fn from(error: TasksError) -> Self {
        match error {
            TasksError::NotFound(id) => Self::NotFound { kind: "task", id: id.to_string() },
            TasksError::Store(error) => error.into(),
            error => Self::TaskConflict(error.to_string()),
        }
    }
}

/// Leads to the handler of a path below `/api/v1/tasks`.
pub(super) async fn route(request: ApiRequest<'_>, path: &[&str]) -> ApiAnswer {
    match (path, request.method()) {
        ([], "GET") => list(request).await,
        ([id], "GET") => get(request, id).await,
        ([id, "cancel"], "POST") => cancel(request, id).await,
        ([id, "retry"], "POST") => retry(request, id).await,
        ([] | [_], _) => Err(request.takes("GET, HEAD")),
        ([_, "cancel" | "retry"], _) => Err(request.takes("POST")),
        _ => Err(ApiError::NoRoute),
    }
}

/// The tasks of the tenant, the newest first
#[utoipa::path(get, path = "/api/v1/tasks", tag = "Tasks", params(WindowParameters),
    responses((status = 200, body = List<TaskView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
async fn list(request: ApiRequest<'_>) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let window = request.window()?;
    let tenant = &request.caller.tenant;
    let wrong = || FieldError::new("cursor", "is no nextCursor of this list; start without one");
    let before = window.after.as_deref().map(|text| text.parse::<TaskId>().map_err(|_| wrong())).transpose()?;
    let mut tasks = request.app.store.tenant(tenant.id).tasks_page(before, window.reads()).await?;
    let limit = usize::from(window.limit);
    let has_next = tasks.len() > limit;
    tasks.truncate(limit);
    let next = tasks.last().filter(|_| has_next).map(|task| task.id.to_string());
    ok(&List::going_on(tasks.iter().map(|task| TaskView::of(tenant.slug.as_str(), task)).collect(), next))
}

/// Which users of a task are told.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what get reads")]
pub struct Wanted {
    /// `failed` for those alone whose record came to nothing
    #[param(pattern = "^failed$")]
    outcome: Option<String>,
}

/// A task, and what became of its users
#[utoipa::path(get, path = "/api/v1/tasks/{taskId}", tag = "Tasks",
    params(("taskId" = i64, Path, description = "The number of the task"), WindowParameters, Wanted),
    responses((status = 200, body = TaskAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
async fn get(request: ApiRequest<'_>, id: &str) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let window = request.window()?;
    let only_failed = match request.query().get("outcome")?.as_deref() {
        None => false,
        Some("failed") => true,
        Some(_) => return Err(FieldError::new("outcome", "is not \"failed\"; leave it out for all users").into()),
    };
    let wrong = || FieldError::new("cursor", "is no nextCursor of this list; start without one");
    let after = window.after.as_deref().map_or(Ok(i64::MIN), |text| text.parse().map_err(|_| wrong()))?;
    let tenant = &request.caller.tenant;
    let store = request.app.store.tenant(tenant.id);
    let task = find(&request, id).await?;
    let page = RecordsPage { after, only_failed, limit: window.reads() };
    let mut records = store.task_records(task.id, page).await?;
    let limit = usize::from(window.limit);
    let has_next = records.len() > limit;
    records.truncate(limit);
    let next_cursor = records.last().filter(|_| has_next).map(|record| cursor(&record.place.to_string()));
    let users = Some(records.iter().map(|record| UserOutcome::of(&task, record)).collect());
    ok(&TaskAnswer { result: TaskResult { task: TaskView::of(tenant.slug.as_str(), &task), users }, next_cursor })
}

/// End a task; what it has done stays
///
/// Records that are being worked on are finished first, so a running task ends a moment later.
#[utoipa::path(post, path = "/api/v1/tasks/{taskId}/cancel", tag = "Tasks",
    params(("taskId" = i64, Path, description = "The number of the task")),
    responses((status = 200, body = TaskAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
async fn cancel(request: ApiRequest<'_>, id: &str) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let task = find(&request, id).await?;
    let (tenant, origin) = (&request.caller.tenant, AskedBy::from(&request.caller).origin());
    let task = request.app.gateway.cancel_task(tenant.id, task.id, &origin).await?;
    ok(&TaskAnswer::of(tenant.slug.as_str(), &task))
}

/// Try the records of a task again that failed, as a new task
#[utoipa::path(post, path = "/api/v1/tasks/{taskId}/retry", tag = "Tasks",
    params(("taskId" = i64, Path, description = "The number of the task")),
    responses((status = 202, body = TaskAnswer), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
async fn retry(request: ApiRequest<'_>, id: &str) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let task = find(&request, id).await?;
    let tenant = &request.caller.tenant;
    let task = request.app.gateway.retry_task(tenant.id, task.id, &request.caller).await?;
    let answer: ApiAnswer = json(StatusCode::ACCEPTED, &TaskAnswer::of(tenant.slug.as_str(), &task));
    Ok(accepted(answer?, task.id))
}

/// The task of that number.
async fn find(request: &ApiRequest<'_>, id: &str) -> Result<Task, ApiError> {
    let nothing = || ApiError::NotFound { kind: "task", id: id.to_owned() };
    let id: TaskId = id.parse().map_err(|_| nothing())?;
    request.app.store.tenant(request.caller.tenant.id).task(id).await?.ok_or_else(nothing)
}
