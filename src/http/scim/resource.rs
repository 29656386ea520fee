//! The answer with one resource, which four verbs share.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, LOCATION};
use futures_util::{StreamExt, TryStreamExt, pin_mut};

use super::stream::{self, Sink};
use super::view::{List, View};
use crate::http::error::HttpError;
use crate::http::frame::Answer;
use crate::http::request::{Request, header_value};
use crate::model::{MemberRef, Stored};
use crate::store::{StoreError, TenantStore};

/// The resource as the view shows it, with its location and its version. A group's members are read and sent in one pass.
pub async fn answer(request: &Request<'_>, status: StatusCode, view: View, stored: Stored) -> Answer {
    let location = header_value(&view.location(&stored));
    let etag = header_value(&stored.version.to_string());
    let mut response = if view.wants_members() {
        let tenant = request.app.store.tenant(request.caller.tenant.id);
        stream::answer(request, status, async move |sink| group(sink, &view, &tenant, &stored).await).await?
    } else {
        request.answer(status, whole(&view, &stored, &[])?)
    };
    response.headers_mut().insert(LOCATION, location);
    response.headers_mut().insert(ETAG, etag);
    Ok(response)
}

/// The same for a change of a group, but with no more than `limit` members; `None` if it has more.
pub async fn answer_small(
    request: &Request<'_>,
    view: &View,
    stored: &Stored,
    limit: u32,
) -> Result<Option<HttpResponse>, HttpError> {
    let tenant = request.app.store.tenant(request.caller.tenant.id);
    if tenant.has_more_members(stored.id, limit).await? {
        return Ok(None);
    }
    let members: Vec<MemberRef> = tenant.members(&[stored.id]).try_collect().await?;
    let mut response = request.answer(StatusCode::OK, whole(view, stored, &members)?);
    response.headers_mut().insert(LOCATION, header_value(&view.location(stored)));
    response.headers_mut().insert(ETAG, header_value(&stored.version.to_string()));
    Ok(Some(response))
}

/// A resource in one piece.
pub fn whole(view: &View, stored: &Stored, members: &[MemberRef]) -> Result<Vec<u8>, HttpError> {
    let mut out = Vec::with_capacity(stored.document.len() + 512 + members.len() * 256);
    view.open(&mut out, stored)?;
    let mut list = List::new("members");
    for member in members {
        view.member(&mut out, &mut list, member)?;
    }
    list.close(&mut out);
    out.push(b'}');
    Ok(out)
}

/// Writes a group, its members as they are read.
async fn group(sink: &mut Sink, view: &View, tenant: &TenantStore, stored: &Stored) -> Result<(), HttpError> {
    view.open(&mut sink.buffer, stored)?;
    let mut list = List::new("members");
    let members = tenant.members(&[stored.id]);
    pin_mut!(members);
    while let Some(member) = members.next().await {
        view.member(&mut sink.buffer, &mut list, &member?)?;
        sink.breathe().await;
    }
    list.close(&mut sink.buffer);
    sink.buffer.push(b'}');
    Ok(())
}

/// Writes resources one after the other, with commas between them, each with its view. `members` are those of all groups
/// among them, group by group.
pub async fn several<'a>(
    sink: &mut Sink,
    resources: impl Iterator<Item = (&'a View, &'a Stored)>,
    members: impl futures_util::Stream<Item = Result<MemberRef, StoreError>>,
) -> Result<(), HttpError> {
    let members = members.peekable();
    pin_mut!(members);
    for (index, (view, stored)) in resources.enumerate() {
        if index > 0 {
            sink.buffer.push(b',');
        }
        view.open(&mut sink.buffer, stored)?;
        let mut list = List::new("members");
        let here =
            |member: &Result<MemberRef, StoreError>| member.as_ref().map_or(true, |member| member.group == stored.id);
        while view.wants_members()
            && let Some(member) = members.as_mut().next_if(here).await
        {
            view.member(&mut sink.buffer, &mut list, &member?)?;
            sink.breathe().await;
        }
        list.close(&mut sink.buffer);
        sink.buffer.push(b'}');
        sink.breathe().await;
    }
    Ok(())
}
