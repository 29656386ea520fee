//! Which settings of a tenant had a say in a request.

use serde_json::Value;

use crate::model::{AttributeChange, Tenant};
use crate::scim::dialect::{EmployeeId, UnknownAttributes, UnknownMembers, UnknownRoles};
use crate::scim::explain::{Note, NoteKind, Notes};

/// Tells of the settings that speak of something in the request.
pub(super) fn explain(tenant: &Tenant, method: &str, resource_type: &str, body: Option<&Value>, notes: &mut Notes) {
    let dialect = &tenant.dialect;
    if dialect.unknown_attributes == UnknownAttributes::Refuse && body.is_some() {
        notes.add(NoteKind::Policy, &"", "unknownAttributes is refuse: what no schema defines is refused");
    }
    let speaks_of = |name: &str| body.is_some_and(|body| names(body, name));
    of_attributes(tenant, resource_type, speaks_of, |at, text| notes.add(NoteKind::Policy, &at, text));
    if resource_type == "User" && method == "DELETE" && dialect.delete_deactivates {
        notes.add(NoteKind::Policy, &"", "deleteDeactivates is true: the user is set inactive and kept");
    }
}

/// The settings that speak of what a change changed, as they are now: those that it met are not kept with it.
pub(super) fn of_change(tenant: &Tenant, resource_type: &str, changed: &[AttributeChange]) -> Vec<Note> {
    let mut notes = Vec::new();
    let speaks_of = |name: &str| changed.iter().any(|line| is_meant(&line.path, name));
    of_attributes(tenant, resource_type, speaks_of, |at, text| {
        notes.push(Note::new(NoteKind::Policy, at, format!("{text} (as it is set now)")));
    });
    notes
}

/// Tells of the settings that are about attributes, by whether these have to do with it.
fn of_attributes(
    tenant: &Tenant,
    resource_type: &str,
    speaks_of: impl Fn(&str) -> bool,
    mut tell: impl FnMut(&str, &str),
) {
    let dialect = &tenant.dialect;
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
}

/// Whether a name or a path is that of an attribute, or of a part of it.
fn is_meant(text: &str, attribute: &str) -> bool {
    let begin = text.split('[').next().unwrap_or(text);
    begin.rsplit([':', '.']).any(|part| part.eq_ignore_ascii_case(attribute))
}

/// Whether a body speaks of an attribute: as a name, at the end of a name or in a path.
fn names(body: &Value, attribute: &str) -> bool {
    match body {
        Value::Array(elements) => elements.iter().any(|element| names(element, attribute)),
        Value::Object(members) => members.iter().any(|(name, value)| {
            let is_path =
                name.eq_ignore_ascii_case("path") && value.as_str().is_some_and(|path| is_meant(path, attribute));
            is_path || is_meant(name, attribute) || names(value, attribute)
        }),
        _ => false,
    }
}
