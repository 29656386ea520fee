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

/// Serves until SIGTERM or SIGINT.
pub fn run(args: &DatabaseArgs, command: &Serve) -> anyhow::Result<()> {
    let service = Service::open(args, command.server.check()?)?;
    let place = format!("http://{}, SCIM at {}", service.address(), service.base_url());
    if let Some(link) = service.first_link()? {
        log::info!("there is no administrator yet; within a day, {} makes the first owner", link.expose_secret());
    }
    service.run(async move {
        let stopped = stopped();
        // Whoever reads this may send the signal at once.
        log::info!("listening on {place}");
        stopped.await;
    })?;
    log::info!("stopped");
    Ok(())
}
