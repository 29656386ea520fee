//! `/admin/v1/tenants/{tenant}/tasks`: what is done for a tenant in the background.

use super::AdminAnswer;
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, page};
use crate::http::api::TaskView;
use crate::http::list::{List, WindowParameters};
use crate::model::TaskId;

/// Hands a request to the handler of its path and method.
pub async fn route(request: AdminRequest<'_>, slug: &str, path: &[&str]) -> AdminAnswer {
    match (path, request.method()) {
        ([], "GET") => list(request, slug).await,
        ([], _) => Err(request.takes("GET, HEAD")),
        _ => Err(AdminError::NoRoute),
    }
}

/// The tasks of a tenant, the newest first
#[utoipa::path(get, path = "/admin/v1/tenants/{tenant}/tasks", tag = "Tasks",
    params(("tenant" = String, Path, description = "The tenant's short name"), WindowParameters),
    responses((status = 200, body = List<TaskView>), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json")))]
pub async fn list(request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let window = request.window()?;
    let wrong = || AdminError::field("cursor", "is no nextCursor of this list; start without one");
    let before = window.after.as_deref().map(|text| text.parse::<TaskId>().map_err(|_| wrong())).transpose()?;
    let mut tasks = request.app.store.tenant(tenant.id).tasks_page(before, window.reads()).await?;
    let limit = usize::from(window.limit);
    let has_next = tasks.len() > limit;
    tasks.truncate(limit);
    let next = tasks.last().filter(|_| has_next).map(|task| task.id.to_string());
    page(List::going_on(tasks.iter().map(|task| TaskView::of(tenant.slug.as_str(), task)).collect(), next))
}
