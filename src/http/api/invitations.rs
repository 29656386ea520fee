//! `/api/v1/invitations`: many people to many organizations in one call, and what became of them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::ApiAnswer;
use super::problem::ApiError;
use super::request::ApiRequest;
use crate::gateway::{InvitationError, Invited, InvitedUser, Invitee, Inviting, OrganizationOutcome};
use crate::http::answer::ok;
use crate::http::error::HttpError;
use crate::http::invitation_view::InvitationView;
use crate::http::list::{List, WindowParameters};
use crate::http::problem::{FieldError, Problem};
use crate::model::{Actor, InvitationId, InvitationState, Label, Origin, Record, RecordCode, RecordFailure, Scope};

/// People to be invited.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InvitationRequest {
    /// Each `{"id": ...}` of a user, or a record as POST /api/v1/users takes it, found by its employee id, else its e-mail address
    #[serde(alias = "Users")]
    #[validate(length(min = 1, max = 1000, message = "has 1 to 1000 people"))]
    #[schema(value_type = Vec<Object>)]
    users: Vec<Value>,
    /// What each of them is invited to: ids or names of organizations
    #[serde(default, alias = "OrganizationIds")]
    #[validate(length(max = 100, message = "has at most 100 organizations"))]
    #[schema(required = false)]
    organization_ids: Vec<String>,
    /// By which identity provider they are to sign in: id, name or prefix; without one they choose a password
    #[schema(required = false)]
    identity_provider: Option<String>,
    /// Who invites, as the mail tells it; without it the name of the credential
    #[schema(required = false)]
    inviter: Option<String>,
    /// What the inviter says
    #[validate(length(max = 2000, message = "has at most 2000 characters"))]
    #[schema(required = false)]
    message: Option<String>,
    /// Whether mails are sent; a tenant or an organization that suppresses them has the last word
    #[schema(required = false)]
    send_email: Option<bool>,
}

/// What became of a call.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvitationResult {
    result: InvitationCounts,
    /// In the order of the call
    users: Vec<InvitedView>,
}

/// How many of the people came to what.
#[derive(Serialize, ToSchema, Default)]
#[serde(rename_all = "camelCase")]
pub struct InvitationCounts {
    /// Have a new invitation
    invited: usize,
    /// Have one already that is open
    already_invited: usize,
    /// Were not invited
    failed: usize,
    total: usize,
}

/// What became of one of the people.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvitedView {
    /// The id, employee id or e-mail address as it was sent
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    user_id: Option<Uuid>,
    /// Whether the user was made for it
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    created: Option<bool>,
    /// The new invitation, or the one that is open already
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    invitation_id: Option<Uuid>,
    /// Whether a mail goes out
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    mailed: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    organizations: Vec<InvitedOrganizationView>,
    /// Why nobody was invited: code, message, field
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Option<Object>)]
    failure: Option<RecordFailure>,
}

/// What an invitation came to for one organization.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvitedOrganizationView {
    /// As it was sent
    id: String,
    /// invited, already_invited or unknown_organization
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    invitation_id: Option<Uuid>,
}

/// Which invitations are asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what list reads")]
pub struct InvitationParameters {
    /// Only those in this state
    state: Option<String>,
}

impl From<Invited> for InvitedView {
    fn from(invited: Invited) -> Self {
        let key = invited.key;
        let InvitedUser { user, is_new, invitation, is_mailed, organizations, held } = match invited.outcome {
            Ok(user) => user,
            Err(failure) => {
                let (organizations, failure) = (Vec::new(), Some(failure));
                return Self {
                    key,
                    user_id: None,
                    created: None,
                    invitation_id: None,
                    mailed: None,
                    organizations,
                    failure,
                };
            }
        };
        let organizations = organizations.into_iter().map(|organization| {
            let (outcome, invitation) = match organization.outcome {
                OrganizationOutcome::Invited(id) => ("invited", Some(id)),
                OrganizationOutcome::AlreadyInvited(id) => ("already_invited", Some(id)),
                OrganizationOutcome::Unknown => ("unknown_organization", None),
            };
            let invitation_id = invitation.map(|id| id.0);
            InvitedOrganizationView { id: organization.reference, outcome, invitation_id }
        });
        Self {
            key,
            user_id: Some(user.0),
            created: Some(is_new),
            invitation_id: invitation.or(held).map(|id| id.0),
            mailed: Some(is_mailed),
            organizations: organizations.collect(),
            failure: None,
        }
    }
}

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
    let wrong = |why: String| FieldError::new("inviter", why);
    let inviter = body.inviter.as_deref().map(|text| text.parse::<Label>().map_err(wrong)).transpose()?;
    let inviting = Inviting {
        people: body.users.into_iter().map(invitee).collect(),
        organizations: body.organization_ids,
        identity_provider: body.identity_provider,
        inviter,
        message: body.message.filter(|message| !message.trim().is_empty()),
        sends_mail: body.send_email.unwrap_or(true),
    };
    let invited = request.app.gateway.invite(&request.caller, &inviting).await;
    let mut result = InvitationCounts { total: invited.len(), ..InvitationCounts::default() };
    for person in &invited {
        match &person.outcome {
            Ok(user) if user.invitation.is_some() => result.invited += 1,
            Ok(_) => result.already_invited += 1,
            Err(_) => result.failed += 1,
        }
    }
    ok(&InvitationResult { result, users: invited.into_iter().map(InvitedView::from).collect() })
}

/// One of the people as the call names it.
fn invitee(value: Value) -> Result<Invitee, RecordFailure> {
    let invalid = |message: String, field: Option<&str>| RecordFailure {
        code: RecordCode::InvalidValue,
        message,
        field: field.map(str::to_owned),
    };
    if let Some(id) = value.get("id") {
        let told = || invalid("An id is a UUID in lower case, and stands alone: {\"id\": \"...\"}".into(), Some("id"));
        let id = id.as_str().filter(|_| value.as_object().is_some_and(|object| object.len() == 1));
        return id.and_then(|id| id.parse().ok()).map(Invitee::User).ok_or_else(told);
    }
    let record: Result<Record, _> = serde_json::from_value(value);
    record
        .map(|record| Invitee::Person(Box::new(record)))
        .map_err(|error| invalid(format!("The person is not of the form that is expected: {error}"), None))
}

/// The invitations, the newest first.
#[utoipa::path(get, path = "/api/v1/invitations", tag = "Invitations", params(InvitationParameters, WindowParameters),
    responses((status = 200, body = List<InvitationView>), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub async fn list(request: ApiRequest<'_>) -> ApiAnswer {
    request.needs(Scope::Provision)?;
    let (window, state) = (request.window()?, request.query().get("state").map_err(HttpError::from)?);
    let wrong = |why: String| FieldError::new("state", why);
    let state = state.map(|text| text.parse::<InvitationState>().map_err(wrong)).transpose()?;
    let no_cursor = || FieldError::new("cursor", "is no nextCursor of this list; start without one");
    let before =
        window.after.as_deref().map(|text| text.parse::<InvitationId>().map_err(|_| no_cursor())).transpose()?;
    let store = request.app.store.tenant(request.caller.tenant.id);
    let found = store.invitations(before, state, request.app.clock.now(), window.reads()).await?;
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
