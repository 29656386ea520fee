//! What a load balancer asks. No credential is needed, and nothing is told but yes or no.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER};
use tokio::time::timeout;

use super::ending::Ending;
use crate::store::{Store, StoreError};

/// A database that needs longer than this does not serve requests either.
const PATIENCE: Duration = Duration::from_secs(2);

/// The process runs.
pub fn alive() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).body("ok\n")
}

/// The process can answer requests and will go on: its database answers and is up to date, and no end is near. Says what is
/// not so.
pub async fn ready(store: &Store, ending: &Ending) -> HttpResponse {
    if ending.has_come() {
        return not_ready("the server is about to stop\n".into());
    }
    match timeout(PATIENCE, store.lacks_migration()).await {
        Ok(Ok(None)) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).body("ready\n"),
        Ok(Ok(Some(name))) => not_ready(format!("the database lacks the migration {name}\n")),
        Ok(Err(StoreError::Internal(_))) => not_ready("the database cannot be used\n".into()),
        Ok(Err(_)) | Err(_) => not_ready("the database does not answer\n".into()),
    }
}

fn not_ready(why: String) -> HttpResponse {
    HttpResponse::ServiceUnavailable()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((RETRY_AFTER, "2"))
        .body(why)
}
