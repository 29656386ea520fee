//! What can go wrong in the store, told apart by what the caller may do about it.

use std::error::Error;
use std::sync::Arc;

use crate::model::ResourceId;

/// An error of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Another resource of this tenant and type has the value already; or another tenant the `slug`, or another connection of
    /// the tenant the `name` or the `prefix`, or another administrator the `email`.
    #[error("another one has this {attribute} already")]
    Uniqueness {
        /// The attribute, as the schema spells it: `userName`, `externalId`, `employeeNumber`, `displayName` or `roleId`.
        attribute: &'static str,
    },
    /// Another resource of this tenant has a value that is unique by a schema of the tenant's own.
    #[error("another resource has this {path} already")]
    ValueTaken {
        /// The attribute with its schema's URN.
        path: String,
    },
    /// Members were named that this tenant does not have. Nothing was written.
    #[error("{} of the members do not exist", ids.len())]
    MemberUnknown {
        /// The unknown ids, sorted.
        ids: Vec<ResourceId>,
    },
    /// A group was to become a member of itself. Nothing was written.
    #[error("a group cannot be a member of itself")]
    MemberOfItself,
    /// The database cannot be reached or has no room for us at present; the same request may succeed later. A write that
    /// ends so was looked for and not found.
    #[error("the database is not available")]
    Unavailable(#[source] Cause),
    /// Concurrent writes got into each other's way again and again; nothing was written.
    #[error("concurrent writes got into each other's way")]
    Conflict,
    /// A fault of ours or of the database's state.
    #[error("the database refused a statement")]
    Internal(#[source] Cause),
}

/// The cause of an error, for the log.
pub type Cause = Arc<dyn Error + Send + Sync>;

impl StoreError {
    /// The database is away, because of `cause`.
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(cause.into()))
    }

    /// A fault, because of `cause`.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(Arc::from(cause.into()))
    }
}

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        super::fault::Fault::of(&error).into_error(error)
    }
}
