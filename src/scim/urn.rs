//! The URNs that RFC 7643 and RFC 7644 register, and the type of a schema's URI.

use std::fmt;
use std::sync::Arc;

/// `User` (RFC 7643, section 4.1).
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// `Group` (RFC 7643, section 4.2).
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The enterprise extension of `User` (RFC 7643, section 4.3).
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The extension of `Group` for groups that carry a role; ours.
pub const ROLE: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Role";
/// The extension of `User` that a tenant registers when it begins to take records; ours.
pub const PROVISIONING: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Provisioning";
/// Organizations, the resource type that it registers then; ours.
pub const ORGANIZATION: &str = "urn:ietf:params:scim:schemas:extension:scimgate:2.0:Organization";
/// Service provider configuration (RFC 7643, section 5).
pub const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// Resource types (RFC 7643, section 6).
pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// Schemas (RFC 7643, section 7).
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// List answers (RFC 7644, section 3.4.2).
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// Search requests (RFC 7644, section 3.4.3).
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// Patch requests (RFC 7644, section 3.5.2).
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Bulk requests (RFC 7644, section 3.7).
pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// Answers to bulk requests (RFC 7644, section 3.7).
pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// Errors (RFC 7644, section 3.12).
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// A schema's URI. URNs compare without regard to case (RFC 7643, section 3.3 by way of RFC 8141); the spelling of the
/// definition is kept for output.
#[derive(Clone)]
pub struct SchemaUri(Arc<str>);

impl SchemaUri {
    /// Wraps a URI as a schema definition spells it.
    pub fn new(uri: impl Into<Arc<str>>) -> Self {
        Self(uri.into())
    }

    /// The URI as the definition spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `other` names the same schema.
    pub fn matches(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl PartialEq for SchemaUri {
    fn eq(&self, other: &Self) -> bool {
        self.matches(&other.0)
    }
}

impl Eq for SchemaUri {}

impl fmt::Debug for SchemaUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl fmt::Display for SchemaUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
