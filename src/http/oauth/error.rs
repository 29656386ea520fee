//! Errors as RFC 6749, section 5.2 has them.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, PRAGMA, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde_json::json;

use super::client::NotShown;
use super::form::FormError;
use crate::auth::federation::FederationError;
use crate::auth::{AuthError, ClientError, SigningError};
use crate::gateway::SigningKeyError;
use crate::http::compression;
use crate::http::error::{HttpError, Panicked, RequestError};
use crate::model::RequestId;
use crate::store::StoreError;

/// Why there is no access token.
#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    /// What can go wrong in every space.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// Nothing has this path.
    #[error("there is nothing at this path; /.well-known/oauth-authorization-server tells what there is")]
    NoRoute,
    /// The body is no form.
    #[error(transparent)]
    Form(#[from] FormError),
    /// Parameters are in the URL, where they end in logs.
    #[error("parameters belong into the body; send none in the URL")]
    Query,
    /// A parameter is missing.
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    /// The grant is another one.
    #[error("this server knows one grant; send grant_type=client_credentials")]
    Grant,
    /// The request shows no client.
    #[error(transparent)]
    NotShown(#[from] NotShown),
    /// The client is not accepted.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The client may not do all that it asks for, or it is no scope.
    #[error("the client may have these scopes at most: {0}; ask for fewer, or leave scope out to get all of them")]
    Scope(String),
    /// There is nothing to sign with.
    #[error(
        "this server has no secret key and so cannot sign tokens; its operator has to set --secret-key-file or SCIMGATE_SECRET_KEY"
    )]
    NotConfigured,
    /// Signing failed.
    #[error("an internal error")]
    Signing(#[from] SigningError),
}

impl From<RequestError> for OAuthError {
    fn from(error: RequestError) -> Self {
        Self::Http(error.into())
    }
}

impl From<Panicked> for OAuthError {
    fn from(error: Panicked) -> Self {
        Self::Http(error.into())
    }
}

impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> Self {
        Self::Http(error.into())
    }
}

impl From<SigningKeyError> for OAuthError {
    fn from(error: SigningKeyError) -> Self {
        match error {
            SigningKeyError::Signing(error) => Self::Signing(error),
            SigningKeyError::Store(error) => error.into(),
        }
    }
}

/// An answer in the making.
struct Told {
    status: StatusCode,
    code: &'static str,
    description: String,
    header: Option<(HeaderName, HeaderValue)>,
}

impl OAuthError {
    /// The answer. What the client may not see goes to the log.
    pub fn render(self, id: RequestId) -> HttpResponse {
        let told = self.told(id);
        let mut response = HttpResponseBuilder::new(told.status);
        response.insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache"));
        response.content_type("application/json");
        if let Some(header) = told.header {
            response.insert_header(header);
        }
        let description = printable(&told.description);
        let mut response = response.body(json!({ "error": told.code, "error_description": description }).to_string());
        compression::spare(&mut response);
        response
    }

    fn told(self, id: RequestId) -> Told {
        let description = self.to_string();
        let plain = |status, code| Told { status, code, description: description.clone(), header: None };
        let invalid_request = || plain(StatusCode::BAD_REQUEST, "invalid_request");
        match self {
            Self::Http(error) => of_http(&error, id),
            Self::NoRoute => plain(StatusCode::NOT_FOUND, "invalid_request"),
            Self::Form(FormError::ContentType | FormError::ContentEncoding) => {
                plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_request")
            }
            Self::Form(FormError::Encoding | FormError::Repeated(_)) | Self::Query | Self::Missing(_) => {
                invalid_request()
            }
            Self::Grant => plain(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            Self::NotShown(NotShown::Missing | NotShown::Scheme) => unauthorized(description),
            Self::NotShown(_) => invalid_request(),
            Self::Client(ClientError::Unchecked(cause)) => of_http(&cause.into(), id),
            Self::Client(ClientError::Refused(error @ AuthError::TooManyFailures(_))) => of_http(&error.into(), id),
            Self::Client(ClientError::Assertion(FederationError::NoKeys(cause))) => {
                log::warn!("request {id}: {cause}");
                plain(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
            }
            Self::Client(ClientError::Refused(AuthError::AddressRefused(_))) => {
                plain(StatusCode::FORBIDDEN, "invalid_client")
            }
            Self::Client(_) => unauthorized(description),
            Self::Scope(_) => plain(StatusCode::BAD_REQUEST, "invalid_scope"),
            Self::NotConfigured => plain(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
            Self::Signing(cause) => {
                log::error!("request {id}: {cause}");
                let description = format!("the server failed; tell its operator the request id {id}");
                Told { description, ..plain(StatusCode::INTERNAL_SERVER_ERROR, "server_error") }
            }
        }
    }
}

/// RFC 6749, section 5.2: with the challenge of the scheme that clients may use in the header.
fn unauthorized(description: String) -> Told {
    let challenge = HeaderValue::from_static("Basic realm=\"scimgate\", charset=\"UTF-8\"");
    let header = Some((WWW_AUTHENTICATE, challenge));
    Told { status: StatusCode::UNAUTHORIZED, code: "invalid_client", description, header }
}

/// What is no matter of OAuth keeps the status that it has everywhere. The codes are those of the authorization endpoint (RFC
/// 6749, section 4.1.2.1), as the token endpoint has none for faults of the server.
fn of_http(error: &HttpError, id: RequestId) -> Told {
    let told = error.told(id);
    let status = told.status();
    let code = match status {
        StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request",
    };
    Told { status, code, description: told.error.detail, header: told.header }
}

/// The characters that an `error_description` may have.
fn printable(text: &str) -> String {
    let shown = |c: char| match c {
        '"' | '\\' => '\'',
        ' '..='~' => c,
        _ => '?',
    };
    text.chars().map(shown).collect()
}
