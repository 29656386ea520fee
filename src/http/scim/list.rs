//! `GET /Users` (RFC 7644, section 3.4.2).

use std::io::Write;
use std::sync::Arc;

use actix_web::http::StatusCode;

use super::view::View;
use super::{resource, stream};
use crate::http::frame::Answer;
use crate::http::request::Request;
use crate::scim::list::{ListParameters, ListQuery};
use crate::scim::schema::ResourceType;
use crate::scim::urn::LIST_RESPONSE;
use crate::store::{Listed, Page};

/// Answers with a page of resources.
pub async fn list(request: Request<'_>, kind: &Arc<ResourceType>) -> Answer {
    let view = View::of(&request, kind)?;
    let query = query(&request, kind)?;
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    let page = Page {
        filter: query.filter.as_ref(),
        sort: query.sort.as_ref().map(|sort| (&sort.by, sort.descending)),
        offset: query.start_index - 1,
        limit: query.count,
        with_groups: view.wants_groups(),
    };
    let listed = tenant.list(kind, &page).await?;
    if view.wants_members() {
        let ids: Vec<_> = listed.resources.iter().map(|stored| stored.id).collect();
        let write = async move |sink: &mut stream::Sink| {
            open(&mut sink.buffer, &listed, query.start_index);
            resource::groups(sink, &view, &listed.resources, tenant.members(&ids)).await?;
            sink.buffer.extend_from_slice(b"]}");
            Ok(())
        };
        return stream::answer(&request, StatusCode::OK, write).await;
    }
    let size: usize = listed.resources.iter().map(|stored| stored.document.len() + 512).sum();
    let mut out = Vec::with_capacity(size + 256);
    open(&mut out, &listed, query.start_index);
    for (index, stored) in listed.resources.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        view.open(&mut out, stored)?;
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
    Ok(request.answer(StatusCode::OK, out))
}

fn query(request: &Request<'_>, kind: &crate::scim::schema::ResourceType) -> Result<ListQuery, crate::scim::ScimError> {
    let query = request.query();
    let (filter, sort_by, sort_order) = (query.get("filter")?, query.get("sortBy")?, query.get("sortOrder")?);
    let (start_index, count) = (query.get("startIndex")?, query.get("count")?);
    let parameters = ListParameters {
        filter: filter.as_deref(),
        sort_by: sort_by.as_deref(),
        sort_order: sort_order.as_deref(),
        start_index: start_index.as_deref(),
        count: count.as_deref(),
    };
    ListQuery::parse(parameters, kind, request.app.config.limits.page)
}

/// The envelope of RFC 7644, section 3.4.2, up to its first resource. `Resources` is there even if it is empty: clients read
/// it without asking.
fn open(out: &mut Vec<u8>, listed: &Listed, start_index: u64) {
    // Writing to memory cannot fail.
    let _ = write!(
        out,
        "{{\"schemas\":[\"{LIST_RESPONSE}\"],\"totalResults\":{},\"startIndex\":{start_index},\"itemsPerPage\":{},\"Resources\":[",
        listed.total,
        listed.resources.len()
    );
}
