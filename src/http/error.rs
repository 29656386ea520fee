//! The one place that decides what a client is told of an error.
//!
//! Every layer has its own error type; [`HttpError`] gathers them, and [`HttpError::told`] is an exhaustive match, so a new
//! kind of error cannot be forgotten. What the client may not see is logged here, once, beside the request's id. What is told
//! then takes the form of the space it is told in: [`Told::as_scim`] here, problem details in `admin`.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, HttpResponseBuilder};

use super::negotiation::MediaType;
use crate::app::limits::Exceeded;
use crate::auth::AuthError;
use crate::auth::federation::FederationError;
use crate::gateway::GatewayError;
use crate::model::{InsufficientScope, RequestId};
use crate::scim::ScimError;
use crate::store::StoreError;

/// How long a client is asked to wait when the database is away. Service resumes within two seconds of its return.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("2");

/// Everything that can go wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The request as HTTP is at fault.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The credential is at fault.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// The content is at fault.
    #[error(transparent)]
    Scim(#[from] ScimError),
    /// A use case ended so.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// A read ended so.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A handler panicked.
    #[error(transparent)]
    Panic(#[from] Panicked),
}

/// A handler panicked. The panic itself has been printed already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a handler panicked")]
pub struct Panicked;

/// What can be wrong with a request before anybody looks at its content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// No route has this path.
    #[error("there is nothing at this path; the endpoints are listed at /scim/v2/ResourceTypes")]
    NoRoute,
    /// No resource has this id, or no schema or resource type this name.
    #[error("there is no {kind} with the id {id}")]
    NotFound {
        /// What was looked for.
        kind: String,
        /// Its id as the client wrote it.
        id: String,
    },
    /// The path does not know the method.
    #[error("this path does not take {method}; it takes {allow}")]
    Method {
        /// The method.
        method: String,
        /// What it takes.
        allow: &'static str,
    },
    /// The protocol has it, this server does not.
    #[error("this server does not offer {0}")]
    NotOffered(&'static str),
    /// The credential's scopes do not reach.
    #[error(transparent)]
    Scope(#[from] InsufficientScope),
    /// The token belongs to a user and the request is about something else.
    #[error(
        "this token belongs to one user, and reaches /Me, that user's own URL and what describes the server; create one without --user for the rest"
    )]
    OutOfReach,
    /// The client accepts no form that we have.
    #[error("answers are application/scim+json or application/json; accept one of them")]
    NotAcceptable,
    /// The client accepts no encoding that we have, and not the plain form either.
    #[error("answers come in gzip, deflate or as they are; accept one of these in Accept-Encoding")]
    NoEncoding,
    /// A discovery endpoint was asked with a filter.
    #[error("this endpoint takes no filter; read all of it")]
    DiscoveryFilter,
    /// The body has another form.
    #[error(
        "a body has to be application/scim+json or application/json in UTF-8; send it so, with the matching Content-Type"
    )]
    ContentType,
    /// The body is compressed.
    #[error("a body has to be sent as it is, without Content-Encoding; send it uncompressed")]
    ContentEncoding,
    /// The body is too large.
    #[error("a body may have at most {limit} bytes; split the request")]
    BodyTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The body of a bulk request is too large.
    #[error("a bulk request may have at most {limit} bytes (maxPayloadSize); split it")]
    BulkTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The body did not arrive in time.
    #[error("the body did not arrive within {} s; send it faster or split it", .0.as_secs_f32())]
    BodyTimeout(Duration),
    /// Too many large bodies are under way.
    #[error("too many large requests are being read now; try again, or split the request")]
    Crowded,
    /// The body ended before it was complete.
    #[error("the body could not be read to its end; send it again")]
    BodyBroken,
    /// The path and query are too long.
    #[error("path and query may have at most {limit} bytes; shorten them")]
    UriTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The headers are too large.
    #[error("headers may have at most {limit} bytes; send fewer or shorter ones")]
    HeadersTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// More requests came than the tenant or the credential may send.
    #[error("{} sends more requests than this server allows; go on after {} s, as Retry-After says", .0.of.as_str(), .0.seconds)]
    RateLimited(Exceeded),
    /// The request cannot be read as HTTP at all.
    #[error(
        "this cannot be read as an HTTP request; look at its request line, its header lines and how they tell the body's length"
    )]
    Malformed,
    /// The head did not arrive in time.
    #[error("the head of the request did not arrive in time; send it faster")]
    HeadTimeout,
    /// The head does not end within what is read of one.
    #[error("the head of the request is too large to be read; shorten path, query and headers")]
    HeadUnreadable,
    /// The client wants to leave HTTP.
    #[error("this server speaks HTTP alone; send the request without Upgrade")]
    Upgrade,
    /// The answer was not ready in time.
    #[error("the request could not be answered in time; try again")]
    Deadline,
}

