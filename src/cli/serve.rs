//! `scimgate serve`

use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::Context;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::database::{Database, runtime};
use crate::config::{DatabaseArgs, ServerArgs};
use crate::http::{Parts, Server};
use crate::model::SystemClock;
use crate::scim::schema::builtin;
use crate::store::Store;
use crate::tasks;

/// The flags of `scimgate serve`.
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    server: ServerArgs,
}

/// Serves until SIGTERM or SIGINT.
pub fn run(args: &DatabaseArgs, command: &Serve) -> anyhow::Result<()> {
    let config = command.server.check()?;
    let listen = config.listen;
    let server = Server::bind(config).with_context(|| format!("cannot listen on {listen}; choose another --listen"))?;
    let database = Database::open(args)?;
    let runtime = runtime()?;
    for name in database.migrate(&runtime)? {
        log::info!("migrated the database: {name}");
    }
    let base_url = server.public_url().scim_base();
    let spare = Store::new(database.connect.clone(), &base_url)?;
    drop(runtime);
    let upkeep = Upkeep::start(spare.clone())?;

    let connect = database.connect.clone();
    let parts = Parts {
        store: {
            let base_url = base_url.clone();
            Arc::new(move || Store::new(connect.clone(), &base_url).unwrap_or_else(|_| spare.clone()))
        },
        catalog: builtin().clone(),
        clock: Arc::new(SystemClock),
    };
    log::info!("listening on {}, SCIM at {base_url}", server.address());
    server.run(parts, stopped())?;
    log::info!("stopped");
    upkeep.stop();
    database.close()
}

/// The work in the background, on a thread of its own: the workers' threads belong to requests.
struct Upkeep {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Upkeep {
    fn start(store: Store) -> anyhow::Result<Self> {
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("upkeep".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = tasks::upkeep(store) => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { stop, thread })
    }

    fn stop(self) {
        drop(self.stop);
        if self.thread.join().is_err() {
            log::error!("the upkeep of the database panicked, see above");
        }
    }
}

/// Ends with the first SIGTERM or SIGINT.
async fn stopped() {
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    match signals {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! {
                _ = terminate.recv() => log::info!("SIGTERM: finishing what is in flight"),
                _ = interrupt.recv() => log::info!("SIGINT: finishing what is in flight"),
            }
        }
        (Err(error), _) | (_, Err(error)) => {
            log::error!("signals cannot be received, so only SIGKILL will stop this server: {error}");
            std::future::pending().await
        }
    }
}
