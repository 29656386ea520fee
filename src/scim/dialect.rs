//! What a tenant may choose about the protocol, where real clients and the RFCs disagree.
//!
//! A dialect is plain data: it is read by validation, by PATCH and by the routes, and never decides anything itself.

use serde::{Deserialize, Serialize};

/// How attributes and schema URNs that no schema defines are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownAttributes {
    /// Left out in silence, as most clients expect.
    Ignore,
    /// Refused with `400 invalidSyntax` (in paths `invalidPath`).
    Refuse,
}

/// How members are treated that the tenant does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownMembers {
    /// Left out; the answer shows who is a member.
    Ignore,
    /// Refused with `400 invalidValue`, and nothing is written.
    Refuse,
}

/// How values of a user's roles are treated that no group carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownRoles {
    /// Kept as data that says nothing of groups, until a group carries the role.
    Keep,
    /// Refused with `400 invalidValue` where a user is given one.
    Refuse,
    /// A group that carries the role is created.
    Create,
}

/// What a successful PATCH of a group answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupPatchAnswer {
    /// `200` with the resource.
    Resource,
    /// `204` without a body, which Entra advises for groups.
    NoContent,
}

/// How `externalId` and the enterprise `employeeNumber` belong together. Wherever they do, employee numbers are unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmployeeId {
    /// Not at all: each is what the client sends.
    Independent,
    /// `externalId` takes the value of `employeeNumber`, if there is one.
    ExternalIdFromEmployeeNumber,
    /// `employeeNumber` takes the value of `externalId`, if there is one.
    EmployeeNumberFromExternalId,
    /// A user with both has the same value in both, or is refused with `400 invalidValue`.
    MustAgree,
}

/// The behaviour switches of one tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Dialect {
    /// Unknown attributes and schema URNs.
    pub unknown_attributes: UnknownAttributes,
    /// Members that do not exist.
    pub unknown_members: UnknownMembers,
    /// Roles that no group carries.
    pub unknown_roles: UnknownRoles,
    /// Whether the values of a user's `entitlements` are roles as those of `roles` are.
    pub entitlements_are_roles: bool,
    /// The answer to a PATCH of a group.
    pub group_patch_answer: GroupPatchAnswer,
    /// Whether two groups may not share a displayName (compared without case).
    pub unique_group_names: bool,
    /// Whether DELETE of a user sets `active` to false instead of removing it.
    pub delete_deactivates: bool,
    /// What externalId and employeeNumber are to each other.
    pub employee_id: EmployeeId,
    /// Whether what one connection made cannot be changed or removed through another.
    pub fence_connections: bool,
}

impl Dialect {
    /// This dialect as one client of several speaks it: what is answered and overlooked is the client's, what holds for the data
    /// of all of them (unique names, what becomes of leavers, employee ids, roles as entitlements) stays.
    pub fn spoken_by(&self, client: &Self) -> Self {
        Self {
            unknown_attributes: client.unknown_attributes,
            unknown_members: client.unknown_members,
            unknown_roles: client.unknown_roles,
            group_patch_answer: client.group_patch_answer,
            ..self.clone()
        }
    }
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            unknown_attributes: UnknownAttributes::Ignore,
            unknown_members: UnknownMembers::Ignore,
            unknown_roles: UnknownRoles::Keep,
            entitlements_are_roles: false,
            group_patch_answer: GroupPatchAnswer::Resource,
            unique_group_names: true,
            delete_deactivates: false,
            employee_id: EmployeeId::Independent,
            fence_connections: false,
        }
    }
}
