//! `GET /Users` and `GET /` (RFC 7644, section 3.4.2; RFC 9865), and the answer that `POST /.search` shares with them.

use std::io::Write;
use std::sync::Arc;

use actix_web::http::StatusCode;

use super::view::View;
use super::{resource, stream};
use crate::http::error::HttpError;
use crate::http::frame::Answer;
use crate::http::request::Request;
use crate::model::Stored;
use crate::scim::ScimError;
use crate::scim::list::{Cursor, CursorSeal, ListParameters, ListQuery, Position, Start as Wanted};
use crate::scim::schema::ResourceType;
use crate::scim::urn::LIST_RESPONSE;
use crate::store::{Listed, Page, Part, Start};

/// What is asked for: a query, and a view for each of its types.
pub struct Asked {
    /// How the resources of each type are shown.
    pub views: Vec<View>,
    /// Which resources.
    pub query: ListQuery,
}

/// Answers with a page of the resources of these types.
pub async fn list(request: Request<'_>, kinds: &[Arc<ResourceType>]) -> Answer {
    let views = kinds.iter().map(|kind| View::of(&request, kind)).collect::<Result<_, _>>()?;
    let query = query(&request, kinds)?;
    answer(&request, kinds, Asked { views, query }).await
}

/// The answer to a query.
pub async fn answer(request: &Request<'_>, kinds: &[Arc<ResourceType>], asked: Asked) -> Answer {
    let Asked { views, query } = asked;
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    let paging = Paging::of(request, &query, kinds).await?;
    let parts = kinds.iter().zip(&query.selections);
    let parts: Vec<Part<'_>> = parts
        .map(|(kind, selection)| Part { kind, filter: selection.filter.as_ref(), sort: selection.sort.as_ref() })
        .collect();
    let page = Page {
        parts: &parts,
        descending: query.descending,
        start: paging.start(),
        limit: query.count,
        with_groups: views.iter().any(View::wants_groups),
    };
    let listed = tenant.list(&page).await?;
    let mut head = Vec::with_capacity(512);
    open(&mut head, &listed, &paging, query.count);
    if views.iter().any(View::wants_members) {
        let with_members = pairs(&listed, &views).filter(|(view, _)| view.wants_members());
        let groups: Vec<_> = with_members.map(|(_, stored)| stored.id).collect();
        let write = async move |sink: &mut stream::Sink| {
            sink.buffer.append(&mut head);
            resource::several(sink, pairs(&listed, &views), tenant.members(&groups)).await?;
            sink.buffer.extend_from_slice(b"]}");
            Ok(())
        };
        return stream::answer(request, StatusCode::OK, write).await;
    }
    Ok(request.answer(StatusCode::OK, whole(head, &listed, &views)?))
}

/// The answer in one piece.
fn whole(mut out: Vec<u8>, listed: &Listed, views: &[View]) -> Result<Vec<u8>, HttpError> {
    out.reserve(listed.resources.iter().map(|stored| stored.document.len() + 512).sum());
    for (index, (view, stored)) in pairs(listed, views).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        view.open(&mut out, stored)?;
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
    Ok(out)
}

/// The resources, each with the view of its type.
fn pairs<'a>(listed: &'a Listed, views: &'a [View]) -> impl Iterator<Item = (&'a View, &'a Stored)> {
    let resources = listed.resources.iter().enumerate();
    resources.filter_map(|(index, stored)| Some((views.get(listed.part(index))?, stored)))
}

fn query(request: &Request<'_>, kinds: &[Arc<ResourceType>]) -> Result<ListQuery, ScimError> {
    let query = request.query();
    let (filter, sort_by, sort_order) = (query.get("filter")?, query.get("sortBy")?, query.get("sortOrder")?);
    let (start_index, count, cursor) = (query.get("startIndex")?, query.get("count")?, query.get("cursor")?);
    let parameters = ListParameters {
        filter: filter.as_deref(),
        sort_by: sort_by.as_deref(),
        sort_order: sort_order.as_deref(),
        start_index: start_index.as_deref(),
        count: count.as_deref(),
        cursor: cursor.as_deref(),
    };
    ListQuery::parse(parameters, kinds, request.app.config.limits.page)
}

/// How the client pages.
enum Paging {
    /// By index, from 1.
    Index(u64),
    /// By cursor, from a position; from the beginning without one.
    Cursor(CursorSeal, Option<Position>),
}

impl Paging {
    async fn of(request: &Request<'_>, query: &ListQuery, kinds: &[Arc<ResourceType>]) -> Result<Self, HttpError> {
        let cursor = match &query.start {
            Wanted::Index(index) => return Ok(Self::Index(*index)),
            Wanted::Cursor(cursor) => cursor,
        };
        let key = request.app.store.cursor_key().await?;
        let seal = CursorSeal::new(key, request.caller.tenant.id.0.into_bytes(), query.canonical(kinds));
        if cursor.is_empty() {
            return Ok(Self::Cursor(seal, None));
        }
        let Cursor { position, count } = seal.open(cursor)?;
        query.check_count(count)?;
        Ok(Self::Cursor(seal, Some(position)))
    }

    fn start(&self) -> Start<'_> {
        match self {
            Self::Index(index) => Start::Offset(index.saturating_sub(1)),
            Self::Cursor(_, None) => Start::Walk,
            Self::Cursor(_, Some(position)) => Start::Position(position),
        }
    }
}

/// The envelope of RFC 7644, section 3.4.2, up to its first resource. `Resources` is there even if it is empty: clients read
/// it without asking.
fn open(out: &mut Vec<u8>, listed: &Listed, paging: &Paging, count: u32) {
    // Writing to memory cannot fail.
    let _ = write!(out, "{{\"schemas\":[\"{LIST_RESPONSE}\"],\"totalResults\":{}", listed.total);
    let _ = match paging {
        Paging::Index(index) => write!(out, ",\"startIndex\":{index}"),
        Paging::Cursor(seal, _) => {
            for (name, position) in [("previousCursor", &listed.previous), ("nextCursor", &listed.next)] {
                if let Some(position) = position {
                    let cursor = seal.seal(&Cursor { position: position.clone(), count });
                    let _ = write!(out, ",\"{name}\":\"{cursor}\"");
                }
            }
            Ok(())
        }
    };
    let _ = write!(out, ",\"itemsPerPage\":{},\"Resources\":[", listed.resources.len());
}
