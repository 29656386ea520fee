//! Who asks: the administrator of a session.

use actix_web::http::header::AUTHORIZATION;

use super::problem::AdminError;
use crate::http::frame::Incoming;
use crate::http::session_cookie;
use crate::model::AdminCaller;

/// The header in which a page proves that a change is its own, and not that of another site.
const CSRF: &str = "x-csrf-token";

/// The caller of a request.
pub async fn of(incoming: &Incoming<'_>) -> Result<AdminCaller, AdminError> {
    let Incoming { app, http, id, .. } = incoming;
    if http.headers().contains_key(AUTHORIZATION) {
        return Err(AdminError::SignedOut);
    }
    let secret = session_cookie::read(app, http).ok_or(AdminError::SignedOut)?;
    let signed_in = app.sessions.find(&secret).await?.ok_or(AdminError::SignedOut)?;
    if !http.method().is_safe() {
        let sent = http.headers().get(CSRF).and_then(|value| value.to_str().ok());
        if !sent.is_some_and(|sent| secret.csrf_matches(sent)) {
            return Err(AdminError::Csrf);
        }
    }
    Ok(signed_in.caller(*id, incoming.address()))
}
