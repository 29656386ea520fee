//! `/admin/v1/tenants/{tenant}/invitations`: who is invited, and what became of it. It comes to the same as
//! `/api/v1/invitations`, and is told to have been done by the administrator.

use std::sync::Arc;

use super::AdminAnswer;
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, ok, page};
use crate::gateway::InvitationError;
use crate::http::error::HttpError;
use crate::http::invitation_view::InvitationView;
use crate::http::inviting::{InvitationParameters, InvitationRequest, InvitationResult, wanted};
use crate::http::list::{List, WindowParameters};
use crate::model::{Caller, InvitationId, RequestId};

impl From<InvitationError> for AdminError {
    fn from(error: InvitationError) -> Self {
        let detail = error.to_string();
        match error {
            InvitationError::NotFound(id) => Self::NotFound { kind: "invitation", id: id.to_string() },
            InvitationError::Store(error) => error.into(),
            InvitationError::Refused(error) => Self::Http(HttpError::from(error)),
            InvitationError::Closed(_) | InvitationError::Busy | InvitationError::Gone | InvitationError::Weak(_) => {
                Self::Conflict { field: None, detail }
            }
        }
    }
}

/// Hands a request to its handler.
pub(super) async fn route(request: AdminRequest<'_>, slug: &str, path: &[&str]) -> AdminAnswer {
    match (path, request.method()) {
        ([], "GET") => list(request, slug).await,
        ([], "POST") => invite(request, slug).await,
        ([], _) => Err(request.takes("GET, HEAD, POST")),
        ([id], "GET") => get(request, slug, id).await,
        ([_], _) => Err(request.takes("GET, HEAD")),
        ([id, "resend"], "POST") => resend(request, slug, id).await,
        ([id, "revoke"], "POST") => revoke(request, slug, id).await,
        ([_, "resend" | "revoke"], _) => Err(request.takes("POST")),
        _ => Err(AdminError::NoRoute),
    }
}

/// A tenant's invitations, the newest first
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/invitations", tag = "invitations",
    params(("tenant" = String, Path, description = "Its short name"), InvitationParameters, WindowParameters),
    responses((status = 200, body = List<InvitationView>), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn list(request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let (window, query) = (request.window()?, request.query());
    let wanted = wanted(query.get("state")?.as_deref(), query.get("email")?.as_deref())?;
    let no_cursor = || AdminError::field("cursor", "is no nextCursor of this list; start without one");
    let before =
        window.after.as_deref().map(|text| text.parse::<InvitationId>().map_err(|_| no_cursor())).transpose()?;
    let (store, now) = (request.app.store.tenant(tenant.id), request.app.clock.now());
    let found = store.invitations(before, &wanted, now, window.reads()).await?;
    page::<InvitationView>(window.list(found, |invitation| invitation.id.to_string()))
}

/// Invite each of these people to each of these organizations
///
/// Whoever is new becomes a user; organizations come with accepting. One that fails hinders no other.
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/invitations", tag = "invitations", request_body = InvitationRequest,
    params(("tenant" = String, Path, description = "Its short name")),
    responses((status = 200, body = InvitationResult), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn invite(mut request: AdminRequest<'_>, slug: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let body: InvitationRequest = request.json().await?;
    let (app, origin) = (request.app, &request.caller.origin);
    let inviting = body.into_inviting(Some(origin.clone()))?;
    let (_, catalog) = app.store.tenant(tenant.id).catalog().await?;
    let caller = Caller::administrator(Arc::new(tenant), Arc::new(catalog), origin, RequestId::new(app.clock.now()));
    ok(&InvitationResult::from(app.gateway.invite(&caller, &inviting).await))
}

/// One invitation
#[utoipa::path(
    get, path = "/admin/v1/tenants/{tenant}/invitations/{invitation}", tag = "invitations",
    params(("tenant" = String, Path, description = "Its short name"), ("invitation" = Uuid, Path)),
    responses((status = 200, body = InvitationView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(request: AdminRequest<'_>, slug: &str, id: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let wanted = parsed(id)?;
    let found = request.app.store.tenant(tenant.id).invitation(wanted, request.app.clock.now()).await?;
    ok(&InvitationView::from(found.ok_or(InvitationError::NotFound(wanted))?))
}

/// Mail an open invitation again, with a new link and a new end
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/invitations/{invitation}/resend", tag = "invitations",
    params(("tenant" = String, Path, description = "Its short name"), ("invitation" = Uuid, Path)),
    responses((status = 200, body = InvitationView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn resend(request: AdminRequest<'_>, slug: &str, id: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let gateway = &request.app.gateway;
    let sent = gateway.resend_invitation(&tenant, parsed(id)?, &request.caller.origin).await?;
    ok(&InvitationView::from(sent))
}

/// Take an open invitation back
#[utoipa::path(
    post, path = "/admin/v1/tenants/{tenant}/invitations/{invitation}/revoke", tag = "invitations",
    params(("tenant" = String, Path, description = "Its short name"), ("invitation" = Uuid, Path)),
    responses((status = 200, body = InvitationView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn revoke(request: AdminRequest<'_>, slug: &str, id: &str) -> AdminAnswer {
    let tenant = request.tenant(slug).await?;
    let gateway = &request.app.gateway;
    let revoked = gateway.revoke_invitation(&tenant, parsed(id)?, &request.caller.origin).await?;
    ok(&InvitationView::from(revoked))
}

fn parsed(id: &str) -> Result<InvitationId, AdminError> {
    id.parse().map_err(|_| AdminError::NotFound { kind: "invitation", id: id.to_owned() })
}
