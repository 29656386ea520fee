//! Where requests of SCIM come in: who sends them, what they name, and whether the one may do the other.

use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;

use super::{ScimEndpoint, answer, failures, me};
use crate::http::error::RequestError;
use crate::http::frame::{Incoming, authenticate, check_head, run};
use crate::http::negotiation::MediaType;
use crate::http::prefer::responds_async;
use crate::http::request::{Request, header_value};
use crate::http::route;
use crate::model::Scopes;

/// Answers a request of this space; and of none, which is told as a SCIM error too.
pub async fn enter(incoming: &mut Incoming<'_>) -> HttpResponse {
    let (deadline, address, started) = (incoming.deadline(), incoming.address(), Instant::now());
    let Incoming { app, http, id, body, verified, .. } = incoming;
    // A bulk request ends itself in time, so that its client learns what was done; the deadline only comes after that.
    let timeouts = &app.config.timeouts;
    let is_bulk = route::is_bulk(http.path());
    let deadline = if is_bulk { deadline + timeouts.bulk + timeouts.request } else { deadline };
    let media = MediaType::wanted(http.headers());
    // Answers without a body, and tokens, have no form to choose (RFC 9967, section 2.5.1.1).
    let ignores_accept = (is_bulk && responds_async(http.headers())) || route::is_bulk_outcome(http.path());
    let mut own_url = None;

    let work = async {
        check_head(http)?;
        let verified = verified.insert(authenticate(app, (http, *id), address).await?);
        let media = if ignores_accept { media.clone().unwrap_or_default() } else { media.clone()? };
        let caller = verified.caller(*id);
        let endpoint = me::resolve(route::find(http.path(), &caller.catalog)?, &caller)?;
        own_url = me::url(&endpoint, &caller, &app.base_url);
        check_scopes(http, &endpoint, caller.scopes)?;
        answer(Request { app, caller: &caller, http, media, body }, endpoint).await
    };
    let outcome = run(deadline, work).await;
    let outcome = if own_url.is_some() { me::without_user(outcome) } else { outcome };
    let mut response = outcome.unwrap_or_else(|error| {
        let told = error.told(*id);
        if let Some(verified) = verified {
            failures::offer(app, &verified.caller(*id), (http, body), &told.error, started);
        }
        told.as_scim(media.unwrap_or_default())
    });
    if let Some(verified) = verified {
        app.authenticator.used(verified, route::use_outcome(http.method().as_str(), response.status()));
    }
    if let Some(url) = own_url {
        response.headers_mut().insert(LOCATION, header_value(&url));
    }
    response
}

/// Holds that the credential may do what the request asks for. A method that the endpoint does not know is refused for that
/// reason.
pub fn check_scopes(http: &HttpRequest, endpoint: &ScimEndpoint<'_>, has: Scopes) -> Result<(), RequestError> {
    let method = http.method().as_str();
    let is_known = endpoint.allow().split(", ").any(|known| known == method);
    if is_known { Ok(has.meet(endpoint.need(method))?) } else { Ok(()) }
}
