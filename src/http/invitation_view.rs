//! An invitation as the provisioning API and the admin API show it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::model::Invitation;

/// An invitation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvitationView {
    id: Uuid,
    user_id: Uuid,
    email: String,
    organizations: Vec<OrganizationView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    identity_provider: Option<Uuid>,
    inviter: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    message: Option<String>,
    /// pending, accepted, rejected, expired or revoked
    state: &'static str,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// When it was mailed last
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    sent_at: Option<DateTime<Utc>>,
    /// How often it was mailed
    send_count: i32,
    /// When it was accepted, rejected or revoked, or ended
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    decided_at: Option<DateTime<Utc>>,
}

/// An organization that somebody is invited to.
#[derive(Serialize, ToSchema)]
pub struct OrganizationView {
    id: Uuid,
    name: String,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        let organizations = invitation.organizations.into_iter();
        Self {
            id: invitation.id.0,
            user_id: invitation.user.0,
            email: invitation.email,
            organizations: organizations.map(|to| OrganizationView { id: to.id.0, name: to.name }).collect(),
            identity_provider: invitation.identity_provider.map(|provider| provider.0),
            inviter: invitation.inviter,
            message: invitation.message,
            state: invitation.state.as_str(),
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            sent_at: invitation.sent_at,
            send_count: invitation.send_count,
            decided_at: invitation.decided_at,
        }
    }
}
