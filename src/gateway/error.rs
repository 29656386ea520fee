//! What a use case can end with besides success.

use crate::auth::password::PasswordError;
use crate::model::{RecordCode, RequestId, ResourceId};
use crate::scim::ScimError;
use crate::store::StoreError;

/// A refusal with what programs have to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The kind, of a closed list.
    pub code: RecordCode,
    /// The attributes that are at fault, by their paths; all of them.
    pub fields: Vec<String>,
    /// What a SCIM client is told.
    pub error: ScimError,
}

/// Why a use case did nothing. Whatever it says, nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The request is at fault; the client may be told all of it.
    #[error(transparent)]
    Scim(#[from] ScimError),
    /// The request breaks what the tenant asks of its users, or would give more than its sender may; programs are told by a code.
    #[error("{}", .0.error)]
    Refused(Box<Refusal>),
    /// Another resource has a value that has to be unique.
    #[error("another resource already has this {attribute}; choose a different value")]
    Taken {
        /// The attribute, as [`StoreError::Uniqueness`] and [`StoreError::ValueTaken`] tell it.
        attribute: String,
    },
    /// The tenant has no such resource of this type. Other tenants' ids give the same answer.
    #[error("there is no {resource_type} with the id {id}")]
    NotFound {
        /// The name of the resource type.
        resource_type: String,
        /// The id that was asked for.
        id: ResourceId,
    },
    /// `If-Match` or `If-None-Match` does not hold for the present version.
    #[error(
        "the resource is not in a version that If-Match or If-None-Match allows; read it again and repeat the change"
    )]
    PreconditionFailed,
    /// The database cannot be used now, or too many writers want this resource; trying again later will help.
    #[error("the change could not be made now; try again")]
    Unavailable(#[source] StoreError),
    /// Our fault.
    #[error("an internal error")]
    Internal(#[source] anyhow::Error),
}

impl GatewayError {
    /// What the client of a request is told of it. What the client may not see goes to the log.
    pub fn to_scim(&self, request: RequestId) -> ScimError {
        match self {
            Self::Scim(error) => error.clone(),
            Self::Refused(refusal) => refusal.error.clone(),
            Self::Taken { attribute } => ScimError::uniqueness(attribute),
            Self::NotFound { .. } => ScimError::new(404, self.to_string()),
            Self::PreconditionFailed => ScimError::new(412, self.to_string()),
            Self::Unavailable(cause) => {
                log::error!("request {request}: {}", one_line(&anyhow::Error::from(cause.clone())));
                ScimError::new(503, self.to_string())
            }
            Self::Internal(cause) => {
                log::error!("request {request}: {}", one_line(cause));
                ScimError::new(500, format!("the server failed; tell its operator the request id {request}"))
            }
        }
    }
}

fn one_line(error: &anyhow::Error) -> String {
    format!("{error:#}").replace(['\n', '\r'], " ")
}

impl From<StoreError> for GatewayError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Uniqueness { attribute } => Self::Taken { attribute: attribute.to_owned() },
            StoreError::ValueTaken { path } => Self::Taken { attribute: path },
            StoreError::MemberUnknown { ids } => {
                let ids: Vec<String> = ids.iter().take(10).map(ToString::to_string).collect();
                super::members::unknown(&ids.join(", "))
            }
            StoreError::MemberOfItself => super::members::of_itself(),
            StoreError::Unavailable(_) | StoreError::Conflict => Self::Unavailable(error),
            StoreError::Internal(_) => Self::Internal(error.into()),
        }
    }
}

impl From<PasswordError> for GatewayError {
    fn from(error: PasswordError) -> Self {
        Self::Internal(error.into())
    }
}
