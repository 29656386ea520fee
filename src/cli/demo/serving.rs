//! The demo's server, in a thread of this process.

use std::thread::JoinHandle;

use anyhow::anyhow;
use tokio::sync::oneshot;

use crate::cli::service::Service;

/// A server that runs beside the syncs.
pub struct Serving {
    stop: oneshot::Sender<()>,
    ended: oneshot::Receiver<()>,
    thread: JoinHandle<anyhow::Result<()>>,
}

impl Serving {
    /// Starts the thread.
    pub fn start(service: Service) -> anyhow::Result<Self> {
        let (stop, told_to_stop) = oneshot::channel();
        let (ending, ended) = oneshot::channel();
        let thread = std::thread::Builder::new().name("server".into()).spawn(move || {
            // Dropped with the server, which is the notice.
            let _ending: oneshot::Sender<()> = ending;
            service.run(async move {
                let _ = told_to_stop.await;
            })
        })?;
        Ok(Self { stop, ended, thread })
    }

    /// Ends when the server does, without being told to.
    pub async fn ended(&mut self) {
        let _ = (&mut self.ended).await;
    }

    /// Lets the server finish what is in flight, and everything under it stop.
    pub fn stop(self) -> anyhow::Result<()> {
        drop(self.stop);
        self.thread.join().unwrap_or_else(|_| Err(anyhow!("the server's thread panicked, see above")))
    }
}
