//! `scimgate demo`: a server, two tenants, and the syncs of two identity providers replayed through HTTP.
//!
//! The server is the one that `scimgate serve` runs, and the syncs reach it over a socket like any client's.

mod access;
mod progress;
mod serving;
mod summary;

use std::net::SocketAddr;
use std::pin::pin;

use anyhow::{Context, bail};
use clap::Args;
use scimgate_conformance::Target;
use scimgate_conformance::sync::{SyncPlan, SyncReport, entra_sync, okta_sync};
use secrecy::ExposeSecret;

use self::access::Access;
use self::serving::Serving;
use super::database::runtime;
use super::service::{Service, stopped};
use crate::config::{DatabaseArgs, Rates, ServerArgs};
use crate::model::Profile;

/// How many requests of a sync are under way at once.
const CONCURRENCY: usize = 8;

/// The flags of `scimgate demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Stop after the syncs, with an error if any request was not answered as it must be
    #[arg(long, env = "SCIMGATE_EXIT")]
    exit: bool,
    /// How many people each sync provisions
    #[arg(long, env = "SCIMGATE_USERS", value_name = "N", default_value_t = 1000)]
    users: usize,
    /// How many groups each sync provisions
    #[arg(long, env = "SCIMGATE_GROUPS", value_name = "N", default_value_t = 50)]
    groups: usize,
    #[command(flatten)]
    server: ServerArgs,
}

/// One identity provider of the demo: what it sends, and the door that was made for it.
struct Customer {
    plan: SyncPlan,
    access: Access,
}

/// Serves, replays the syncs, tells what came of them, and goes on serving.
pub fn run(args: &DatabaseArgs, command: &Demo) -> anyhow::Result<()> {
    let mut config = command.server.check()?;
    // The syncs are our own, and as fast as they can be.
    config.operations.rates = Rates::default();
    eprintln!("Starting PostgreSQL and the server ...");
    let service = Service::open(args, config)?;
    let runtime = runtime()?;
    let customers = runtime.block_on(customers(&service, command))?;
    let shown = Shown { address: service.address(), base_url: service.base_url(), customers, exit: command.exit };
    let mut serving = Serving::start(service)?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = shown.show(args) => outcome,
            () = serving.ended() => Ok(()),
        }
    });
    drop(runtime);
    serving.stop()?;
    outcome
}

async fn customers(service: &Service, command: &Demo) -> anyhow::Result<Vec<Customer>> {
    let store = service.store()?;
    let mut customers = Vec::new();
    for (slug, profile, plan) in [
        ("entra-demo", Profile::Entra, entra_sync(command.users, command.groups)),
        ("okta-demo", Profile::Okta, okta_sync(command.users, command.groups)),
    ] {
        let access = access::prepare(&store, slug, profile, plan.name()).await?;
        customers.push(Customer { plan, access });
    }
    Ok(customers)
}

/// What a demo shows.
struct Shown {
    address: SocketAddr,
    base_url: String,
    customers: Vec<Customer>,
    exit: bool,
}

impl Shown {
    /// Until the end of the syncs, or until Ctrl-C.
    async fn show(&self, args: &DatabaseArgs) -> anyhow::Result<()> {
        let mut stopped = pin!(stopped());
        let reports = tokio::select! {
            reports = replay(self.address, &self.customers) => reports?,
            () = &mut stopped => bail!("stopped before the syncs had ended"),
        };
        print!("{}", summary::results(&self.customers, &reports));
        if self.exit {
            return verdict(&reports);
        }
        print!("{}", summary::next_steps(&self.customers, &self.base_url, args));
        println!("\nServing until Ctrl-C.");
        stopped.await;
        Ok(())
    }
}

/// Runs the syncs one after the other, so that the figures of each are its own.
async fn replay(address: SocketAddr, customers: &[Customer]) -> anyhow::Result<Vec<SyncReport>> {
    let mut reports = Vec::new();
    for Customer { plan, access } in customers {
        let target = Target::parse(&format!("http://{address}/scim/v2"), access.token.expose_secret())
            .context("the demo cannot reach its own server")?;
        let progress = progress::of(plan);
        reports.push(plan.run(&target, CONCURRENCY, progress.as_ref()).await?);
    }
    Ok(reports)
}

fn verdict(reports: &[SyncReport]) -> anyhow::Result<()> {
    let requests: usize = reports.iter().map(|report| report.requests).sum();
    let failures: usize = reports.iter().map(|report| report.failures).sum();
    if failures > 0 {
        bail!("{failures} of {requests} requests were not answered as they must be; the first are listed above");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_is_enough() {
        let report = |failures| SyncReport { requests: 10, failures, ..SyncReport::default() };
        assert!(verdict(&[report(0), report(0)]).is_ok());
        let error = verdict(&[report(0), report(1)]).unwrap_err().to_string();
        assert!(error.starts_with("1 of 20 requests"), "{error}");
    }
}
