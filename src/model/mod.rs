//! Our own plain types: ids, tenants, credentials, callers, changes, the clock. No I/O.

mod activity;
mod admin_action;
mod caller;
mod change;
mod clock;
mod credential;
mod entity_tag;
mod failed_request;
mod ids;
mod keep_activity;
mod role;
mod stored;
mod tenant;

pub use crate::scim::resource::AttributeChange;
pub use activity::{
    ActionName, ActivityCursor, ActivityFilter, ActivityPage, By, CSV_HEADINGS, Entry, Kind, NotACursor, NotATerm,
    Outcome, Target, Term, ThroughConnection, Told, csv_row,
};
pub use admin_action::{Actor, AdminAction, Origin};
pub use caller::{Caller, Scope};
pub use change::{Action, Change, restored_mark, restored_version};
pub use clock::{Clock, FixedClock, SystemClock};
pub use credential::Credential;
pub use entity_tag::{EntityTags, Preconditions};
pub use failed_request::{Explanation, FailedRequest};
pub use ids::{AdminId, ChangeId, ConnectionId, CredentialId, NotAnId, RequestId, ResourceId, TenantId};
pub use keep_activity::KeepActivity;
pub use role::Role;
pub use stored::{GroupRef, MemberRef, MembersDelta, Stored, Version};
pub use tenant::{CatalogVersion, Profile, Tenant, TenantSlug};