impl RequestError {
    fn status(&self) -> u16 {
        match self {
            Self::NoRoute | Self::NotFound { .. } => 404,
            Self::Method { .. } => 405,
            Self::NotOffered(_) => 501,
            Self::Scope(_) | Self::OutOfReach | Self::DiscoveryFilter => 403,
            Self::NotAcceptable | Self::NoEncoding => 406,
            Self::ContentType | Self::ContentEncoding => 415,
            Self::BodyTooLarge { .. } | Self::BulkTooLarge { .. } => 413,
            Self::BodyTimeout(_) | Self::HeadTimeout => 408,
            Self::BodyBroken | Self::Upgrade | Self::Malformed => 400,
            Self::UriTooLong { .. } => 414,
            Self::HeadersTooLarge { .. } | Self::HeadUnreadable => 431,
            Self::RateLimited(_) => 429,
            Self::Deadline | Self::Crowded => 503,
        }
    }
}

/// What a client is told of an error, in the words that SCIM has for it.
pub struct Told {
    /// Status, detail and, for SCIM, the keyword.
    pub error: ScimError,
    /// A header that belongs to it.
    pub header: Option<(HeaderName, HeaderValue)>,
    cause: Option<String>,
}

impl Told {
    fn plain(error: ScimError) -> Self {
        Self { error, header: None, cause: None }
    }

    fn with(self, name: HeaderName, value: HeaderValue) -> Self {
        Self { header: Some((name, value)), ..self }
    }

    /// Trying again will help.
    fn unavailable(detail: String, cause: Option<&dyn std::error::Error>) -> Self {
        let told = Self::plain(ScimError::new(503, detail)).with(RETRY_AFTER, RETRY_SECONDS);
        Self { cause: cause.map(chain), ..told }
    }

    /// Our own fault: the client learns the request's id, the log the cause.
    fn internal(id: RequestId, cause: String) -> Self {
        let detail = format!("the server failed; tell its operator the request id {id}");
        Self { cause: Some(cause), ..Self::plain(ScimError::new(500, detail)) }
    }

    /// Writes to the log what the client may not see.
    fn logged(self, id: RequestId) -> Self {
        if let Some(cause) = &self.cause {
            log::error!("request {id}: {cause}");
        }
        self
    }

