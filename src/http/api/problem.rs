//! What goes wrong in the provisioning API, as problem details (RFC 9457).

use actix_web::http::StatusCode;
use validator::ValidationErrors;

use crate::auth::AuthError;
use crate::gateway::GatewayError;
use crate::http::error::{HttpError, Panicked, RequestError};
use crate::http::problem::{FieldError, Told, broken_rules};
use crate::model::{InsufficientScope, RequestId};
use crate::scim::ScimError;
use crate::store::StoreError;

/// Why a whole request of the provisioning API was refused. Single records that fail are part of an answer instead.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// What can go wrong in every space.
    #[error(transparent)]
    Http(HttpError),
    /// Nothing has this path.
    #[error("there is nothing at this path; /api/v1/openapi.json lists what there is")]
    NoRoute,
    /// The credential reaches one user alone.
    #[error("this credential is bound to a user and reaches only /scim/v2/Me; use one that is not bound")]
    BoundToUser,
    /// There is none of that name or id.
    #[error("there is no {kind} {id}")]
    NotFound {
        /// What was looked for.
        kind: &'static str,
        /// Its name or id as the client wrote it.
        id: String,
    },
    /// Fields of the body or parameters of the query are wrong.
    #[error("the request has values that cannot be; correct them")]
    Invalid(Vec<FieldError>),
}

impl ApiError {
    /// What the client is told. What it may not see goes to the log.
    pub fn told(self, id: RequestId) -> Told {
        let detail = self.to_string();
        let plain = |status, kind, title| {
            let kind = Some((kind, title));
            Told { status, kind, detail, errors: Vec::new(), code: None, header: None }
        };
        match self {
            Self::Http(error) => Told::of(error, id),
            Self::NoRoute => Told { kind: None, ..plain(StatusCode::NOT_FOUND, "", "") },
            Self::BoundToUser => plain(StatusCode::FORBIDDEN, "urn:scimgate:problem:forbidden", "Not allowed"),
            Self::NotFound { .. } => plain(StatusCode::NOT_FOUND, "urn:scimgate:problem:not-found", "Not found"),
            Self::Invalid(errors) => {
                let title = "Values that cannot be";
                Told { errors, ..plain(StatusCode::UNPROCESSABLE_ENTITY, "urn:scimgate:problem:invalid", title) }
            }
        }
    }
}

impl From<FieldError> for ApiError {
    fn from(error: FieldError) -> Self {
        Self::Invalid(vec![error])
    }
}

impl From<ValidationErrors> for ApiError {
    fn from(errors: ValidationErrors) -> Self {
        Self::Invalid(broken_rules(&errors))
    }
}

impl From<InsufficientScope> for ApiError {
    fn from(error: InsufficientScope) -> Self {
        Self::Http(RequestError::from(error).into())
    }
}

impl From<HttpError> for ApiError {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

macro_rules! from_every_space {
    ($($error:ty),*) => {$(
        impl From<$error> for ApiError {
            fn from(error: $error) -> Self {
                Self::Http(error.into())
            }
        }
    )*};
}

from_every_space!(RequestError, ScimError, AuthError, Panicked, GatewayError, StoreError);
