//! Our own plain types: ids, tenants, credentials, callers, changes, the clock. No I/O.

mod admin;
mod admin_action;
mod admin_session;
mod allowed_addresses;
mod caller;
mod change;
mod client;
mod clock;
mod connection;
mod credential;
mod credential_use;
mod entity_tag;
mod ids;
mod label;
mod mail;
mod role;
mod scopes;
pub mod signing_key;
mod stored;
mod tenant;
mod trust;

pub use crate::scim::resource::AttributeChange;
pub use admin::{Admin, AdminCaller, AdminRole, Reach};
pub use admin_action::{Actor, AdminAction, Origin};
pub use admin_session::AdminSession;
pub use allowed_addresses::AllowedAddresses;
pub use caller::Caller;
pub use change::{Action, Change};
pub use client::{Client, KeptSecret, SecretLifetime, TokenLifetime};
pub use clock::{Clock, FixedClock, SystemClock};
pub use connection::{Connection, ConnectionKind, ConnectionPrefix};
pub use credential::{Credential, CredentialKind, TokenState};
pub use credential_use::{ConnectionUse, CredentialUse, ExpiringCredential, UseOutcome};
pub use entity_tag::{EntityTags, Preconditions};
pub use ids::{
    AccessTokenId, AdminId, AdminSessionId, ChangeId, ClientSecretId, ConnectionId, CredentialId, NotAnId, RequestId,
    ResourceId, SigningKeyId, TenantId,
};
pub use label::Label;
pub use mail::{Mail, MailAddress, Subject};
pub use role::Role;
pub use scopes::{InsufficientScope, Need, Scope, Scopes};
pub use signing_key::{SigningKey, SigningKeys};
pub use stored::{GroupRef, MemberRef, MembersDelta, Stored, Version};
pub use tenant::{CatalogVersion, Profile, Tenant, TenantSlug};
pub use trust::{
    ENTRA_SHARED_AUDIENCE, IssuerUrl, JwksUrl, PlainHttp, SigningAlgorithm, SubjectClaim, Trust, TrustInput,
    TrustProblem, TrustProblems, TrustedIssuer, bare_audience,
};
