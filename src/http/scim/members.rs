//! `GET /Groups/{id}/members`: the members of one group in pages, for clients that cannot take all of them at once. An
//! extension of ours: `GET /Groups/{id}` answers with all of them, as RFC 7643 has it. Pages are found by index or by cursor
//! (RFC 9865), of which the latter costs the same however far in the walk is.

use std::sync::Arc;

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use super::reference::{Reference, Shown};
use crate::gateway::GatewayError;
use crate::http::error::{HttpError, RequestError};
use crate::http::frame::Answer;
use crate::http::request::{Request, resource_id};
use crate::model::{MemberRef, ResourceId};
use crate::scim::ScimError;
use crate::scim::filter::{CheckedFilter, Filter};
use crate::scim::list::{Cursor, CursorSeal, ListParameters, ListQuery, Position, Start};
use crate::scim::path::AttrPath;
use crate::scim::schema::ResourceType;
use crate::scim::urn::LIST_RESPONSE;
use crate::store::MembersPage;

/// Answers with a page of members in the order of their ids, each as it stands in `members`. The filter speaks of one
/// member: `type eq "Group"`.
pub async fn members(request: Request<'_>, kind: &Arc<ResourceType>, id: &str) -> Answer {
    let id = resource_id(kind, id)?;
    let filter_text = request.query().get("filter")?;
    let filter = filter_text.as_deref().map(|text| member_filter(text, kind)).transpose()?;
    let query = query(&request, kind)?;
    let walk = Walk::of(&request, id, filter_text.as_deref(), &query).await?;
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    if tenant.find(&kind.name, id, false).await?.is_none() {
        return Err(RequestError::NotFound { kind: kind.name.clone(), id: id.to_string() }.into());
    }
    let offset = if let Start::Index(index) = query.start { index - 1 } else { 0 };
    let after = walk.as_ref().and_then(|walk| walk.after);
    // One more than is shown tells whether there is a next page.
    let limit = query.count + u32::from(walk.is_some());
    let page = MembersPage { filter: filter.as_ref(), after, offset, limit };
    let (total, mut members) = tenant.members_page(kind, id, &page).await?;
    let has_more = members.len() > query.count as usize;
    members.truncate(query.count as usize);

    let mut head = json!({ "schemas": [LIST_RESPONSE], "totalResults": total, "itemsPerPage": members.len() });
    match (&query.start, walk, members.last()) {
        (Start::Index(index), ..) => head["startIndex"] = (*index).into(),
        (Start::Cursor(_), Some(walk), Some(last)) if has_more => {
            head["nextCursor"] = walk.next(last.id, query.count).into();
        }
        _ => {}
    }
    body(&request, &head, &members)
}

fn query(request: &Request<'_>, kind: &Arc<ResourceType>) -> Result<ListQuery, HttpError> {
    let query = request.query();
    let (start_index, count, cursor) = (query.get("startIndex")?, query.get("count")?, query.get("cursor")?);
    let parameters = ListParameters {
        start_index: start_index.as_deref(),
        count: count.as_deref(),
        cursor: cursor.as_deref(),
        ..ListParameters::default()
    };
    Ok(ListQuery::parse(parameters, std::slice::from_ref(kind), request.app.config.limits.page)?)
}

/// A walk by cursor through the members of one group.
struct Walk {
    seal: CursorSeal,
    after: Option<ResourceId>,
}

impl Walk {
    /// The walk that a request goes on with, if it does not page by index.
    async fn of(
        request: &Request<'_>,
        group: ResourceId,
        filter: Option<&str>,
        query: &ListQuery,
    ) -> Result<Option<Self>, HttpError> {
        let Start::Cursor(cursor) = &query.start else { return Ok(None) };
        let key = request.app.store.cursor_key().await?;
        let name = format!("members of {group} where {}", filter.unwrap_or_default());
        let seal = CursorSeal::new(key, request.caller.tenant.id.0.into_bytes(), name);
        if cursor.is_empty() {
            return Ok(Some(Self { seal, after: None }));
        }
        let Cursor { position, count } = seal.open(cursor)?;
        query.check_count(count)?;
        // Sealed by us, so it is an id.
        let after = position.value.and_then(|id| id.parse().ok());
        Ok(Some(Self { seal, after }))
    }

    /// The cursor of the page behind this member.
    fn next(&self, last: ResourceId, count: u32) -> String {
        let position = Position { value: Some(last.to_string()), seq: 0, backwards: false };
        self.seal.seal(&Cursor { position, count })
    }
}

/// A filter whose names are the sub-attributes of `members`.
fn member_filter(text: &str, kind: &ResourceType) -> Result<CheckedFilter, HttpError> {
    let members = kind.resolve(&AttrPath::new(None, "members", None)).ok_or(RequestError::NoRoute)?;
    let filter = Filter::parse(text).and_then(|filter| CheckedFilter::check_element(&filter, &members, 0));
    Ok(filter.map_err(ScimError::from)?)
}

/// The answer: what is in `head`, and the members as `Resources`.
fn body(request: &Request<'_>, head: &Value, members: &[MemberRef]) -> Answer {
    let mut out = head.to_string().into_bytes();
    out.pop();
    out.extend_from_slice(b",\"Resources\":[");
    for (index, member) in members.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(&mut out, request, member)?;
    }
    out.extend_from_slice(b"]}");
    Ok(request.answer(StatusCode::OK, out))
}

fn write(out: &mut Vec<u8>, request: &Request<'_>, member: &MemberRef) -> Result<(), HttpError> {
    let kind = member.resource_type.as_str();
    let endpoint = request.caller.catalog.named(kind).map_or("", |kind| &kind.endpoint);
    let endpoint = (&*request.app.base_url, endpoint);
    let reference = Reference { id: member.id, endpoint, display: member.display.as_deref(), kind };
    let written = Shown::ALL.write(out, &reference);
    written.map(drop).map_err(|error| GatewayError::Internal(error.into()).into())
}
