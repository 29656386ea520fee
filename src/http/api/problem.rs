//! What goes wrong in the provisioning API, as problem details (RFC 9457).

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use validator::ValidationErrors;

use crate::auth::AuthError;
use crate::gateway::GatewayError;
use crate::http::error::{HttpError, Panicked, RequestError};
use crate::http::problem::{FieldError, Told, broken_rules};
use crate::model::{InsufficientScope, RequestId, TenantSlug};
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
    /// What is asked for cannot be done as things are.
    #[error("{0}")]
    Conflict(String),
    /// The tenant takes no records.
    #[error(
        "API User for tenant {0} has not been set up; run `scimgate tenant set {0} --provisioning on`, or set \
        provisioning.enabled of the tenant in the admin API"
    )]
    NotSetUp(TenantSlug),
    /// More records than one request may hold.
    #[error("the request has {sent} records, and one may have {most}; send them in several requests")]
    TooManyRecords {
        /// How many there are.
        sent: usize,
        /// How many there may be.
        most: usize,
    },
    /// The task is not in a state for that.
    #[error("{0}")]
    TaskConflict(String),
    /// What stands in `Idempotency-Key` is no key.
    #[error("the Idempotency-Key must be 1 to {longest} visible ASCII characters, without blanks")]
    BadKey {
        /// How long one may be.
        longest: usize,
    },
    /// The key was sent with another request before.
    #[error("the Idempotency-Key was sent with another request before; choose a new key for a new request")]
    KeyOfAnother,
    /// A request with the key is under way.
    #[error("a request with this Idempotency-Key is under way still; send it again in some seconds")]
    StillRunning,
    /// Fields of the body or parameters of the query are wrong.
    #[error("the request has values that cannot be; correct them")]
    Invalid(Vec<FieldError>),
    /// What one thing alone refuses, in its own words.
    #[error("{}", .0.detail)]
    Refused(Box<Told>),
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
            Self::Refused(told) => *told,
            Self::NotFound { .. } => plain(StatusCode::NOT_FOUND, "urn:scimgate:problem:not-found", "Not found"),
            Self::Conflict(_) => plain(StatusCode::CONFLICT, "urn:scimgate:problem:conflict", "Not as things are"),
            Self::NotSetUp(_) => Told {
                code: Some("api_user_not_found"),
                ..plain(StatusCode::FORBIDDEN, "urn:scimgate:problem:not-set-up", "Records are not taken")
            },
            Self::TooManyRecords { .. } => {
                plain(StatusCode::PAYLOAD_TOO_LARGE, "urn:scimgate:problem:too-many-records", "Too many records")
            }
            Self::TaskConflict(_) => plain(StatusCode::CONFLICT, "urn:scimgate:problem:conflict", "Not in this state"),
            Self::BadKey { .. } => plain(StatusCode::BAD_REQUEST, "urn:scimgate:problem:idempotency-key", "No key"),
            Self::KeyOfAnother => {
                let title = "The key of another request";
                plain(StatusCode::UNPROCESSABLE_ENTITY, "urn:scimgate:problem:idempotency-key", title)
            }
            Self::StillRunning => Told {
                header: Some((RETRY_AFTER, HeaderValue::from_static("5"))),
                ..plain(StatusCode::CONFLICT, "urn:scimgate:problem:still-running", "Still under way")
            },
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
