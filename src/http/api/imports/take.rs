//! Taking a file: it becomes a task.

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::ApiAnswer;
use super::super::problem::ApiError;
use super::super::request::ApiRequest;
use super::super::users::check_set_up;
use super::form::{ImportForm, Surveyed};
use super::refused;
use super::view::FileView;
use crate::app::import_file::read_ahead;
use crate::gateway::TasksError;
use crate::http::problem::Problem;
use crate::model::{Scope, TaskId};
use crate::store::StoreError;

/// A file that became a task.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportView {
    /// The task, at `/api/v1/tasks/{taskId}`
    task_id: i64,
    /// Whether nothing is written
    dry_run: bool,
    #[serde(flatten)]
    file: FileView,
}

/// Import a file of people
///
/// The file is read to its end first. If that goes well, it becomes a task, which is answered at once; if not, nothing changes.
#[utoipa::path(post, path = "/api/v1/imports", tag = "Imports",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    params(("dryRun" = Option<bool>, Query, description = "Find out what would become of each row, and write nothing")),
    responses((status = 202, body = ImportView, headers(("Location" = String, description = "The task"))),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn take(mut request: ApiRequest<'_>) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    check_set_up(&request)?;
    let dry_run = request.flag("dryRun")?;
    let surveyed = Surveyed::of(&mut request).await?;
    let view = FileView::from(&surveyed.survey);
    let task = fill(&request, surveyed, dry_run).await?;
    request.app.gateway.start_task(request.caller.tenant.id, task).await.map_err(told)?;
    let location = format!("/api/v1/tasks/{task}");
    let body =
        serde_json::to_string(&ImportView { task_id: task.0, dry_run, file: view }).map_err(StoreError::internal)?;
    Ok(HttpResponse::Accepted().content_type("application/json").insert_header((LOCATION, location)).body(body))
}

/// Makes a task of all rows of a file. One that is not finished is never started, and forgotten in time.
async fn fill(request: &ApiRequest<'_>, surveyed: Surveyed, dry_run: bool) -> Result<TaskId, ApiError> {
    let Surveyed { file, survey, mode, place: looking } = surveyed;
    let (gateway, caller, mapping) = (&request.app.gateway, &request.caller, survey.mapping.clone());
    let task =
        gateway.create_import(caller.tenant.id, caller, (mode, dry_run), &mapping.names()).await.map_err(told)?;
    let (mut chunks, reading) = read_ahead(file, survey);
    let mut place = 1;
    while let Some(rows) = chunks.recv().await {
        let count = rows.len() as i64;
        gateway.append_import_rows(caller.tenant.id, task, place, &mapping, rows).await.map_err(told)?;
        place += count;
    }
    reading.await.map_err(StoreError::internal)?.map_err(refused)?;
    drop(looking);
    Ok(task)
}

fn told(error: TasksError) -> ApiError {
    match error {
        TasksError::Store(error) => error.into(),
        // The task is ours alone until it is started.
        error => StoreError::internal(error).into(),
    }
}
