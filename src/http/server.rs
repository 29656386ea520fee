//! The server: a listening socket, workers, and an end that loses nothing in flight.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::HttpService;
use actix_service::{ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::rt::{self, System};
use actix_web::web;

use super::ending::{self, Ending};
use super::{compression, connection, frame};
use crate::app::{App, Process, Worker};
use crate::auth::{Sealer, UseLedger};
use crate::config::{Config, PublicUrl};
use crate::gateway::FailureLog;
use crate::model::Clock;
use crate::store::Store;
use crate::tasks;

/// How long a connection may take to close after its last answer.
const CLOSING: Duration = Duration::from_secs(1);

/// A server that listens and does not serve yet.
pub struct Server {
    config: Arc<Config>,
    listener: TcpListener,
    address: SocketAddr,
}

/// What workers are made of.
#[derive(Clone)]
pub struct Parts {
    /// Makes a worker's store; called once in each worker's thread.
    pub store: Arc<dyn Fn() -> Store + Send + Sync>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Seals secrets for the database, if a secret key is configured.
    pub sealer: Option<Arc<Sealer>>,
    /// Gathers which credentials were used.
    pub uses: Arc<UseLedger>,
}

impl Server {
    /// Takes the address. Clients that connect from now on wait until [`Server::run`].
    pub fn bind(config: Config) -> io::Result<Self> {
        let listener = TcpListener::bind(config.listen)?;
        listener.set_nonblocking(true)?;
        Ok(Self { config: Arc::new(config), address: listener.local_addr()?, listener })
    }

    /// Where it listens; with the port that was taken where the configuration says 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL under which clients reach it.
    pub fn public_url(&self) -> PublicUrl {
        self.config.public_url.clone().unwrap_or_else(|| PublicUrl::of_address(self.address))
    }

    /// Serves until `stop` ends, then finishes what is in flight. Blocks the calling thread.
    pub fn run(self, parts: Parts, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let public_url = self.public_url();
        let config = self.config.clone();
        let limits = config.limits;
        let process = Arc::new(Process::new(&config, parts.clock.clone()).map_err(io::Error::other)?);
        let shutdown = config.timeouts.shutdown.as_secs().max(1);
        let ending = Ending::default();
        let stop = ending.clone().after(stop, config.timeouts.shutdown);
        System::new().block_on(async move {
            let builder = actix_server::Server::build();
            let closing = builder.graceful_shutdown_signal();
            let factory = move || {
                let closing = closing.clone();
                let timeouts = config.timeouts;
                let app = app(&parts, &config, &public_url, &ending, &process);
                let service = HttpService::build()
                    .graceful_shutdown_signal(move || {
                        let closing = closing.clone();
                        async move { closing.notified().await }
                    })
                    .keep_alive(timeouts.keep_alive)
                    .client_request_timeout(timeouts.head)
                    .client_disconnect_timeout(CLOSING)
                    .finish(map_config(app, |()| AppConfig::default()));
                fn_service(move |socket: TcpStream| connection::open(socket, timeouts.head))
                    .map_err(actix_http::error::DispatchError::Io)
                    .and_then(service)
            };
            builder
                .workers(self.config.workers)
                .max_concurrent_connections(limits.connections)
                .shutdown_timeout(shutdown)
                .shutdown_signal(stop)
                .listen("http", self.listener, factory)?
                .run()
                .await
        })
    }
}

/// The service of one worker.
fn app(
    parts: &Parts,
    config: &Arc<Config>,
    public_url: &PublicUrl,
    ending: &Ending,
    process: &Arc<Process>,
) -> impl actix_service::ServiceFactory<
    actix_http::Request,
    Config = AppConfig,
    Response = actix_web::dev::ServiceResponse<actix_web::body::BoxBody>,
    Error = actix_web::Error,
    InitError = (),
> + use<> {
    let store = (parts.store)();
    let (failures, offered) = FailureLog::new();
    rt::spawn(tasks::write_failed_requests(offered, store.clone()));
    let (clock, sealer) = (parts.clock.clone(), parts.sealer.clone());
    let (process, uses) = (process.clone(), parts.uses.worker());
    let worker = Worker { clock, store, sealer, process, failures, uses };
    let app = Rc::new(App::new(config.clone(), public_url, worker));
    let app = actix_web::App::new()
        .app_data(app)
        .app_data(ending.clone())
        .default_service(web::to(frame::serve))
        .wrap(Compress::default())
        .wrap(from_fn(compression::settle))
        .wrap(from_fn(ending::tell));
    actix_service::IntoServiceFactory::into_factory(app)
}
