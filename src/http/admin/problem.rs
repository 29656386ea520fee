//! What goes wrong in the admin API, as problem details (RFC 9457).

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use validator::ValidationErrors;

use crate::auth::AuthError;
use crate::http::error::{HttpError, Panicked, RequestError};
use crate::http::problem::broken_rules;
pub use crate::http::problem::{FieldError, Problem, Told};
use crate::model::{AdminRole, RequestId};
use crate::scim::ScimError;
use crate::store::StoreError;

/// Why a request of the admin API was refused.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// What can go wrong in every space.
    #[error(transparent)]
    Http(HttpError),
    /// Nothing has this path.
    #[error("there is nothing at this path; /admin/v1/openapi.json lists what there is")]
    NoRoute,
    /// Nobody is signed in, or no longer.
    #[error("nobody is signed in; sign in at /admin/v1/session, or send a token that has an admin scope")]
    SignedOut,
    /// A change in a session that does not prove to come from the session's own pages.
    #[error("a change in a session needs its CSRF token in the header X-CSRF-Token; GET /admin/v1/session tells it")]
    Csrf,
    /// A sign-in that comes from a page of another site.
    #[error("this request comes from a page of another site; sign in from this server's own pages")]
    OtherSite,
    /// A factor was wrong; what to do.
    #[error("{0}")]
    SignInRefused(String),
    /// Too many attempts failed.
    #[error("{detail}")]
    Pause {
        /// How long to wait.
        seconds: i64,
        /// What to do.
        detail: String,
    },
    /// It was there, and is no more.
    #[error("{0}")]
    Gone(String),
    /// The caller may only look.
    #[error("{} may look at everything and change nothing; ask an administrator with a higher role", has.as_str())]
    Role {
        /// What the caller is.
        has: AdminRole,
    },
    /// The caller may do much, but not this; why, and what to do.
    #[error("{0}")]
    Forbidden(String),
    /// There is none of that name or id; or it is out of the caller's reach, which is the same.
    #[error("there is no {kind} {id}")]
    NotFound {
        /// What was looked for.
        kind: &'static str,
        /// Its name or id as the client wrote it.
        id: String,
    },
    /// There is none, as told.
    #[error("{0}")]
    Missing(String),
    /// Resources that are there do not fit a definition: their types and ids, with the reasons.
    #[error("resources that are there do not fit this definition; change them first")]
    Violated(Vec<FieldError>),
    /// It does not go together with what is there.
    #[error("{detail}")]
    Conflict {
        /// The field that is at fault, if one is.
        field: Option<&'static str>,
        /// What is wrong, and what to do.
        detail: String,
    },
    /// Fields of the body or parameters of the query are wrong.
    #[error("the request has values that cannot be; correct them")]
    Invalid(Vec<FieldError>),
}

