//! Why a record came to nothing, as the closed list of codes tells it.

use crate::gateway::GatewayError;
use crate::model::{RecordCode, RecordFailure};
use crate::scim::resource::UNIQUE_EMAILS;
use crate::scim::{ScimError, ScimType};
use crate::store::StoreError;

/// A failure that a field is at fault for.
pub(super) fn of_field(code: RecordCode, field: &str, message: impl Into<String>) -> RecordFailure {
    RecordFailure { code, message: message.into(), field: Some(field.to_owned()) }
}

/// A failure of the record as a whole.
pub(super) fn whole(code: RecordCode, message: impl Into<String>) -> RecordFailure {
    RecordFailure { code, message: message.into(), field: None }
}

/// That another user has the e-mail address.
pub(super) fn email_taken() -> RecordFailure {
    of_field(RecordCode::EmailAlreadyExists, "email", "A user with that email already exists")
}

/// That another user has the employee id.
pub(super) fn employee_id_taken() -> RecordFailure {
    of_field(RecordCode::EmployeeIdAlreadyExists, "employeeId", "A user with that employee id already exists")
}

/// That another user has the user name.
pub(super) fn user_name_taken() -> RecordFailure {
    of_field(RecordCode::UserNameAlreadyExists, "userName", "A user with that user name already exists")
}

/// That fields are missing of somebody new; all of them are named.
pub(super) fn missing(fields: &[String]) -> RecordFailure {
    let message = format!("A new user must have {}", fields.join(", "));
    RecordFailure { code: RecordCode::MissingRequiredAttributes, message, field: Some(fields.join(", ")) }
}

/// That its turn did not come.
pub(super) fn not_begun() -> RecordFailure {
    whole(RecordCode::Unavailable, "The record was not begun; send it again")
}

/// What a use case ended with, by its structure.
pub(super) fn of(error: GatewayError) -> RecordFailure {
    match error {
        GatewayError::Taken { attribute } => match attribute.as_str() {
            "userName" => user_name_taken(),
            "externalId" | "employeeNumber" => employee_id_taken(),
            UNIQUE_EMAILS => email_taken(),
            other => of_field(RecordCode::InvalidValue, other, "Another user has this value; it has to be unique"),
        },
        GatewayError::Refused(refusal) => {
            let field = (!refusal.fields.is_empty()).then(|| refusal.fields.join(", "));
            RecordFailure { code: refusal.code, message: refusal.error.detail, field }
        }
        GatewayError::Scim(error) => of_scim(error),
        GatewayError::NotFound { .. } => whole(RecordCode::UserNotFound, "The user was removed in the meantime"),
        GatewayError::PreconditionFailed | GatewayError::Unavailable(StoreError::Conflict) => {
            whole(RecordCode::Conflict, "The user is being changed by others at the same time; send the record again")
        }
        GatewayError::Unavailable(cause) => {
            log::warn!("a record could not be written: {cause}");
            whole(RecordCode::Unavailable, "The database is not available at the moment; send the record again")
        }
        GatewayError::Internal(cause) => {
            log::error!("a record could not be written: {cause:#}");
            whole(RecordCode::InternalError, "An internal error; the server's log has the cause")
        }
    }
}

/// What SCIM refuses; its sentences tell what to change.
pub(super) fn of_scim(error: ScimError) -> RecordFailure {
    let code = match (error.status, error.scim_type) {
        (403, _) => RecordCode::OwnedByAnotherConnection,
        (409, Some(ScimType::Uniqueness)) | (400 | 413, _) => RecordCode::InvalidValue,
        (409 | 412, _) => RecordCode::Conflict,
        (404, _) => RecordCode::UserNotFound,
        _ => RecordCode::InternalError,
    };
    whole(code, error.detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_apart_by_their_structure() {
        let code = |error: GatewayError| of(error).code;
        let taken = |attribute: &str| code(GatewayError::Taken { attribute: attribute.to_owned() });
        assert_eq!(taken("userName"), RecordCode::UserNameAlreadyExists);
        assert_eq!(taken("externalId"), RecordCode::EmployeeIdAlreadyExists);
        assert_eq!(taken("employeeNumber"), RecordCode::EmployeeIdAlreadyExists);
        assert_eq!(taken(UNIQUE_EMAILS), RecordCode::EmailAlreadyExists);
        assert_eq!(taken("urn:acme:User:badge"), RecordCode::InvalidValue);
        let scim = |status| code(GatewayError::Scim(ScimError::new(status, "x")));
        assert_eq!((scim(400), scim(403)), (RecordCode::InvalidValue, RecordCode::OwnedByAnotherConnection));
        assert_eq!(code(GatewayError::Unavailable(StoreError::Conflict)), RecordCode::Conflict);
        assert_eq!(code(GatewayError::PreconditionFailed), RecordCode::Conflict);
    }
}