    /// The answer in SCIM's form (RFC 7644, section 3.12).
    pub fn as_scim(&self, media: MediaType) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(self.status());
        response.content_type(media.header());
        if let Some(header) = &self.header {
            response.insert_header(header.clone());
        }
        response.body(self.error.to_json().to_string())
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl HttpError {
    /// What the client is told. What it may not see goes to the log.
    pub fn told(&self, id: RequestId) -> Told {
        let told = match self {
            Self::Request(error) => error.told(),
            Self::Auth(error) => auth(error, id),
            Self::Scim(error) => Told::plain(error.clone()),
            Self::Gateway(error) => gateway(error, id),
            Self::Store(error) => store(error, id),
            Self::Panic(_) => Told::internal(id, "a handler panicked, see above".into()),
        };
        told.logged(id)
    }
}

impl RequestError {
    /// What the client is told. None of these has anything for the log.
    pub fn told(&self) -> Told {
        request(self)
    }
}

fn request(error: &RequestError) -> Told {
    let told = Told::plain(ScimError::new(error.status(), error.to_string()));
    match error {
        RequestError::Method { allow, .. } => told.with(ALLOW, HeaderValue::from_static(allow)),
        RequestError::Deadline | RequestError::Crowded => told.with(RETRY_AFTER, RETRY_SECONDS),
        RequestError::RateLimited(exceeded) => told.with(RETRY_AFTER, HeaderValue::from(exceeded.seconds)),
        RequestError::Scope(error) => told.with(WWW_AUTHENTICATE, insufficient_scope(error)),
        RequestError::OutOfReach => {
            let challenge = "Bearer realm=\"scimgate\", error=\"insufficient_scope\"";
            told.with(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
        }
        _ => told,
    }
}

/// The challenge that names the scopes which would do (RFC 6750, section 3).
fn insufficient_scope(error: &InsufficientScope) -> HeaderValue {
    let needed = error.need.scopes();
    let scope = if needed.is_empty() { String::new() } else { format!(", scope=\"{needed}\"") };
    let challenge = format!("Bearer realm=\"scimgate\", error=\"insufficient_scope\"{scope}");
    HeaderValue::from_str(&challenge).unwrap_or(HeaderValue::from_static("Bearer realm=\"scimgate\""))
}

/// RFC 6750, section 3.1: no error code when there was no credential, 400 when there were two.
fn auth(error: &AuthError, id: RequestId) -> Told {
    let (status, challenge) = match error {
        AuthError::Missing => (401, "Bearer realm=\"scimgate\""),
        AuthError::Repeated => (400, "Bearer realm=\"scimgate\", error=\"invalid_request\""),
        AuthError::Scheme
        | AuthError::NotAToken(_)
        | AuthError::Refused
        | AuthError::Expired
        | AuthError::AccessToken(_)
        | AuthError::ConnectionDisabled
        | AuthError::CredentialDisabled
        | AuthError::UserGone
        | AuthError::UserInactive => (401, "Bearer realm=\"scimgate\", error=\"invalid_token\""),
        AuthError::TooManyFailures(wait) => {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            let told = Told::plain(ScimError::new(429, error.to_string()));
            return told.with(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        // The credential is good, and another address or a tenant in use would do: it is no question of authentication.
        AuthError::AddressRefused(_) | AuthError::TenantSuspended | AuthError::TenantDeleted => {
            return Told::plain(ScimError::new(403, error.to_string()));
        }
        AuthError::Federation(FederationError::NoKeys(cause)) => {
            return Told::unavailable(error.to_string(), Some(cause));
        }
        AuthError::Federation(_) => (401, "Bearer realm=\"scimgate\", error=\"invalid_token\""),
        AuthError::Unchecked(error) => return store(error, id),
    };
    let told = Told::plain(ScimError::new(status, error.to_string()));
    told.with(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

fn gateway(error: &GatewayError, id: RequestId) -> Told {
    match error {
        GatewayError::Scim(error) => Told::plain(error.clone()),
        GatewayError::Refused(refusal) => Told::plain(refusal.error.clone()),
        GatewayError::Taken { attribute } => Told::plain(ScimError::uniqueness(attribute)),
        GatewayError::NotFound { .. } => Told::plain(ScimError::new(404, error.to_string())),
        GatewayError::PreconditionFailed => Told::plain(ScimError::new(412, error.to_string())),
        GatewayError::Unavailable(cause) => Told::unavailable(error.to_string(), Some(cause)),
        GatewayError::Internal(cause) => Told::internal(id, format!("{cause:#}")),
    }
}

fn store(error: &StoreError, id: RequestId) -> Told {
    match error {
        StoreError::Uniqueness { attribute } => Told::plain(ScimError::uniqueness(attribute)),
        StoreError::ValueTaken { path } => Told::plain(ScimError::uniqueness(path)),
        StoreError::Unavailable(_) | StoreError::Conflict => {
            Told::unavailable("the request could not be answered now; try again".into(), Some(error))
        }
        StoreError::MemberUnknown { .. } | StoreError::MemberOfItself | StoreError::Internal(_) => {
            Told::internal(id, chain(error))
        }
    }
}

/// An error with its causes, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text.replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::auth::NotAToken;

    fn rendered(error: HttpError) -> (u16, Vec<(String, String)>, String) {
        let response = error.told(RequestId::new(DateTime::UNIX_EPOCH)).as_scim(MediaType::ScimJson);
        let headers =
            response.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        let headers = headers.filter(|(name, _)| name != "content-type").collect();
        let status = response.status().as_u16();
        let body = actix_web::body::MessageBody::try_into_bytes(response.into_body()).unwrap();
        (status, headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[test]
    fn a_bad_token_is_told_with_a_challenge() {
        let (status, headers, body) = rendered(AuthError::NotAToken(NotAToken::Shape).into());
        assert_eq!(status, 401);
        assert_eq!(headers, [("www-authenticate".into(), "Bearer realm=\"scimgate\", error=\"invalid_token\"".into())]);
        assert!(body.contains("\"status\":\"401\"") && body.contains("\"detail\":"), "{body}");
        let (_, headers, _) = rendered(AuthError::Missing.into());
        assert_eq!(headers, [("www-authenticate".into(), "Bearer realm=\"scimgate\"".into())]);
    }

    #[test]
    fn a_wrong_method_is_told_which_are_right() {
        let error = RequestError::Method { method: "POST".into(), allow: "GET, HEAD" };
        let (status, headers, body) = rendered(error.into());
        assert_eq!((status, headers), (405, vec![("allow".into(), "GET, HEAD".into())]));
        assert!(body.contains("this path does not take POST; it takes GET, HEAD"), "{body}");
    }

    #[test]
    fn what_may_pass_by_waiting_says_so() {
        for error in [
            HttpError::from(StoreError::Conflict),
            RequestError::Deadline.into(),
            AuthError::Unchecked(StoreError::Conflict).into(),
        ] {
            let (status, headers, _) = rendered(error);
            assert_eq!((status, headers), (503, vec![("retry-after".into(), "2".into())]));
        }
    }

    #[test]
    fn our_own_faults_show_the_request_id_and_no_cause() {
        let cause = anyhow::anyhow!("relation resources does not exist");
        let (status, _, body) = rendered(GatewayError::Internal(cause).into());
        assert_eq!(status, 500);
        assert!(!body.contains("relation"), "{body}");
        assert!(body.contains(&RequestId::new(DateTime::UNIX_EPOCH).to_string()[..8]), "{body}");
    }
}
