//! The rows of a file that failed, written while they are sent.

use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::Bytes;
use futures_util::{StreamExt, stream};

use super::super::ApiAnswer;
use super::super::problem::ApiError;
use super::super::request::ApiRequest;
use crate::http::problem::Problem;
use crate::import::RejectWriter;
use crate::model::{Scope, TaskId};
use crate::store::{RejectedRows, StoreError, TenantStore};

/// A walk through the rows.
struct Walk {
    store: TenantStore,
    /// The task that the file became.
    import: TaskId,
    /// The task whose failures are asked for: that one, or one that repeated it.
    task: TaskId,
    columns: Vec<String>,
    after: i64,
}

/// The rows that failed, as a file to be mended
///
/// CSV in the columns of the file, with a column `reason` that tells why. It can be sent again as it is once the rows are mended.
#[utoipa::path(get, path = "/api/v1/imports/{taskId}/rejects.csv", tag = "Imports",
    params(("taskId" = i64, Path, description = "The task that the file became, or one that repeated it")),
    responses((status = 200, content_type = "text/csv", body = String),
        (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(request: ApiRequest<'_>, task: &str) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let nothing = || ApiError::NotFound { kind: "import", id: task.to_owned() };
    let id: TaskId = task.parse().map_err(|_| nothing())?;
    download(request.app.store.tenant(request.caller.tenant.id), id).await?.ok_or_else(nothing)
}

/// The same for whoever may have it; nothing if the task came from no file.
pub async fn download(store: TenantStore, id: TaskId) -> Result<Option<HttpResponse>, StoreError> {
    let Some((import, columns)) = file_of(&store, id).await? else { return Ok(None) };
    let walk = Walk { store, import, task: id, columns, after: 0 };
    let begin = walk.csv(None)?;
    let rest = stream::try_unfold(walk, async |mut walk| {
        let found = walk.store.rejected_rows(walk.import, walk.task, walk.after).await?;
        let Some(found) = found else { return Ok::<_, StoreError>(None) };
        walk.after = found.first_place;
        let bytes = walk.csv(Some(found))?;
        Ok(Some((bytes, walk)))
    });
    let mut response = HttpResponse::Ok();
    response.content_type("text/csv; charset=utf-8; header=present");
    response.insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"rejects-{id}.csv\"")));
    Ok(Some(response.streaming(Box::pin(stream::once(async { Ok(begin) }).chain(rest)))))
}

/// The file that a task came from; that of the task that it repeats, if it repeats one.
pub async fn file_of(store: &TenantStore, task: TaskId) -> Result<Option<(TaskId, Vec<String>)>, StoreError> {
    let mut next = Some(task);
    while let Some(id) = next {
        if let Some(columns) = store.import_columns(id).await? {
            return Ok(Some((id, columns)));
        }
        next = store.task(id).await?.and_then(|task| task.retry_of);
    }
    Ok(None)
}

impl Walk {
    /// The names of the columns, or rows without them.
    fn csv(&self, found: Option<RejectedRows>) -> Result<Bytes, StoreError> {
        let mut writer = match found {
            None => RejectWriter::new(Vec::new(), &self.columns),
            Some(_) => RejectWriter::going_on(Vec::new(), &self.columns),
        }
        .map_err(StoreError::internal)?;
        for (place, detail) in found.iter().flat_map(|found| &found.failed) {
            let rows = found.as_ref().map(|found| (&found.rows, place - found.first_place));
            let cells = rows.and_then(|(rows, at)| rows.get(usize::try_from(at).ok()?));
            let reason = detail["message"].as_str().unwrap_or_default();
            writer.write(cells.map(Vec::as_slice).unwrap_or_default(), reason).map_err(StoreError::internal)?;
        }
        writer.finish().map(Bytes::from).map_err(StoreError::internal)
    }
}
