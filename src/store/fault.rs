//! Which kind of trouble a database error is: the one place that decides it.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

use super::StoreError;

/// The kinds of trouble that are treated differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The connection is gone; whether the statement ran is not known.
    Lost,
    /// The statement was refused or stopped, and did nothing; the connection may be used again.
    Busy,
    /// A concurrent transaction got in the way; the statement did nothing and may be tried again at once.
    Race,
    /// A unique index has the value already; the attribute it is about.
    Duplicate(&'static str),
    /// Another resource has the value of this attribute, which a tenant's own schema wants unique.
    Taken(String),
    /// Anything else.
    Internal,
}

/// What each unique index is about.
const UNIQUE: &[(&str, &str)] = &[
    ("resources_external_id", "externalId"),
    ("resources_employee_number", "employeeNumber"),
    ("roles_role_key", "roleId"),
    ("tenants_slug", "slug"),
    ("admins_email", "email"),
    ("trusted_audiences_identity", "identity"),
    ("connections_name", "name"),
    ("connections_prefix", "prefix"),
];

/// The messages of errors that Diesel has no kind for, in the words of the server, which `lc_messages` keeps English.
const ADMIN_SHUTDOWN: &[&str] = &[
    "terminating connection",
    "the database system is",
    "sorry, too many clients already",
    "remaining connection slots are reserved",
];
const STOPPED: &[&str] = &[
    "canceling statement due to",
    "could not extend file",
    "No space left on device",
    "out of shared memory",
    "out of memory",
];

impl Fault {
    /// The kind of `error`.
    pub fn of(error: &Error) -> Self {
        let Error::DatabaseError(kind, information) = error else {
            return Self::Internal;
        };
        let message = information.message();
        match kind {
            DatabaseErrorKind::UniqueViolation => duplicate(information.as_ref()),
            DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::ForeignKeyViolation => Self::Race,
            DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::ReadOnlyTransaction => Self::Lost,
            _ if message == "deadlock detected" => Self::Race,
            // A month's partition was attached while the statement was on its way to the default one.
            DatabaseErrorKind::CheckViolation if message.contains("partition constraint") => Self::Race,
            _ if ADMIN_SHUTDOWN.iter().any(|text| message.starts_with(text)) => Self::Lost,
            _ if STOPPED.iter().any(|text| message.contains(text)) => Self::Busy,
            _ => Self::Internal,
        }
    }

    /// What the caller is told.
    pub fn into_error(self, error: Error) -> StoreError {
        match self {
            Self::Lost | Self::Busy => StoreError::unavailable(error),
            Self::Race => StoreError::Conflict,
            Self::Taken(path) => StoreError::ValueTaken { path },
            Self::Duplicate(attribute) => StoreError::Uniqueness { attribute },
            Self::Internal => StoreError::internal(error),
        }
    }
}

/// The attribute that a violated index is about. `resources_name_key` holds userNames and the displayNames of groups, which the
/// caller tells apart by the resource type.
fn duplicate(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> Fault {
    match information.constraint_name() {
        Some("resources_name_key") => Fault::Duplicate(NAME),
        Some("resource_unique_values_pkey") => Fault::Taken(information.column_name().unwrap_or_default().to_owned()),
        constraint => UNIQUE
            .iter()
            .find(|(index, _)| constraint == Some(index))
            .map_or(Fault::Internal, |(_, attribute)| Fault::Duplicate(attribute)),
    }
}

/// The attribute of `resources_name_key` for every type but Group.
pub(super) const NAME: &str = "userName";
