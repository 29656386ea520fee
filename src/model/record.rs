//! Records: people as systems of record tell of them, in the provisioning API, in files and in tasks.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ResourceId;

/// A person, as a system of record tells of it. What is absent is not told, and stays as it is in an update.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Record {
    /// By what the system of record knows the person; the key of the record if it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employee_id: Option<String>,
    /// The address at work; the key of a record without an employee id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// By what the person signs in; the e-mail address if it is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// The family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// The name that is shown; made of the two others if it is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// The manager: an employee id, an e-mail address or an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    /// The ids of the person's roles, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// The organizations that the person belongs to, all of them, by id or name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organizations: Option<Vec<String>>,
    /// The identity provider that the person signs in with, by id, name or prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_provider: Option<String>,
    /// Attributes of the tenant's own schemas and any other of SCIM, by path.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub attributes: Map<String, Value>,
    /// Whether the person may sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Whether a person who is new is sent an invitation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_invitation: Option<bool>,
}

impl Record {
    /// By what answers name the record: the employee id, else the e-mail address, else its place, counted from 1.
    pub fn key(&self, place: usize) -> String {
        let told = [&self.employee_id, &self.email].into_iter().flatten().find(|text| !text.is_empty());
        told.cloned().unwrap_or_else(|| format!("#{place}"))
    }
}

/// What is to become of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordMode {
    /// People who are there already are refused.
    Create,
    /// People who are not there are refused.
    Update,
    /// People are created or updated, whichever fits: what files are for.
    Upsert,
}

/// What a record came to.
#[derive(Debug, Clone, PartialEq)]
pub enum RecordOutcome {
    /// A user was created.
    Inserted(ResourceId),
    /// A user was changed.
    Updated(ResourceId),
    /// A user was all of that already.
    Unchanged(ResourceId),
    /// Nothing was written.
    Failed(RecordFailure),
}

/// Why a record came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordFailure {
    /// The kind, for programs.
    pub code: RecordCode,
    /// What is wrong, and what to do.
    pub message: String,
    /// The field that is at fault, if one is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
}

/// The kinds of failure: a closed list, for programs to match on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordCode {
    /// Another user has the e-mail address.
    EmailAlreadyExists,
    /// Another user has the employee id.
    EmployeeIdAlreadyExists,
    /// Another user has the user name.
    UserNameAlreadyExists,
    /// Nobody has the key of an update.
    UserNotFound,
    /// The same key stands twice in one request.
    DuplicateRecord,
    /// The tenant takes no records yet.
    ApiUserNotFound,
    /// Neither an employee id nor an e-mail address is told.
    KeyMissing,
    /// What must be told of a new user, or what its roles require, is missing; all of it is named.
    MissingRequiredAttributes,
    /// A user with a resource needs the role for it, and the other way round.
    UsersNeedResourceRole,
    /// A rule of the tenant is broken.
    RuleBroken,
    /// No group carries the role.
    UnknownRole,
    /// There is no such organization.
    UnknownOrganization,
    /// There is no such identity provider.
    UnknownIdentityProvider,
    /// The identity provider is disabled.
    IdentityProviderDisabled,
    /// The manager, or another resource that is referred to, is not there.
    UnknownReference,
    /// The role is heavier than the credential may grant.
    RoleTooHeavy,
    /// Another connection owns the user.
    OwnedByAnotherConnection,
    /// A value is not of its type, or not one that is allowed.
    InvalidValue,
    /// The user was changed too often at the same time; send the record again.
    Conflict,
    /// The database was away or the time was over; send the record again.
    Unavailable,
    /// Our own fault.
    InternalError,
}
