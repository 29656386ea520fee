//! `/api/v1/invitations`: many people to many organizations in one call, and what became of them.

use super::ApiAnswer;
use super::problem::ApiError;
use super::request::ApiRequest;
use crate::gateway::InvitationError;
use crate::http::answer::ok;
use crate::http::error::HttpError;
use crate::http::invitation_view::InvitationView;
use crate::http::inviting::{InvitationParameters, InvitationRequest, InvitationResult, wanted};
use crate::http::list::{List, WindowParameters};
use crate::http::problem::{FieldError, Problem};
use crate::model::{Actor, InvitationId, Origin, Scope};

impl From<InvitationError> for ApiError {
    fn from(error: InvitationError) -> Self {
        let detail = error.to_string();
        match error {
            InvitationError::NotFound(id) => Self::NotFound { kind: "invitation", id: id.to_string() },
            InvitationError::Store(error) => error.into(),
            InvitationError::Refused(error) => error.into(),
            InvitationError::Closed(_) | InvitationError::Busy | InvitationError::Gone | InvitationError::Weak(_) => {
                Self::Conflict(detail)
            }
        }
    }
}

/// Leads to the handler of a path below `/api/v1/invitations`.
pub(super) async fn route(request: ApiRequest<'_>, path: &[&str]) -> ApiAnswer {
    match (path, request.method()) {
        ([], "GET") => list(request).await,
        ([], "POST") => invite(request).await,
        ([], _) => Err(request.takes("GET, HEAD, POST")),
        ([id], "GET") => get(request, id).await,
        ([_], _) => Err(request.takes("GET, HEAD")),
        ([id, "resend"], "POST") => resend(request, id).await,
        ([id, "revoke"], "POST") => revoke(request, id).await,
        ([_, "resend" | "revoke"], _) => Err(request.takes("POST")),
        _ => Err(ApiError::NoRoute),
    }
}

/// Invites each of these people to each of these organizations. Whoever is new becomes a user; organizations come with accepting.
#[utoipa::path(post, path = "/api/v1/invitations", tag = "Invitations", request_body = InvitationRequest,
    responses((status = 200, body = InvitationResult), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn invite(mut request: ApiRequest<'_>) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let body: InvitationRequest = request.json().await?;
    let inviting = body.into_inviting(None)?;
    let invited = request.app.gateway.invite(&request.caller, &inviting).await;
    ok(&InvitationResult::from(invited))
}

/// The invitations, the newest first.
#[utoipa::path(get, path = "/api/v1/invitations", tag = "Invitations", params(InvitationParameters, WindowParameters),
    responses((status = 200, body = List<InvitationView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(request: ApiRequest<'_>) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let (window, query) = (request.window()?, request.query());
    let (state, email) = (query.get("state").map_err(HttpError::from)?, query.get("email").map_err(HttpError::from)?);
    let wanted = wanted(state.as_deref(), email.as_deref())?;
    let no_cursor = || FieldError::new("cursor", "is no nextCursor of this list; start without one");
    let before =
        window.after.as_deref().map(|text| text.parse::<InvitationId>().map_err(|_| no_cursor())).transpose()?;
    let store = request.app.store.tenant(request.caller.tenant.id);
    let found = store.invitations(before, &wanted, request.app.clock.now(), window.reads()).await?;
    ok::<List<InvitationView>, ApiError>(&window.list(found, |invitation| invitation.id.to_string()))
}

/// One invitation.
#[utoipa::path(get, path = "/api/v1/invitations/{id}", tag = "Invitations", params(("id" = Uuid, Path)),
    responses((status = 200, body = InvitationView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn get(request: ApiRequest<'_>, id: &str) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let wanted = parsed(id)?;
    let store = request.app.store.tenant(request.caller.tenant.id);
    let found = store.invitation(wanted, request.app.clock.now()).await?;
    ok(&InvitationView::from(found.ok_or(InvitationError::NotFound(wanted))?))
}

/// Mails an open invitation again, with a new link and a new end; the link before leads nowhere any more.
#[utoipa::path(post, path = "/api/v1/invitations/{id}/resend", tag = "Invitations", params(("id" = Uuid, Path)),
    responses((status = 200, body = InvitationView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn resend(request: ApiRequest<'_>, id: &str) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let gateway = &request.app.gateway;
    let sent = gateway.resend_invitation(&request.caller.tenant, parsed(id)?, &origin(&request)).await?;
    ok(&InvitationView::from(sent))
}

/// Takes an open invitation back.
#[utoipa::path(post, path = "/api/v1/invitations/{id}/revoke", tag = "Invitations", params(("id" = Uuid, Path)),
    responses((status = 200, body = InvitationView), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn revoke(request: ApiRequest<'_>, id: &str) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let gateway = &request.app.gateway;
    let revoked = gateway.revoke_invitation(&request.caller.tenant, parsed(id)?, &origin(&request)).await?;
    ok(&InvitationView::from(revoked))
}

fn parsed(id: &str) -> Result<InvitationId, ApiError> {
    id.parse().map_err(|_| ApiError::NotFound { kind: "invitation", id: id.to_owned() })
}

/// Who asks, as the log tells it.
fn origin(request: &ApiRequest<'_>) -> Origin {
    let caller = &request.caller;
    let actor = Actor::Credential { id: caller.credential.0, name: caller.label.to_string() };
    Origin { actor, request: Some(caller.request), address: caller.address }
}
