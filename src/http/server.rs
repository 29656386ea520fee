//! The server: a listening socket, workers, and an end that loses nothing in flight.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::HttpService;
use actix_service::{Service, ServiceFactoryExt, apply_fn_factory, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::rt::{self, System};
use actix_web::web;
use tokio::time::interval;

use super::connection::Reception;
use super::ending::{self, Ending};
use super::ops::{self, OpsListener};
use super::tls::{Certificate, TlsError};
use super::{compression, expectation, frame, head_copy};
use crate::app::{App, Process, Worker};
use crate::auth::{Sealer, UseLedger};
use crate::config::{Config, PublicUrl};
use crate::gateway::FailureLog;
use crate::model::Clock;
use crate::store::Store;
use crate::tasks;

/// How long a connection may take to close after its last answer.
const CLOSING: Duration = Duration::from_secs(1);

/// How often the rate limits forget who was silent.
const FORGETTING: Duration = Duration::from_secs(60);

/// A server that listens and does not serve yet.
pub struct Server {
    config: Arc<Config>,
    listener: TcpListener,
    address: SocketAddr,
    certificate: Option<Arc<Certificate>>,
    ops: Option<OpsListener>,
}

/// Why a server cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Its address is not to be had.
    #[error("cannot listen on {address}; choose another address with --listen (port 0 takes a free one): {cause}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        cause: io::Error,
    },
    /// The address for metrics is not to be had.
    #[error("cannot listen on the address of --ops-listen; choose another one, or off: {0}")]
    Ops(io::Error),
    /// Its certificate cannot be used.
    #[error("cannot speak TLS with --tls-cert and --tls-key: {0}")]
    Tls(#[from] TlsError),
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
    ///
    /// # Errors
    /// The address is taken, or the certificate cannot be used.
    pub fn bind(config: Config) -> Result<Self, BindError> {
        let certificate = config.operations.tls.as_ref().map(Certificate::load).transpose()?;
        let (listener, address) =
            listen(config.listen).map_err(|cause| BindError::Address { address: config.listen, cause })?;
        let ops = OpsListener::bind(config.operations.ops_listen).map_err(BindError::Ops)?;
        Ok(Self { config: Arc::new(config), listener, address, certificate, ops })
    }

    /// Where it listens; with the port that was taken where the configuration says 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL under which clients reach it.
    pub fn public_url(&self) -> PublicUrl {
        self.config.public_url.clone().unwrap_or_else(|| self.own_url())
    }

    /// Where metrics are to be had, if they are.
    pub fn ops_address(&self) -> Option<SocketAddr> {
        self.ops.as_ref().map(|ops| ops.address)
    }

    /// The URL at its own address.
    pub fn own_url(&self) -> PublicUrl {
        PublicUrl::of_address(self.address, self.certificate.is_some())
    }

    /// Serves until `stop` ends, then finishes what is in flight. Blocks the calling thread.
    pub fn run(self, parts: Parts, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let public_url = self.public_url();
        let config = self.config.clone();
        let limits = config.limits;
        let process = Arc::new(Process::new(&config, parts.clock.clone()).map_err(io::Error::other)?);
        let shutdown = config.timeouts.shutdown.as_secs().max(1);
        let ending = Ending::default();
        let stop = ending.clone().after(stop, config.operations.drain);
        let tls = self.certificate.as_ref().map(Certificate::acceptor).transpose().map_err(io::Error::other)?;
        System::new().block_on(async move {
            let ops = match self.ops {
                Some(listener) => Some(ops::serve(listener, sources(&parts, &process, &ending, &self.certificate))?),
                None => None,
            };
            rt::spawn(forget_the_silent(process.clone()));
            if let Some(certificate) = self.certificate {
                rt::spawn(certificate.follow());
            }
            let builder = actix_server::Server::build();
            let closing = builder.graceful_shutdown_signal();
            let factory = move || {
                let closing = closing.clone();
                let timeouts = config.timeouts;
                let app = Rc::new(App::new(config.clone(), &public_url, worker(&parts, &process)));
                let reception = Rc::new(Reception {
                    head_time: timeouts.head,
                    tls: tls.clone(),
                    ending: ending.clone(),
                    clock: parts.clock.clone(),
                    counts: app.counts.clone(),
                });
                let expecting = app.clone();
                let service = HttpService::build()
                    .graceful_shutdown_signal(move || {
                        let closing = closing.clone();
                        async move { closing.notified().await }
                    })
                    .keep_alive(timeouts.keep_alive)
                    .client_request_timeout(timeouts.head)
                    .client_disconnect_timeout(CLOSING)
                    .expect(fn_service(move |request| expectation::meet(expecting.clone(), request)))
                    .finish(apply_fn_factory(
                        map_config(service(app, &ending), |()| AppConfig::default()),
                        |mut request, inner| {
                            head_copy::let_go(&mut request);
                            inner.call(request)
                        },
                    ));
                fn_service(move |socket: TcpStream| reception.clone().open(socket))
                    .map_err(actix_http::error::DispatchError::Io)
                    .and_then(service)
            };
            let outcome = builder
                .workers(self.config.workers)
                .max_concurrent_connections(limits.connections)
                .shutdown_timeout(shutdown)
                .shutdown_signal(stop)
                .listen("http", self.listener, factory)?
                .run()
                .await;
            if let Some(ops) = ops {
                ops.stop(false).await;
            }
            outcome
        })
    }
}

/// What the listener for metrics shows.
fn sources(
    parts: &Parts,
    process: &Arc<Process>,
    ending: &Ending,
    certificate: &Option<Arc<Certificate>>,
) -> ops::Sources {
    ops::Sources {
        metrics: process.metrics.clone(),
        store: parts.store.clone(),
        clock: parts.clock.clone(),
        ending: ending.clone(),
        certificate: certificate.clone(),
        began: parts.clock.now(),
    }
}

/// Keeps the tables of the rate limits small, for ever.
async fn forget_the_silent(process: Arc<Process>) {
    let mut turns = interval(FORGETTING);
    loop {
        turns.tick().await;
        process.limits.forget_the_silent();
    }
}

/// Takes an address, for others to accept on.
pub(super) fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// What a worker is given. To be called in its thread, where it leaves a task behind.
fn worker(parts: &Parts, process: &Arc<Process>) -> Worker {
    let store = (parts.store)();
    let (failures, offered) = FailureLog::new();
    rt::spawn(tasks::write_failed_requests(offered, store.clone()));
    let (clock, sealer) = (parts.clock.clone(), parts.sealer.clone());
    let (process, uses) = (process.clone(), parts.uses.worker());
    Worker { clock, store, sealer, process, failures, uses }
}

/// The service of one worker.
fn service(
    app: Rc<App>,
    ending: &Ending,
) -> impl actix_service::ServiceFactory<
    actix_http::Request,
    Config = AppConfig,
    Response = actix_web::dev::ServiceResponse<actix_web::body::BoxBody>,
    Error = actix_web::Error,
    InitError = (),
> + use<> {
    let app = actix_web::App::new()
        .app_data(app)
        .app_data(ending.clone())
        .default_service(web::to(frame::serve))
        .wrap(Compress::default())
        .wrap(from_fn(compression::settle))
        .wrap(from_fn(ending::tell));
    actix_service::IntoServiceFactory::into_factory(app)
}
