//! People to be invited, and what became of it, as the provisioning API and the admin API tell it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::problem::FieldError;
use crate::gateway::{Invited, InvitedUser, Invitee, Inviting, OrganizationOutcome};
use crate::model::{InvitationState, Label, Origin, Record, RecordCode, RecordFailure};
use crate::store::InvitationsWanted;

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

impl InvitationRequest {
    /// What is to be done; `by` is who is told to have done it, if that is not the caller's credential.
    pub fn into_inviting(self, by: Option<Origin>) -> Result<Inviting, FieldError> {
        let wrong = |why: String| FieldError::new("inviter", why);
        let inviter = self.inviter.as_deref().map(|text| text.parse::<Label>().map_err(wrong)).transpose()?;
        Ok(Inviting {
            people: self.users.into_iter().map(invitee).collect(),
            organizations: self.organization_ids,
            identity_provider: self.identity_provider,
            inviter,
            message: self.message.filter(|message| !message.trim().is_empty()),
            sends_mail: self.send_email.unwrap_or(true),
            by,
        })
    }
}

impl From<Vec<Invited>> for InvitationResult {
    fn from(invited: Vec<Invited>) -> Self {
        let mut result = InvitationCounts { total: invited.len(), ..InvitationCounts::default() };
        for person in &invited {
            match &person.outcome {
                Ok(user) if user.invitation.is_some() => result.invited += 1,
                Ok(_) => result.already_invited += 1,
                Err(_) => result.failed += 1,
            }
        }
        Self { result, users: invited.into_iter().map(InvitedView::from).collect() }
    }
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

/// Which invitations are asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what wanted reads")]
pub struct InvitationParameters {
    /// Only those that are pending, accepted, rejected, expired or revoked
    state: Option<String>,
    /// Only those to an address with this text in it
    email: Option<String>,
}

/// What a query asks for.
pub fn wanted(state: Option<&str>, email: Option<&str>) -> Result<InvitationsWanted, FieldError> {
    let state = state.map(|text| text.parse::<InvitationState>().map_err(|why| FieldError::new("state", why)));
    let email = email.unwrap_or_default().trim();
    if email.contains(char::is_control) {
        return Err(FieldError::new("email", "holds a control character"));
    }
    Ok(InvitationsWanted { state: state.transpose()?, email: email.to_owned() })
}
