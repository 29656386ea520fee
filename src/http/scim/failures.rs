//! Requests that failed, on their way into the activity log.

use std::time::{Duration, Instant};

use actix_web::HttpRequest;

use crate::app::App;
use crate::auth::RefusedSignIn;
use crate::gateway::Failure;
use crate::http::body::Body;
use crate::http::request::Request;
use crate::model::{Caller, RequestId};
use crate::scim::ScimError;

/// Leaves a request that was refused where it will be written, if there is room. Too many requests at once are nobody's riddle,
/// and must not push out those that are.
pub fn offer(app: &App, caller: &Caller, (http, body): (&HttpRequest, &Body), error: &ScimError, started: Instant) {
    if error.status == 429 {
        return;
    }
    app.failures.offer(caller.tenant.id, Instant::now(), || Failure {
        caller: caller.clone(),
        at: app.clock.now(),
        method: http.method().to_string(),
        path: http.path().to_owned(),
        query: http.uri().query().map(str::to_owned),
        error: error.clone(),
        body: (body.length() == body.kept().len()).then(|| body.kept().to_vec()),
        body_length: body.length(),
        duration: started.elapsed(),
    });
}

/// Leaves a sign-in that was refused, of which nothing is known but its head.
pub fn offer_refused(app: &App, http: &HttpRequest, id: RequestId, refused: RefusedSignIn) {
    let RefusedSignIn { whose, why } = refused;
    app.failures.offer(whose.tenant_id(), Instant::now(), || Failure {
        caller: whose.caller(id),
        at: app.clock.now(),
        method: http.method().to_string(),
        path: http.path().to_owned(),
        query: http.uri().query().map(str::to_owned),
        error: ScimError::new(why.status(), why.told()),
        body: None,
        body_length: 0,
        duration: Duration::ZERO,
    });
}

/// Leaves a bulk request of which operations failed; their places are counted from 1.
pub fn offer_operations(request: &Request<'_>, failed: &[(usize, ScimError)], operations: usize, started: Instant) {
    let Some((place, first)) = failed.first() else { return };
    let told = format!("{} of {operations} operations failed; operation {place}: {}", failed.len(), first.detail);
    let error = ScimError { detail: told, ..first.clone() };
    offer(request.app, request.caller, (request.http, request.body), &error, started);
}
