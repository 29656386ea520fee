//! `GET /Groups/{id}/members`: the members of one group in pages, for clients that cannot take all of them at once. An
//! extension of ours: `GET /Groups/{id}` answers with all of them, as RFC 7643 has it.

use std::sync::Arc;

use actix_web::http::StatusCode;

use super::reference::{Reference, Shown};
use crate::gateway::GatewayError;
use crate::http::error::{HttpError, RequestError};
use crate::http::frame::Answer;
use crate::http::request::{Request, resource_id};
use crate::model::MemberRef;
use crate::scim::ScimError;
use crate::scim::filter::{CheckedFilter, Filter};
use crate::scim::list::{ListParameters, ListQuery};
use crate::scim::path::AttrPath;
use crate::scim::schema::ResourceType;
use crate::scim::urn::LIST_RESPONSE;
use crate::store::MembersPage;

/// Answers with a page of members in the order of their ids, each as it stands in `members`. The filter speaks of one
/// member: `type eq "Group"`.
pub async fn members(request: Request<'_>, kind: &Arc<ResourceType>, id: &str) -> Answer {
    let id = resource_id(kind, id)?;
    let query = request.query();
    let (start_index, count, filter) = (query.get("startIndex")?, query.get("count")?, query.get("filter")?);
    let parameters =
        ListParameters { start_index: start_index.as_deref(), count: count.as_deref(), ..ListParameters::default() };
    let query = ListQuery::parse(parameters, kind, request.app.config.limits.page)?;
    let filter = filter.map(|text| member_filter(&text, kind)).transpose()?;
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    if tenant.find(&kind.name, id, false).await?.is_none() {
        return Err(RequestError::NotFound { kind: kind.name.clone(), id: id.to_string() }.into());
    }
    let page = MembersPage { filter: filter.as_ref(), offset: query.start_index - 1, limit: query.count };
    let (total, members) = tenant.members_page(kind, id, &page).await?;
    let mut out = format!(
        "{{\"schemas\":[\"{LIST_RESPONSE}\"],\"totalResults\":{total},\"startIndex\":{},\"itemsPerPage\":{},\"Resources\":[",
        query.start_index,
        members.len()
    )
    .into_bytes();
    for (index, member) in members.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(&mut out, &request, member)?;
    }
    out.extend_from_slice(b"]}");
    Ok(request.answer(StatusCode::OK, out))
}

/// A filter whose names are the sub-attributes of `members`.
fn member_filter(text: &str, kind: &ResourceType) -> Result<CheckedFilter, HttpError> {
    let members = kind.resolve(&AttrPath::new(None, "members", None)).ok_or(RequestError::NoRoute)?;
    let filter = Filter::parse(text).and_then(|filter| CheckedFilter::check_element(&filter, &members, 0));
    Ok(filter.map_err(ScimError::from)?)
}

fn write(out: &mut Vec<u8>, request: &Request<'_>, member: &MemberRef) -> Result<(), HttpError> {
    let kind = member.resource_type.as_str();
    let endpoint = request.caller.catalog.named(kind).map_or("", |kind| &kind.endpoint);
    let endpoint = (&*request.app.base_url, endpoint);
    let reference = Reference { id: member.id, endpoint, display: member.display.as_deref(), kind };
    let written = Shown::ALL.write(out, &reference);
    written.map(drop).map_err(|error| GatewayError::Internal(error.into()).into())
}
