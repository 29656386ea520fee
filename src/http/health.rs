//! What a load balancer asks. No credential is needed, and nothing is told but yes or no.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER};
use tokio::time::timeout;

use crate::app::App;

/// A database that needs longer than this does not serve requests either.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process runs.
pub fn alive() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).body("ok\n")
}

/// The process can answer requests: its database answers.
pub async fn ready(app: &App) -> HttpResponse {
    if matches!(timeout(PATIENCE, app.store.ping()).await, Ok(Ok(()))) {
        return HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).body("ready\n");
    }
    HttpResponse::ServiceUnavailable()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((RETRY_AFTER, "2"))
        .body("the database does not answer\n")
}
