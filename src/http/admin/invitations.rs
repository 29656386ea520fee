//! `/admin/v1/tenants/{tenant}/invitations`: who was invited and what became of it. Inviting is what `/api/v1/invitations` does.

use utoipa::IntoParams;

use super::AdminAnswer;
use super::problem::{AdminError, Problem};
use super::request::{AdminRequest, ok, page};
use crate::gateway::InvitationError;
use crate::http::error::HttpError;
use crate::http::invitation_view::InvitationView;
use crate::http::list::{List, WindowParameters};
use crate::model::{InvitationId, InvitationState};

/// Which invitations are asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what list reads")]
pub struct InvitationParameters {
    /// Only those that are pending, accepted, rejected, expired or revoked
    state: Option<String>,
}

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
        ([id], "GET") => get(request, slug, id).await,
        ([] | [_], _) => Err(request.takes("GET, HEAD")),
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
    let (window, state) = (request.window()?, request.query().get("state")?);
    let wrong = |why: String| AdminError::field("state", why);
    let state = state.map(|text| text.parse::<InvitationState>().map_err(wrong)).transpose()?;
    let no_cursor = || AdminError::field("cursor", "is no nextCursor of this list; start without one");
    let before =
        window.after.as_deref().map(|text| text.parse::<InvitationId>().map_err(|_| no_cursor())).transpose()?;
    let (store, now) = (request.app.store.tenant(tenant.id), request.app.clock.now());
    let found = store.invitations(before, state, now, window.reads()).await?;
    page::<InvitationView>(window.list(found, |invitation| invitation.id.to_string()))
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
