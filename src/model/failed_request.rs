//! A provisioning request that failed, as it is kept for those who have to find out why.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{CredentialId, RequestId, TenantId};
use crate::scim::explain::Note;

/// A failed request. It holds no password and nothing that is never returned; it does hold personal data of the tenant's own.
/// As JSON its members are the columns that it is kept in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FailedRequest {
    /// The tenant.
    #[serde(rename = "tenant_id")]
    pub tenant: TenantId,
    /// The request.
    pub id: RequestId,
    /// When it began.
    pub at: DateTime<Utc>,
    /// The credential.
    #[serde(rename = "credential_id")]
    pub credential: CredentialId,
    /// The credential's name for people.
    pub actor: String,
    /// The client's address, where it is known.
    pub address: Option<String>,
    /// What was tried: `create`, `update`, `delete`, `read` or `bulk`.
    pub action: String,
    /// The HTTP method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query, with the values in filters masked.
    pub query: Option<String>,
    /// The resource type that the path names.
    pub resource_type: Option<String>,
    /// The resource that the path names.
    pub target_id: Option<Uuid>,
    /// What the body calls it: userName or displayName.
    pub target_name: Option<String>,
    /// By what it may be looked for.
    pub target_keys: Vec<String>,
    /// The status that was answered.
    pub status: u16,
    /// The keyword of RFC 7644, section 3.12.
    pub scim_type: Option<String>,
    /// The text that was sent to the client.
    pub detail: String,
    /// How long it took, in microseconds.
    pub duration_us: u64,
    /// The body, redacted and shortened to 8 KiB; absent if there was none or it could not be read.
    pub body: Option<Value>,
    /// What was found out about it at that time.
    pub explanation: Explanation,
    /// How many failed requests of the tenant since the one before were not written.
    pub left_out: u64,
}

/// What was found out about a request's body by the settings that held then.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The profile of the tenant.
    pub profile: String,
    /// What was read otherwise than it was sent, left out, decided by a policy, or refused; in the order of the body.
    pub notes: Vec<Note>,
    /// What is to be known of the body that is kept: that it was shortened, or why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}
