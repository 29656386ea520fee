//! `/admin/v1/session`: signing in, who is signed in, and signing out.

use actix_web::http::header::USER_AGENT;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::admins::AdminView;
use super::problem::{AdminError, Problem};
use super::request::{self, no_content, ok};
use super::{AdminAnswer, caller};
use crate::auth::{SessionSecret, SignedIn};
use crate::gateway::{SignIn, SignInError, Visitor};
use crate::http::error::RequestError;
use crate::http::frame::Incoming;
use crate::http::session_cookie;

/// The first factor.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    #[validate(length(max = 254, message = "has at most 254 characters"))]
    email: String,
    #[validate(length(max = 1024, message = "has at most 1024 bytes"))]
    password: String,
}

/// The second factor.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondFactor {
    /// A code of the authenticator app, or a recovery code
    #[validate(length(max = 64, message = "has at most 64 characters"))]
    code: String,
}

/// How far somebody came.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// In.
    Complete,
    /// To the second factor, which is to be sent to /admin/v1/session/second-factor.
    SecondFactor,
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionView {
    state: State,
    /// To be sent as X-CSRF-Token with every change
    csrf_token: String,
    /// Who is signed in
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    admin: Option<AdminView>,
    /// When it ends at the latest
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    expires_at: Option<DateTime<Utc>>,
}

impl SessionView {
    fn of(secret: &SessionSecret, signed_in: Option<SignedIn>) -> Self {
        let is_complete = signed_in.as_ref().is_some_and(|signed_in| signed_in.session.is_complete);
        let expires_at = signed_in.as_ref().map(|signed_in| signed_in.session.expires_at);
        Self {
            state: if is_complete { State::Complete } else { State::SecondFactor },
            csrf_token: secret.csrf_token(),
            admin: signed_in.filter(|_| is_complete).map(|signed_in| signed_in.admin.into()),
            expires_at,
        }
    }
}

/// Hands a request to the handler of its path and method.
pub async fn route(incoming: &mut Incoming<'_>, path: &[&str]) -> AdminAnswer {
    let method = incoming.http.method().as_str();
    match (path, method) {
        ([], "POST") => sign_in(incoming).await,
        ([], "GET" | "HEAD") => get(incoming).await,
        ([], "DELETE") => sign_out(incoming).await,
        (["second-factor"], "POST") => second_factor(incoming).await,
        ([], _) => Err(RequestError::Method { method: method.to_owned(), allow: "GET, HEAD, POST, DELETE" }.into()),
        (["second-factor"], _) => Err(RequestError::Method { method: method.to_owned(), allow: "POST" }.into()),
        _ => Err(AdminError::NoRoute),
    }
}

/// Who comes to sign in.
pub fn visitor(incoming: &Incoming<'_>) -> Visitor {
    let user_agent = incoming.http.headers().get(USER_AGENT).and_then(|name| name.to_str().ok()).map(str::to_owned);
    let session = session_cookie::read(incoming.app, incoming.http).map(|secret| secret.digest());
    Visitor { request: incoming.id, address: incoming.address(), user_agent, session }
}

/// Sign in with e-mail address and password
///
/// The session is in the cookie of the answer. With a second factor it opens nothing but the way to that.
#[utoipa::path(
    post, path = "/admin/v1/session", tag = "session", request_body = Credentials, security(()),
    responses(
        (status = 200, body = SessionView),
        (status = 401, description = "Refused", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn sign_in(incoming: &mut Incoming<'_>) -> AdminAnswer {
    caller::refuse_other_sites(incoming.http)?;
    let body: Credentials = request::json(incoming.app, incoming.http, &mut incoming.body).await?;
    let (app, visitor) = (incoming.app, visitor(incoming));
    let outcome = app.gateway.sign_in(&body.email, body.password.into(), &visitor).await;
    let secret = match outcome.map_err(|error| refused(incoming, error))? {
        SignIn::Complete(secret) | SignIn::SecondFactor(secret) => secret,
    };
    begun(incoming, &secret).await
}

/// Give the second factor
///
/// The session gets another cookie.
#[utoipa::path(
    post, path = "/admin/v1/session/second-factor", tag = "session", request_body = SecondFactor,
    responses(
        (status = 200, body = SessionView),
        (status = 401, description = "Refused", body = Problem, content_type = "application/problem+json"),
        (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn second_factor(incoming: &mut Incoming<'_>) -> AdminAnswer {
    let app = incoming.app;
    let secret = session_cookie::read(app, incoming.http).ok_or(AdminError::SignedOut)?;
    let waiting = app.sessions.find_any(&secret).await?.ok_or(AdminError::SignedOut)?;
    caller::check_csrf(incoming.http, &secret)?;
    if waiting.session.is_complete {
        let detail = "this session is complete; sign out first to sign in anew".to_owned();
        return Err(AdminError::Conflict { field: None, detail });
    }
    let body: SecondFactor = request::json(app, incoming.http, &mut incoming.body).await?;
    let visitor = visitor(incoming);
    let outcome = app.gateway.second_factor(&waiting, &body.code, &visitor, app.sealer.as_deref()).await;
    let secret = outcome.map_err(|error| refused(incoming, error))?;
    begun(incoming, &secret).await
}

async fn begun(incoming: &Incoming<'_>, secret: &SessionSecret) -> AdminAnswer {
    let signed_in = incoming.app.sessions.find_any(secret).await?;
    let mut response = ok::<_, AdminError>(&SessionView::of(secret, signed_in))?;
    add_cookie(&mut response, &session_cookie::with(incoming.app, secret));
    Ok(response)
}

fn add_cookie(response: &mut actix_web::HttpResponse, cookie: &actix_web::cookie::Cookie<'_>) {
    // Our own cookies are of visible ASCII.
    let _ = response.add_cookie(cookie);
}

fn refused(incoming: &Incoming<'_>, error: SignInError) -> AdminError {
    match error {
        SignInError::Pause { until } => {
            let seconds = (until - incoming.app.clock.now()).num_seconds().max(1);
            AdminError::Pause { seconds, detail: error.to_string() }
        }
        SignInError::Refused | SignInError::Code => AdminError::SignInRefused(error.to_string()),
        SignInError::NoSecretKey => AdminError::Forbidden(error.to_string()),
        SignInError::Store(error) => error.into(),
        SignInError::Seal(_) | SignInError::Password(_) => AdminError::internal(error),
    }
}

/// The session, and who is signed in
#[utoipa::path(
    get, path = "/admin/v1/session", tag = "session",
    responses((status = 200, body = SessionView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn get(incoming: &mut Incoming<'_>) -> AdminAnswer {
    let secret = session_cookie::read(incoming.app, incoming.http).ok_or(AdminError::SignedOut)?;
    let signed_in = incoming.app.sessions.find_any(&secret).await?.ok_or(AdminError::SignedOut)?;
    ok(&SessionView::of(&secret, Some(signed_in)))
}

/// Sign out
#[utoipa::path(
    delete, path = "/admin/v1/session", tag = "session",
    responses((status = 204, description = "Signed out"), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn sign_out(incoming: &mut Incoming<'_>) -> AdminAnswer {
    let (secret, signed_in) = caller::session(incoming).await?;
    incoming.app.gateway.sign_out(&signed_in, &secret, &visitor(incoming)).await?;
    let mut response = no_content::<AdminError>()?;
    add_cookie(&mut response, &session_cookie::without(incoming.app));
    Ok(response)
}
