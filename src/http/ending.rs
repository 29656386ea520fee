//! The end of a server as its clients see it.
//!
//! A connection that is closed while a request is on its way loses that request, and its client cannot tell whether it was
//! carried out. So the end comes in two steps. First the server says that it is not ready any more, and each answer asks its
//! client to use the connection no more, for a while in which everything is served as before. Only then does it close what is
//! still open, each connection once nothing is under way on it.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use actix_web::rt::time::sleep;
use tokio::sync::watch;

/// How far the end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It has not.
    Serving,
    /// Clients are asked to go.
    Draining,
    /// Connections on which nothing is under way are closed.
    Closing,
}

/// Tells how far the end has come. Clones tell the same.
#[derive(Clone)]
pub struct Ending {
    told: watch::Sender<Phase>,
    /// When clients were first asked to go, for those who ask with each request.
    come: Arc<OnceLock<Instant>>,
}

impl Default for Ending {
    fn default() -> Self {
        Self { told: watch::Sender::new(Phase::Serving), come: Arc::default() }
    }
}

impl Ending {
    /// Whether the end has come: nothing long should be begun.
    pub fn has_come(&self) -> bool {
        self.come.get().is_some()
    }

    /// Whether it came that long ago: what is under way and long should end.
    pub fn came_before(&self, patience: Duration) -> bool {
        self.come.get().is_some_and(|at| at.elapsed() >= patience)
    }

    /// Waits until it has come as far as that.
    pub async fn reached(self, phase: Phase) {
        // It ends with an error only when the sender is gone, and we hold it.
        let _ = self.told.subscribe().wait_for(|now| *now >= phase).await;
    }

    /// Waits for `stop`, and then for the clients to hear of it.
    pub async fn after(self, stop: impl Future<Output = ()>, drain: Duration) {
        stop.await;
        self.come.get_or_init(Instant::now);
        self.told.send_replace(Phase::Draining);
        sleep(drain).await;
        self.told.send_replace(Phase::Closing);
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
