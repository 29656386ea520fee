//! Who asks: the administrator of a session, or a credential with an `admin:` scope.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;

use super::problem::AdminError;
use crate::auth::{SessionSecret, SignedIn};
use crate::http::error::RequestError;
use crate::http::frame::{Incoming, authenticate};
use crate::http::session_cookie;
use crate::model::{AdminCaller, AdminRole, Caller, Need, Origin, Reach, Scope, Scopes};

/// The header in which a page proves that a change is its own, and not that of another site.
const CSRF: &str = "x-csrf-token";

/// The caller of a request.
pub async fn of(incoming: &mut Incoming<'_>) -> Result<AdminCaller, AdminError> {
    let address = incoming.address();
    let Incoming { app, http, id, verified, .. } = incoming;
    if http.headers().contains_key(AUTHORIZATION) {
        let verified = verified.insert(authenticate(app, (http, *id), address).await.map_err(AdminError::Http)?);
        return of_credential(&verified.caller(*id), http.method().is_safe());
    }
    let (_, signed_in) = session(incoming).await?;
    Ok(signed_in.caller(incoming.id, address))
}

/// The session of a request that comes with one. A change has to prove that it comes from the session's own pages.
pub async fn session(incoming: &Incoming<'_>) -> Result<(SessionSecret, SignedIn), AdminError> {
    let Incoming { app, http, .. } = incoming;
    let secret = session_cookie::read(app, http).ok_or(AdminError::SignedOut)?;
    let signed_in = app.sessions.find(&secret).await?.ok_or(AdminError::SignedOut)?;
    check_csrf(http, &secret)?;
    Ok((secret, signed_in))
}

/// Holds that a change comes with the token of the session that it is made in.
pub fn check_csrf(http: &HttpRequest, secret: &SessionSecret) -> Result<(), AdminError> {
    let sent = http.headers().get(CSRF).and_then(|value| value.to_str().ok());
    let is_proven = http.method().is_safe() || sent.is_some_and(|sent| secret.csrf_matches(sent));
    if is_proven { Ok(()) } else { Err(AdminError::Csrf) }
}

/// Refuses what a browser says comes from another site: nobody should be signed in by a page of somebody else's.
pub fn refuse_other_sites(http: &HttpRequest) -> Result<(), AdminError> {
    let site = http.headers().get("sec-fetch-site").map(|value| value.as_bytes());
    if matches!(site, Some(b"cross-site" | b"same-site")) { Err(AdminError::OtherSite) } else { Ok(()) }
}

/// A credential reaches its tenant, and is an auditor or an administrator there by its scopes. One that belongs to a user is
/// the user's, and no SCIM user administers anything. One that may give light roles alone changes nothing here: it could make
/// another one without that limit, or an administrator.
fn of_credential(caller: &Caller, only_reads: bool) -> Result<AdminCaller, AdminError> {
    caller.scopes.meet(Need::OneOf(Scopes::ADMIN)).map_err(RequestError::from)?;
    if caller.user.is_some() {
        return Err(RequestError::OutOfReach.into());
    }
    let is_admin = caller.scopes.contains(Scope::AdminWrite);
    if is_admin && caller.max_role_weight.is_some() && !only_reads {
        let why =
            "this credential has a limit on the weight of roles, which whoever administers could lift; use one without";
        return Err(AdminError::Forbidden(why.to_owned()));
    }
    let origin = Origin::of(caller);
    let role = if is_admin && caller.max_role_weight.is_none() { AdminRole::Admin } else { AdminRole::Auditor };
    Ok(AdminCaller { origin, role, reach: Reach::Tenant(caller.tenant.id) })
}