impl AdminError {
    /// One field is wrong.
    pub fn field(field: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.to_owned(), detail: detail.into() }])
    }

    /// Our own fault.
    pub fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Http(StoreError::internal(cause).into())
    }

    /// What the client is told. What it may not see goes to the log.
    pub fn told(self, id: RequestId) -> Told {
        let detail = self.to_string();
        let plain = |status, kind, title| {
            let kind = Some((kind, title));
            Told { status, kind, detail: detail.clone(), errors: Vec::new(), code: None, header: None }
        };
        match self {
            Self::Http(error) => Told::of(error, id),
            Self::NoRoute => Told { kind: None, ..plain(StatusCode::NOT_FOUND, "", "") },
            Self::SignedOut => plain(StatusCode::UNAUTHORIZED, "urn:scimgate:problem:signed-out", "Not signed in"),
            Self::Csrf => plain(StatusCode::FORBIDDEN, "urn:scimgate:problem:csrf", "CSRF token missing or wrong"),
            Self::SignInRefused(_) => {
                plain(StatusCode::UNAUTHORIZED, "urn:scimgate:problem:sign-in-refused", "Sign-in refused")
            }
            Self::Pause { seconds, .. } => {
                let told =
                    plain(StatusCode::TOO_MANY_REQUESTS, "urn:scimgate:problem:too-many-attempts", "Too many attempts");
                Told { header: Some((RETRY_AFTER, HeaderValue::from(seconds))), ..told }
            }
            Self::Gone(_) => plain(StatusCode::GONE, "urn:scimgate:problem:gone", "Gone"),
            Self::Role { .. } | Self::Forbidden(_) | Self::OtherSite => {
                plain(StatusCode::FORBIDDEN, "urn:scimgate:problem:forbidden", "Not allowed")
            }
            Self::Violated(errors) => {
                let title = "Resources do not fit";
                Told { errors, ..plain(StatusCode::CONFLICT, "urn:scimgate:problem:violated", title) }
            }
            Self::NotFound { .. } | Self::Missing(_) => {
                plain(StatusCode::NOT_FOUND, "urn:scimgate:problem:not-found", "Not found")
            }
            Self::Conflict { field, .. } => {
                let errors = field.map(|field| FieldError { field: field.to_owned(), detail: detail.clone() });
                let told =
                    plain(StatusCode::CONFLICT, "urn:scimgate:problem:conflict", "In conflict with what is there");
                Told { errors: errors.into_iter().collect(), ..told }
            }
            Self::Invalid(errors) => {
                let title = "Values that cannot be";
                Told { errors, ..plain(StatusCode::UNPROCESSABLE_ENTITY, "urn:scimgate:problem:invalid", title) }
            }
        }
    }
}

impl From<StoreError> for AdminError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Uniqueness { attribute } => Self::Conflict {
                field: Some(attribute),
                detail: format!("another one has this {attribute} already; choose another"),
            },
            error => Self::Http(error.into()),
        }
    }
}

impl From<RequestError> for AdminError {
    fn from(error: RequestError) -> Self {
        Self::Http(error.into())
    }
}

impl From<ScimError> for AdminError {
    fn from(error: ScimError) -> Self {
        Self::Http(error.into())
    }
}

impl From<AuthError> for AdminError {
    fn from(error: AuthError) -> Self {
        Self::Http(error.into())
    }
}

impl From<Panicked> for AdminError {
    fn from(error: Panicked) -> Self {
        Self::Http(error.into())
    }
}

impl From<FieldError> for AdminError {
    fn from(error: FieldError) -> Self {
        Self::Invalid(vec![error])
    }
}

impl From<ValidationErrors> for AdminError {
    fn from(errors: ValidationErrors) -> Self {
        Self::Invalid(broken_rules(&errors))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::{Value, json};
    use validator::Validate;

    use super::*;

    fn told(error: AdminError) -> (u16, Value) {
        let id = RequestId::new(DateTime::UNIX_EPOCH);
        let response = error.told(id).response(id);
        assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
        let status = response.status().as_u16();
        let body = actix_web::body::MessageBody::try_into_bytes(response.into_body()).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&body["status"], &body["instance"]), (&json!(status), &json!(format!("urn:uuid:{id}"))));
        (status, body)
    }

    #[test]
    fn fields_are_told_by_their_names_in_json_and_without_their_values() {
        #[derive(Validate)]
        struct Body {
            #[validate(length(min = 12, message = "use at least 12 characters"))]
            new_password: String,
        }
        let (status, body) = told(Body { new_password: "hunter2".into() }.validate().unwrap_err().into());
        assert_eq!(status, 422);
        assert_eq!(body["errors"], json!([{"field": "newPassword", "detail": "use at least 12 characters"}]));
        assert!(!body.to_string().contains("hunter2"));
    }

    #[test]
    fn our_own_faults_show_no_cause() {
        let (status, body) = told(StoreError::internal("relation admins does not exist").into());
        assert_eq!(
            (status, &body["type"], &body["title"]),
            (500, &json!("about:blank"), &json!("Internal Server Error"))
        );
        assert!(!body.to_string().contains("relation"), "{body}");
    }

    #[test]
    fn a_value_that_is_taken_names_its_field() {
        let (status, body) = told(StoreError::Uniqueness { attribute: "slug" }.into());
        assert_eq!((status, &body["errors"][0]["field"]), (409, &json!("slug")));
    }
}
