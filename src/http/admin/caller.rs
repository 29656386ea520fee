//! Who asks: the administrator of a session, or a credential with an `admin:` scope.

use actix_web::http::header::AUTHORIZATION;

use super::problem::AdminError;
use crate::http::error::RequestError;
use crate::http::frame::Incoming;
use crate::http::session_cookie;
use crate::model::{Actor, AdminCaller, AdminRole, Caller, Need, Origin, Reach, Scope, Scopes};

/// The header in which a page proves that a change is its own, and not that of another site.
const CSRF: &str = "x-csrf-token";

/// The caller of a request.
pub async fn of(incoming: &mut Incoming<'_>) -> Result<AdminCaller, AdminError> {
    let address = incoming.address();
    let Incoming { app, http, id, verified, .. } = incoming;
    if http.headers().contains_key(AUTHORIZATION) {
        let headers = http.headers().get_all(AUTHORIZATION).map(|value| value.as_bytes());
        let verified = verified.insert(app.authenticator.verify(headers, address).await?);
        return of_credential(&verified.caller(*id));
    }
    let secret = session_cookie::read(app, http).ok_or(AdminError::SignedOut)?;
    let signed_in = app.sessions.find(&secret).await?.ok_or(AdminError::SignedOut)?;
    if !http.method().is_safe() {
        let sent = http.headers().get(CSRF).and_then(|value| value.to_str().ok());
        if !sent.is_some_and(|sent| secret.csrf_matches(sent)) {
            return Err(AdminError::Csrf);
        }
    }
    Ok(signed_in.caller(*id, address))
}

/// A credential reaches its tenant, and is an auditor or an administrator there by its scopes. One that belongs to a user is
/// the user's, and no SCIM user administers anything.
fn of_credential(caller: &Caller) -> Result<AdminCaller, AdminError> {
    caller.scopes.meet(Need::OneOf(Scopes::ADMIN)).map_err(RequestError::from)?;
    if caller.user.is_some() {
        return Err(RequestError::OutOfReach.into());
    }
    let actor = Actor::Credential { id: caller.credential.0, name: caller.label.to_string() };
    let origin = Origin { actor, request: Some(caller.request), address: caller.address };
    let role = if caller.scopes.contains(Scope::AdminWrite) { AdminRole::Admin } else { AdminRole::Auditor };
    Ok(AdminCaller { origin, role, reach: Reach::Tenant(caller.tenant.id) })
}
