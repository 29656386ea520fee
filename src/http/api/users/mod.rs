//! `/api/v1/users`: the users of the tenant, as systems of record send them and see them.

mod activity;
mod answer;
pub(super) mod list;
pub(super) mod records;

pub(super) use activity::{__path_deactivate, __path_deactivate_one, __path_reactivate, __path_reactivate_one};

use super::ApiAnswer;
use super::problem::ApiError;
use super::request::ApiRequest;
use crate::model::RecordMode;

/// Leads to the handler of a path below `/api/v1/users`.
pub(super) async fn route(request: ApiRequest<'_>, path: &[&str]) -> ApiAnswer {
    match (path, request.method()) {
        ([], "GET") => list::list(request).await,
        ([], "POST") => records::take(request, RecordMode::Create).await,
        ([], "PATCH") => records::take(request, RecordMode::Update).await,
        ([], _) => Err(request.takes("GET, HEAD, PATCH, POST")),
        (["deactivate"], "POST") => activity::deactivate(request).await,
        (["reactivate"], "POST") => activity::reactivate(request).await,
        ([user, "deactivate"], "POST") => activity::deactivate_one(request, user).await,
        ([user, "reactivate"], "POST") => activity::reactivate_one(request, user).await,
        (["deactivate" | "reactivate"] | [_, "deactivate" | "reactivate"], _) => Err(request.takes("POST")),
        ([user], "GET") => list::get(request, user).await,
        ([_], _) => Err(request.takes("GET, HEAD")),
        _ => Err(ApiError::NoRoute),
    }
}

/// Holds that the tenant takes records.
pub(super) fn check_set_up(request: &ApiRequest<'_>) -> Result<(), ApiError> {
    let tenant = &request.caller.tenant;
    if tenant.provisioning.enabled { Ok(()) } else { Err(ApiError::NotSetUp(tenant.slug.clone())) }
}
