//! What a load balancer asks. No credential is needed, and nothing is told but yes or no.

use std::rc::Rc;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse};
use tokio::time::timeout;

use crate::app::App;

/// A database that needs longer than this does not serve requests either.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process runs.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).body("ok\n")
}

/// The process can answer requests: its database answers.
pub async fn ready(http: HttpRequest) -> HttpResponse {
    let answers = match http.app_data::<Rc<App>>() {
        Some(app) => matches!(timeout(PATIENCE, app.store.ping()).await, Ok(Ok(()))),
        None => false,
    };
    if answers {
        return HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).body("ready\n");
    }
    HttpResponse::ServiceUnavailable()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((RETRY_AFTER, "2"))
        .body("the database does not answer\n")
}
