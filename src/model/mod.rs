//! Our own plain types: ids, tenants, credentials, callers, changes, the clock. No I/O.

mod activity;
mod admin;
mod admin_action;
mod admin_session;
mod allowed_addresses;
mod application;
mod caller;
mod change;
mod client;
mod clock;
mod connection;
mod credential;
mod credential_use;
pub mod digest;
mod entity_tag;
mod failed_request;
mod ids;
mod invitation;
mod keep_activity;
mod label;
mod mail;
mod mail_settings;
mod provisioning;
mod queued_mail;
mod record;
mod role;
mod roster;
mod scopes;
pub mod signing_key;
mod stored;
mod task;
mod tenant;
mod trust;

pub use crate::scim::resource::AttributeChange;
pub use activity::{
    ActionName, ActivityCursor, ActivityFilter, ActivityPage, By, CSV_HEADINGS, Entry, Kind, NotACursor, NotATerm,
    Outcome, Target, Term, ThroughConnection, Told, csv_row, harmless_cell, parse_instant,
};
pub use admin::{Admin, AdminCaller, AdminEmail, AdminRole, Reach};
pub use admin_action::{Actor, AdminAction, Origin};
pub use admin_session::AdminSession;
pub use allowed_addresses::AllowedAddresses;
pub use application::{AppId, Application, Licenses, RemovalBrake};
pub use caller::Caller;
pub use change::{Action, Change, restored_mark, restored_version};
pub use client::{Client, KeptSecret, SecretLifetime, TokenLifetime};
pub use clock::{Clock, FixedClock, SystemClock};
pub use connection::{Connection, ConnectionKind, ConnectionPrefix};
pub use credential::{Credential, CredentialKind, TokenState};
pub use credential_use::{ConnectionUse, CredentialUse, ExpiringCredential, UseOutcome};
pub use entity_tag::{EntityTags, Preconditions};
pub use failed_request::{Explanation, FailedRequest};
pub use ids::{
    AccessTokenId, AdminId, AdminSessionId, ChangeId, ClientSecretId, ConnectionId, CredentialId, ImportUploadId,
    InvitationId, MailId, NotAnId, PublicationId, RequestId, ResourceId, RosterId, SigningKeyId, TenantId,
};
pub use invitation::{Invitation, InvitationState, InvitedTo, OpenInvitation};
pub use keep_activity::KeepActivity;
pub use label::Label;
pub use mail::{Mail, MailAddress, Subject};
pub use mail_settings::{HttpsUrl, InvitationDays, Language, MailSettings};
pub use provisioning::{Credentials, Provisioning};
pub use queued_mail::{BouncedAddress, MailKind, MailState, NewMail, QueuedMail};
pub use record::{Record, RecordCode, RecordFailure, RecordMode, RecordOutcome};
pub use role::Role;
pub use roster::{
    LicenseSeats, LicenseUse, MAX_ROSTER_PART, MAX_ROSTER_PARTS, ProvisionedUser, Publication, PublicationChoice,
    Published, RosterCounts, RosterDifference, RosterEntry, RosterFilter, RosterPart, RosterPartError, RosterSession,
    RosterValues,
};
pub use scopes::{InsufficientScope, Need, Scope, Scopes};
pub use signing_key::{SigningKey, SigningKeys};
pub use stored::{GroupRef, MemberRef, MembersDelta, Stored, Version};
pub use task::{
    AskedBy, NewTask, NotATaskId, OutcomeKind, Task, TaskCounts, TaskId, TaskKind, TaskOutcome, TaskRecord, TaskState,
    record_request,
};
pub use tenant::{CatalogVersion, Profile, Tenant, TenantSlug, TenantState};
pub use trust::{
    ENTRA_SHARED_AUDIENCE, Issuer, IssuerUrl, JwksUrl, PlainHttp, SigningAlgorithm, SubjectClaim, Trust, TrustInput,
    TrustProblem, TrustProblems, TrustedIssuer, bare_audience,
};
