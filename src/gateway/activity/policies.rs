//! Which settings of a tenant had a say in a request.

use serde_json::Value;

use crate::model::Tenant;
use crate::scim::dialect::{EmployeeId, UnknownAttributes, UnknownMembers, UnknownRoles};
use crate::scim::explain::{NoteKind, Notes};

/// Tells of the settings that speak of something in the request.
pub(super) fn explain(tenant: &Tenant, method: &str, resource_type: &str, body: Option<&Value>, notes: &mut Notes) {
    let dialect = &tenant.dialect;
    let speaks_of = |name: &str| body.is_some_and(|body| names(body, name));
    let mut tell = |at: &str, text: &str| notes.add(NoteKind::Policy, &at, text);
    if dialect.unknown_attributes == UnknownAttributes::Refuse && body.is_some() {
        tell("", "unknownAttributes is refuse: what no schema defines is refused");
    }
    if resource_type == "User" && (speaks_of("externalId") || speaks_of("employeeNumber")) {
        match dialect.employee_id {
            EmployeeId::Independent => {}
            EmployeeId::ExternalIdFromEmployeeNumber => {
                tell(
                    "externalId",
                    "employeeId is external-id-from-employee-number: externalId takes the value of employeeNumber",
                );
            }
            EmployeeId::EmployeeNumberFromExternalId => {
                tell(
                    "employeeNumber",
                    "employeeId is employee-number-from-external-id: employeeNumber takes the value of externalId",
                );
            }
            EmployeeId::MustAgree => {
                tell(
                    "employeeNumber",
                    "employeeId is must-agree: where both are sent, externalId and employeeNumber have to be the same",
                );
            }
        }
    }
    let roles = speaks_of("roles") || (dialect.entitlements_are_roles && speaks_of("entitlements"));
    if resource_type == "User" && roles {
        tell(
            "roles",
            match dialect.unknown_roles {
                UnknownRoles::Keep => {
                    "roles are groups; unknownRoles is keep: a role that no group carries is kept as data"
                }
                UnknownRoles::Refuse => {
                    "roles are groups; unknownRoles is refuse: a role that no group carries is refused"
                }
                UnknownRoles::Create => {
                    "roles are groups; unknownRoles is create: a group is made for a role that none carries"
                }
            },
        );
    }
    if resource_type == "Group" && speaks_of("members") {
        tell(
            "members",
            match dialect.unknown_members {
                UnknownMembers::Ignore => "unknownMembers is ignore: members who do not exist are left out",
                UnknownMembers::Refuse => {
                    "unknownMembers is refuse: one member who does not exist, and nothing is changed"
                }
            },
        );
    }
    if resource_type == "Group" && dialect.unique_group_names && speaks_of("displayName") {
        tell("displayName", "uniqueGroupNames is true: no two groups may have the same name");
    }
    if resource_type == "User" && method == "DELETE" && dialect.delete_deactivates {
        tell("", "deleteDeactivates is true: the user is set inactive and kept");
    }
}

/// Whether a body speaks of an attribute: as a name, at the end of a name or in a path.
fn names(body: &Value, attribute: &str) -> bool {
    let is_meant = |text: &str| {
        let begin = text.split('[').next().unwrap_or(text);
        begin.rsplit([':', '.']).any(|part| part.eq_ignore_ascii_case(attribute))
    };
    match body {
        Value::Array(elements) => elements.iter().any(|element| names(element, attribute)),
        Value::Object(members) => members.iter().any(|(name, value)| {
            let is_path = name.eq_ignore_ascii_case("path") && value.as_str().is_some_and(is_meant);
            is_path || is_meant(name) || names(value, attribute)
        }),
        _ => false,
    }
}
