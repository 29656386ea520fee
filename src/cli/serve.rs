//! `scimgate serve`

use clap::Args;
use secrecy::ExposeSecret;

use super::service::{Service, stopped};
use crate::config::{DatabaseArgs, ServerArgs};

/// The flags of `scimgate serve`.
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    server: ServerArgs,
}

impl Serve {
    /// Whether the log is to be JSON, before the flags are checked.
    pub fn logs_json(&self) -> bool {
        self.server.logs_json()
    }
}

/// Serves until SIGTERM or SIGINT.
pub fn run(args: &DatabaseArgs, command: &Serve) -> anyhow::Result<()> {
    let service = Service::open(args, command.server.check()?)?;
    let place = format!("{}, SCIM at {}", service.own_url(), service.base_url());
    let metrics = service.ops_address().map(|address| format!("metrics at http://{address}/metrics"));
    if let Some(link) = service.first_link()? {
        log::info!("there is no administrator yet; within a day, {} makes the first owner", link.expose_secret());
    }
    service.run(async move {
        let stopped = stopped();
        // Whoever reads this may send the signal at once.
        if let Some(metrics) = metrics {
            log::info!("{metrics}");
        }
        log::info!("listening on {place}");
        stopped.await;
    })?;
    log::info!("stopped");
    Ok(())
}
