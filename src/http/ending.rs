//! The end of a server as its clients see it.
//!
//! A connection that is closed while a request is on its way loses that request, and its client cannot tell whether it was
//! carried out. So each answer first asks its client to use the connection no more, for a while in which everything is served
//! as before; only then does the server close what is still open.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use actix_web::rt::time::sleep;

/// The part of the time for the end in which nothing is closed yet: half a second of eight.
const PART: u32 = 16;

/// Whether the end has come.
#[derive(Clone, Default)]
pub struct Ending(Arc<AtomicBool>);

impl Ending {
    /// Whether the end has come: nothing long should be begun.
    pub fn has_come(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits for `stop`, and then for the clients to hear of it; `time` is what the whole end may take.
    pub async fn after(self, stop: impl Future<Output = ()>, time: Duration) {
        stop.await;
        self.0.store(true, Ordering::Relaxed);
        sleep(time / PART).await;
    }
}

/// Asks the client to close the connection, if the end has come.
pub async fn tell<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let ending = request.app_data::<Ending>().cloned();
    let mut response = next.call(request).await?;
    if ending.is_some_and(|ending| ending.has_come()) {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}
