//! Invitations: somebody proves with a link in a mail that a user's mailbox is theirs.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ConnectionId, InvitationId, MailSettings, ResourceId, TenantSlug};

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InvitationState {
    /// It is open.
    Pending,
    /// The invited came.
    Accepted,
    /// The invited does not want to come.
    Rejected,
    /// Its time is over. It stays so: whoever is still wanted is invited anew.
    Expired,
    /// It was taken back.
    Revoked,
}

impl InvitationState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Accepted, Self::Rejected, Self::Expired, Self::Revoked];

    /// The name, as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl FromStr for InvitationState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| format!("\"{text}\" is no state; choose {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

/// An organization that somebody comes to by accepting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitedTo {
    /// Its id.
    pub id: ResourceId,
    /// Its name when the invitation was made.
    pub name: String,
}

/// An invitation. Its secret is not kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who is invited.
    pub user: ResourceId,
    /// The address that has to be the user's still when it is accepted.
    pub email: String,
    /// What the user comes to.
    pub organizations: Vec<InvitedTo>,
    /// By which identity provider the user is to sign in; `None` for a password.
    pub identity_provider: Option<ConnectionId>,
    /// Who invites, for people.
    pub inviter: String,
    /// What the inviter says.
    pub message: Option<String>,
    /// What became of it.
    pub state: InvitationState,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its time is over.
    pub expires_at: DateTime<Utc>,
    /// When it was mailed last.
    pub sent_at: Option<DateTime<Utc>>,
    /// How often it was mailed.
    pub send_count: i32,
    /// When it ended.
    pub decided_at: Option<DateTime<Utc>>,
}

/// An invitation whose link works, and what its page shows.
#[derive(Debug, Clone)]
pub struct OpenInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// The tenant's short name.
    pub slug: TenantSlug,
    /// The tenant's name for people.
    pub tenant_name: String,
    /// What the tenant chose.
    pub settings: MailSettings,
    /// The name of the identity provider.
    pub provider_name: Option<String>,
    /// Whether the user has a password, which may stay.
    pub has_password: bool,
}

impl OpenInvitation {
    /// The name that people know the tenant by.
    pub fn place(&self) -> &str {
        self.settings.name.as_ref().map_or(&self.tenant_name, |name| name.as_str())
    }
}
