//! Our own plain types: ids, tenants, credentials, callers, changes, the clock. No I/O.

mod admin;
mod admin_action;
mod admin_session;
mod caller;
mod change;
mod clock;
mod credential;
mod entity_tag;
mod ids;
mod role;
mod stored;
mod tenant;

pub use crate::scim::resource::AttributeChange;
pub use admin::{Admin, AdminCaller, AdminRole, Reach};
pub use admin_action::{Actor, AdminAction, Origin};
pub use admin_session::AdminSession;
pub use caller::{Caller, Scope};
pub use change::{Action, Change};
pub use clock::{Clock, FixedClock, SystemClock};
pub use credential::Credential;
pub use entity_tag::{EntityTags, Preconditions};
pub use ids::{
    AdminId, AdminSessionId, ChangeId, ConnectionId, CredentialId, NotAnId, RequestId, ResourceId, TenantId,
};
pub use role::Role;
pub use stored::{GroupRef, MemberRef, MembersDelta, Stored, Version};
pub use tenant::{CatalogVersion, Profile, Tenant, TenantSlug};
