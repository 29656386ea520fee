//! A server on its database: what `serve` and `demo` run.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use secrecy::SecretString;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{oneshot, watch};

use super::database::{Database, gateway, runtime};
use crate::auth::{Sealer, UseLedger};
use crate::config::{Config, DatabaseArgs, PublicUrl};
use crate::http::{Parts, Server};
use crate::model::SystemClock;
use crate::outbound::mail::Mailer;
use crate::store::Store;
use crate::tasks::{self, TaskRunner};

/// A server that listens, on a database that is up to date. Clients wait until it runs.
pub struct Service {
    server: Server,
    database: Database,
    sealer: Option<Arc<Sealer>>,
    mailer: Mailer,
    task_lease: Duration,
}

impl Service {
    /// Takes the address, opens the database that the flags choose and brings it up to date.
    pub fn open(args: &DatabaseArgs, config: Config) -> anyhow::Result<Self> {
        let mut mail = config.outbound.mail.clone();
        let task_lease = config.timeouts.task_lease;
        let server = Server::bind(config)?;
        let database = Database::open(args)?;
        mail.dir = mail.dir.or_else(|| database.mail_dir());
        let mailer = Mailer::new(&mail);
        let sealer = database.sealer()?;
        if sealer.is_none() {
            log::warn!(
                "no secret key is configured: OAuth clients get no access tokens, links of invitations wait unsealed in the database, and bulk \
                 requests are not carried out in the background; set --secret-key-file or SCIMGATE_SECRET_KEY"
            );
        }
        for name in database.migrate(&runtime()?)? {
            log::info!("migrated the database: {name}");
        }
        Ok(Self { server, database, sealer, mailer, task_lease })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Where metrics are to be had, if they are.
    pub fn ops_address(&self) -> Option<SocketAddr> {
        self.server.ops_address()
    }

    /// The URL at the address where it listens.
    pub fn own_url(&self) -> PublicUrl {
        self.server.own_url()
    }

    /// The base URL of the SCIM endpoints, as clients are told it.
    pub fn base_url(&self) -> String {
        self.server.public_url().scim_base()
    }

    /// A store on the same database.
    pub fn store(&self) -> anyhow::Result<Store> {
        Ok(Store::new(self.database.connect.clone(), &self.base_url())?)
    }

    /// A one-time link to make the first owner; `None` if there is an administrator.
    pub fn first_link(&self) -> anyhow::Result<Option<SecretString>> {
        let store = self.store()?;
        let runtime = runtime()?;
        let link = runtime.block_on(gateway(&store).first_link())?;
        drop(store);
        Ok(link.map(|link| link.url(&self.server.public_url().to_string())))
    }

    /// Serves until `stop` ends, finishes what is in flight and lets go of the database. Blocks the calling thread.
    pub fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
        let (base_url, spare) = (self.base_url(), self.store()?);
        let Self { server, database, sealer, mailer, task_lease } = self;
        let uses = Arc::<UseLedger>::default();
        let mailing = Mailing { mailer, sealer: sealer.clone(), public_url: server.public_url().to_string() };
        let upkeep = Upkeep::start(spare.clone(), uses.clone(), mailing)?;
        let tasks = Tasks::start(Store::new(database.connect.clone(), &base_url)?, sealer.clone(), task_lease)?;
        let told = tasks.stop.clone();
        let stop = async move {
            stop.await;
            // Their records are finished beside the requests that are in flight.
            told.send_replace(true);
        };
        let connect = database.connect.clone();
        let parts = Parts {
            store: Arc::new(move || Store::new(connect.clone(), &base_url).unwrap_or_else(|_| spare.clone())),
            clock: Arc::new(SystemClock),
            sealer,
            uses,
        };
        let outcome = server.run(parts, stop);
        tasks.stop();
        outcome?;
        upkeep.stop();
        database.close()
    }
}

/// How mails go, and where their links lead.
struct Mailing {
    mailer: Mailer,
    sealer: Option<Arc<Sealer>>,
    public_url: String,
}

/// The work in the background, on a thread of its own: the workers' threads belong to requests.
struct Upkeep {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Upkeep {
    fn start(store: Store, uses: Arc<UseLedger>, mailing: Mailing) -> anyhow::Result<Self> {
        let Mailing { mailer, sealer, public_url } = mailing;
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("upkeep".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = tasks::upkeep(store.clone()) => {}
                    () = tasks::credential_uses(store.clone(), uses.clone()) => {}
                    () = tasks::credential_expiry(store.clone(), Arc::new(SystemClock)) => {}
                    () = tasks::invitations(store.clone()) => {}
                    () = tasks::mails(store.clone(), Arc::new(SystemClock), sealer, mailer, public_url) => {}
                    () = tasks::retention(store.clone()) => {}
                    () = tasks::purge(store.clone()) => {}
                    () = tasks::rosters(store.clone(), Arc::new(SystemClock)) => {}
                    () = tasks::digests(gateway(&store)) => {}
                    _ = stopped => {}
                }
                tasks::last_credential_uses(&store, &uses).await;
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

/// The work on tasks, on a thread and on connections of its own, so that nothing else waits for a million records.
struct Tasks {
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

impl Tasks {
    fn start(store: Store, sealer: Option<Arc<Sealer>>, lease: Duration) -> anyhow::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("tasks".into()).spawn(move || {
            runtime.block_on(TaskRunner::new(store, Arc::new(SystemClock), sealer, lease, stopped).run());
        })?;
        Ok(Self { stop, thread })
    }

    fn stop(self) {
        self.stop.send_replace(true);
        if self.thread.join().is_err() {
            log::error!("the work on tasks panicked, see above");
        }
    }
}

/// Ends with the first SIGTERM or SIGINT from now on; to be called in a runtime.
pub fn stopped() -> impl Future<Output = ()> + Send + 'static {
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async {
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
}
