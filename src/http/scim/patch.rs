//! `PATCH /Users/{id}` (RFC 7644, section 3.5.2).

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, LOCATION};

use super::resource;
use super::view::View;
use crate::http::frame::Answer;
use crate::http::request::{Request, header_value, resource_id};
use crate::scim::dialect::GroupPatchAnswer;
use crate::scim::schema::ResourceType;

/// A group with more members than this is not sent back after a change: adding one member to a large group would cost as
/// much as reading all of it. RFC 7644 allows 204 for every PATCH.
const MAX_MEMBERS: u32 = 100;

/// Changes a resource and answers with it, or for groups with 204 if the tenant wants that.
pub async fn patch(mut request: Request<'_>, kind: &Arc<ResourceType>, id: &str) -> Answer {
    let id = resource_id(kind, id)?;
    let view = View::of(&request, kind)?;
    let body = request.json().await?;
    let stored = request.app.gateway.patch(request.caller, kind, id, &request.preconditions(), body).await?;

    let dialect = &request.caller.tenant.dialect;
    let wants_answer = kind.name != "Group" || dialect.group_patch_answer == GroupPatchAnswer::Resource;
    if wants_answer && !view.wants_members() {
        return resource::answer(&request, StatusCode::OK, view, stored).await;
    }
    if wants_answer && let Some(response) = resource::answer_small(&request, &view, &stored, MAX_MEMBERS).await? {
        return Ok(response);
    }
    let mut response = HttpResponse::NoContent();
    response.insert_header((LOCATION, header_value(&view.location(&stored))));
    Ok(response.insert_header((ETAG, header_value(&stored.version.to_string()))).finish())
}
