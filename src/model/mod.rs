//! Our own plain types: ids, tenants, credentials, callers, changes, the clock. No I/O.

mod admin_action;
mod caller;
mod change;
mod clock;
mod credential;
mod entity_tag;
mod ids;
mod role;
mod stored;
mod tenant;
mod trust;

pub use crate::scim::resource::AttributeChange;
pub use admin_action::{Actor, AdminAction, Origin};
pub use caller::{Caller, Scope};
pub use change::{Action, Change};
pub use clock::{Clock, FixedClock, SystemClock};
pub use credential::Credential;
pub use entity_tag::{EntityTags, Preconditions};
pub use ids::{AdminId, ChangeId, ConnectionId, CredentialId, NotAnId, RequestId, ResourceId, TenantId};
pub use role::Role;
pub use stored::{GroupRef, MemberRef, MembersDelta, Stored, Version};
pub use tenant::{CatalogVersion, Profile, Tenant, TenantSlug};
pub use trust::{
    ENTRA_SHARED_AUDIENCE, IssuerUrl, JwksUrl, PlainHttp, SigningAlgorithm, SubjectClaim, Trust, TrustInput,
    TrustProblem, TrustProblems, TrustedIssuer, bare_audience,
};
