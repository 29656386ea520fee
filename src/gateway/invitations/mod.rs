//! Invitations: many people to many organizations at once, and what becomes of each.
//!
//! The e-mail address that somebody writes down proves nothing. Who is new gets a user at once; organizations come with accepting,
//! which proves that the mailbox is the user's. A user who was there before is not touched until then.

mod decide;
mod invite;
mod people;

use crate::auth::Weakness;
use crate::model::{
    Connection, InvitationId, InvitationState, InvitedTo, Label, Origin, Record, RecordFailure, RequestId, ResourceId,
};
use crate::store::StoreError;

/// Whom to invite.
#[derive(Debug, Clone)]
pub enum Invitee {
    /// A user, by its id.
    User(ResourceId),
    /// A person whom a system of record tells of; becomes a user if there is none with the employee id or the address.
    Person(Box<Record>),
}

/// One call: each of these people to each of these organizations.
#[derive(Debug, Default)]
pub struct Inviting {
    /// Who; those that cannot be read stand there as failures.
    pub people: Vec<Result<Invitee, RecordFailure>>,
    /// To what, by id or name.
    pub organizations: Vec<String>,
    /// By which identity provider they are to sign in: id, name or prefix.
    pub identity_provider: Option<String>,
    /// Who invites, for people; the credential's name if it is not told.
    pub inviter: Option<Label>,
    /// What the inviter says.
    pub message: Option<String>,
    /// Whether mails are sent, where the tenant and the organizations let them.
    pub sends_mail: bool,
    /// Who is told to have done it: an administrator; the caller's credential if it is absent.
    pub by: Option<Origin>,
}

/// On which terms a user is invited.
#[derive(Debug, Clone)]
pub struct InvitationTerms {
    /// To what.
    pub organizations: Vec<InvitedTo>,
    /// By which identity provider; `None` for a password.
    pub identity_provider: Option<Connection>,
    /// Who invites, for people.
    pub inviter: String,
    /// What the inviter says.
    pub message: Option<String>,
    /// Whether a mail is sent. Without one the invitation waits until it is sent again.
    pub sends_mail: bool,
    /// Who is told to have done it; the caller's credential if it is absent.
    pub by: Option<Origin>,
}

/// What became of a person of a call.
#[derive(Debug)]
pub struct Invited {
    /// By what the answer names the person.
    pub key: String,
    /// What it came to.
    pub outcome: Result<InvitedUser, RecordFailure>,
}

/// A user who is invited.
#[derive(Debug)]
pub struct InvitedUser {
    /// The user.
    pub user: ResourceId,
    /// Whether it is new.
    pub is_new: bool,
    /// The invitation that was made, if one was.
    pub invitation: Option<InvitationId>,
    /// Whether it is mailed.
    pub is_mailed: bool,
    /// What it came to for each organization.
    pub organizations: Vec<InvitedOrganization>,
    /// The open invitation to no organization that made another one needless.
    pub held: Option<InvitationId>,
}

/// What an invitation came to for one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitedOrganization {
    /// As the call named it.
    pub reference: String,
    /// What it came to.
    pub outcome: OrganizationOutcome,
}

/// What an invitation to an organization came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrganizationOutcome {
    /// The user is invited now.
    Invited(InvitationId),
    /// The user has been invited, and the invitation is open.
    AlreadyInvited(InvitationId),
    /// There is no such organization.
    Unknown,
}

/// Who uses a link, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub struct LinkUse {
    /// The request.
    pub request: RequestId,
    /// From where.
    pub address: Option<std::net::IpAddr>,
}

/// Why an invitation stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// The tenant has none of that id.
    #[error("there is no invitation {0}")]
    NotFound(InvitationId),
    /// It is not open any more.
    #[error("the invitation is {} already; invite anew", .0.as_str())]
    Closed(InvitationState),
    /// Somebody is accepting it at this moment, or it has just been changed.
    #[error("the invitation is being changed at this moment; try again")]
    Busy,
    /// Its link leads nowhere: it is wrong, used, over, or the user is gone. Which of it, nobody is told.
    #[error("this link does not work any more")]
    Gone,
    /// The password is too easy to guess.
    #[error("the password is too easy to guess")]
    Weak(Weakness),
    /// The user could not be changed.
    #[error(transparent)]
    Refused(#[from] super::GatewayError),
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}
