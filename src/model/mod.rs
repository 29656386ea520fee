//! Our own plain types: ids, tenants, credentials, callers, changes, the clock. No I/O.

mod admin;
mod admin_action;
mod admin_session;
mod allowed_addresses;
mod caller;
mod change;
mod clock;
mod connection;
mod credential;
mod entity_tag;
mod ids;
mod label;
mod role;
mod scopes;
mod stored;
mod tenant;

pub use crate::scim::resource::AttributeChange;
pub use admin::{Admin, AdminCaller, AdminRole, Reach};
pub use admin_action::{Actor, AdminAction, Origin};
pub use admin_session::AdminSession;
pub use allowed_addresses::AllowedAddresses;
pub use caller::Caller;
pub use change::{Action, Change};
pub use clock::{Clock, FixedClock, SystemClock};
pub use connection::{Connection, ConnectionKind, ConnectionPrefix};
pub use credential::{Credential, CredentialKind};
pub use entity_tag::{EntityTags, Preconditions};
pub use ids::{
    AdminId, AdminSessionId, ChangeId, ConnectionId, CredentialId, NotAnId, RequestId, ResourceId, TenantId,
};
pub use label::Label;
pub use role::Role;
pub use scopes::{InsufficientScope, Need, Scope, Scopes};
pub use stored::{GroupRef, MemberRef, MembersDelta, Stored, Version};
pub use tenant::{CatalogVersion, Profile, Tenant, TenantSlug};
