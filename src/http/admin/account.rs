//! `/admin/v1/account`: what administrators do about themselves, whatever their role: password and second factor.

use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::admins::AdminView;
use super::problem::{AdminError, Problem};
use super::request::{self, no_content, ok};
use super::{AdminAnswer, caller};
use crate::auth::{SessionSecret, SignedIn};
use crate::gateway::TotpError;
use crate::http::error::RequestError;
use crate::http::frame::Incoming;
use crate::model::Origin;

/// A change of password.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordChange {
    #[validate(length(max = 1024, message = "has at most 1024 bytes"))]
    present_password: String,
    /// At least 12 characters, neither common nor the e-mail address
    #[schema(min_length = 12, max_length = 1024)]
    new_password: String,
}

/// A second factor that was begun.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TotpView {
    /// The secret, to be typed into an authenticator app
    secret: String,
    /// The same as a URI
    uri: String,
    /// The URI as a QR code, in SVG
    qr_code: String,
}

/// The first code of a second factor.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    #[validate(length(max = 64, message = "has at most 64 characters"))]
    code: String,
}

/// The recovery codes, shown once.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

/// The password, where it is asked for again.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordAgain {
    #[validate(length(max = 1024, message = "has at most 1024 bytes"))]
    password: String,
}

/// Hands a request to the handler of its path and method.
pub async fn route(incoming: &mut Incoming<'_>, path: &[&str]) -> AdminAnswer {
    let (secret, signed_in) = caller::session(incoming).await?;
    let origin = signed_in.caller(incoming.id, incoming.address()).origin;
    let own = Own { secret, signed_in, origin };
    let method = incoming.http.method().as_str();
    match (path, method) {
        ([], "GET" | "HEAD") => get(&own),
        (["password"], "PUT") => change_password(incoming, &own).await,
        (["totp"], "POST") => begin_totp(incoming, &own).await,
        (["totp"], "DELETE") => disable_totp(incoming, &own).await,
        (["totp", "confirm"], "POST") => confirm_totp(incoming, &own).await,
        ([], _) => Err(not_taken(method, "GET, HEAD")),
        (["password"], _) => Err(not_taken(method, "PUT")),
        (["totp"], _) => Err(not_taken(method, "POST, DELETE")),
        (["totp", "confirm"], _) => Err(not_taken(method, "POST")),
        _ => Err(AdminError::NoRoute),
    }
}

/// Who is signed in, and where from.
pub struct Own {
    secret: SessionSecret,
    signed_in: SignedIn,
    origin: Origin,
}

fn not_taken(method: &str, allow: &'static str) -> AdminError {
    RequestError::Method { method: method.to_owned(), allow }.into()
}

/// Oneself
#[utoipa::path(
    get, path = "/admin/v1/account", tag = "account", security(("session" = [])),
    responses((status = 200, body = AdminView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub fn get(own: &Own) -> AdminAnswer {
    ok(&AdminView::from(own.signed_in.admin.clone()))
}

/// Change one's own password; other sessions end
#[utoipa::path(
    put, path = "/admin/v1/account/password", tag = "account", request_body = PasswordChange, security(("session" = [])),
    responses((status = 204, description = "Changed"), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn change_password(incoming: &mut Incoming<'_>, own: &Own) -> AdminAnswer {
    let body: PasswordChange = request::json(incoming.app, incoming.http, &mut incoming.body).await?;
    let (present, new) = (body.present_password.into(), body.new_password.into());
    let (admin, session) = (&own.signed_in.admin, own.secret.digest());
    incoming.app.gateway.change_password(admin, &session, present, new, &own.origin).await?;
    no_content()
}

/// Begin a second factor; it counts once it is confirmed
#[utoipa::path(
    post, path = "/admin/v1/account/totp", tag = "account", security(("session" = [])),
    responses((status = 200, body = TotpView), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn begin_totp(incoming: &mut Incoming<'_>, own: &Own) -> AdminAnswer {
    let app = incoming.app;
    let secret = app.gateway.begin_totp(&own.signed_in.admin, app.sealer.as_deref()).await?;
    let email = &own.signed_in.admin.email;
    ok(&TotpView {
        secret: secret.base32().expose_secret().to_owned(),
        uri: secret.uri(email).expose_secret().to_owned(),
        qr_code: secret.qr_code(email).map(|picture| picture.expose_secret().to_owned()).unwrap_or_default(),
    })
}

/// Confirm the second factor by a first code
#[utoipa::path(
    post, path = "/admin/v1/account/totp/confirm", tag = "account", request_body = Confirmation, security(("session" = [])),
    responses((status = 200, body = RecoveryCodes), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn confirm_totp(incoming: &mut Incoming<'_>, own: &Own) -> AdminAnswer {
    let body: Confirmation = request::json(incoming.app, incoming.http, &mut incoming.body).await?;
    let app = incoming.app;
    let codes = app.gateway.confirm_totp(&own.signed_in.admin, &body.code, app.sealer.as_deref(), &own.origin).await?;
    ok(&RecoveryCodes { recovery_codes: codes.iter().map(|code| code.expose_secret().to_owned()).collect() })
}

/// Take the second factor away; other sessions end
#[utoipa::path(
    delete, path = "/admin/v1/account/totp", tag = "account", request_body = PasswordAgain, security(("session" = [])),
    responses((status = 204, description = "Gone"), (status = "default", description = "Refused", body = Problem, content_type = "application/problem+json"))
)]
pub async fn disable_totp(incoming: &mut Incoming<'_>, own: &Own) -> AdminAnswer {
    let body: PasswordAgain = request::json(incoming.app, incoming.http, &mut incoming.body).await?;
    let (admin, session) = (&own.signed_in.admin, own.secret.digest());
    incoming.app.gateway.disable_totp(admin, &session, body.password.into(), &own.origin).await?;
    no_content()
}

impl From<TotpError> for AdminError {
    fn from(error: TotpError) -> Self {
        match error {
            TotpError::Enabled | TotpError::NotBegun => Self::Conflict { field: None, detail: error.to_string() },
            TotpError::Code => Self::field("code", error.to_string()),
            TotpError::NoSecretKey => Self::Forbidden(error.to_string()),
            TotpError::Change(error) => error.into(),
            TotpError::Seal(_) => Self::internal(error),
        }
    }
}
