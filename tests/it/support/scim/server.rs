//! A server in this process, on a thread of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use chrono::{DateTime, Utc};
use clap::Parser;
use scimgate::auth::{Sealer, UseLedger};
use scimgate::config::{SecretKey, ServerArgs};
use scimgate::http::{Parts, Server};
use scimgate::model::{Clock, FixedClock};
use scimgate::store::{ConnectConfig, Store};
use tokio::sync::oneshot;

use crate::support::postgres::TestDatabase;

/// It stops when this value goes.
pub(super) struct Running {
    pub address: SocketAddr,
    pub clock: Arc<FixedClock>,
    pub started: DateTime<Utc>,
    pub server: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
    pub uses: Arc<UseLedger>,
    pub database: Arc<TestDatabase>,
}

/// How to connect to a URL.
pub fn connect_config(url: &str) -> ConnectConfig {
    ConnectConfig::parse(url).unwrap()
}

/// What seals secrets for every test's server.
pub fn sealer() -> Arc<Sealer> {
    let key = SecretKey::parse("c2NpbWdhdGUncyB0ZXN0cyBzZWFsIHdpdGggdGhpcyE=").unwrap();
    Arc::new(Sealer::new(&key).unwrap())
}

/// Flags come twice where a test sets what the others leave off.
#[derive(Parser)]
#[command(args_override_self = true)]
struct Line {
    #[command(flatten)]
    server: ServerArgs,
}

impl Running {
    pub fn start(database: Arc<TestDatabase>, clock: Arc<FixedClock>, flags: &[&str]) -> (Arc<Self>, String) {
        let usual = [
            "test",
            "--listen=127.0.0.1:0",
            "--workers=2",
            "--shutdown-timeout=1s",
            "--drain-delay=50ms",
            "--ops-listen=off",
            "--rate-limit=off",
            "--failed-auth-limit=off",
        ];
        let config = Line::parse_from([&usual, flags].concat()).server.check().unwrap();
        let server = Server::bind(config).unwrap();
        let address = server.address();
        let base = format!("http://{address}/scim/v2");
        let started = clock.now();
        let (connect, url) = (connect_config(&database.url()), server.public_url().scim_base());
        let store = Arc::new(move || Store::new(connect.clone(), &url).unwrap());
        let uses = Arc::<UseLedger>::default();
        let parts = Parts { store, clock: clock.clone(), sealer: Some(sealer()), uses: uses.clone() };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let stop = async { stopped.await.unwrap_or_default() };
            server.run(parts, stop).unwrap();
        });
        (Arc::new(Self { address, clock, started, server: Some((stop, thread)), uses, database }), base)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let (stop, thread) = self.server.take().unwrap();
        stop.send(()).ok();
        thread.join().unwrap();
    }
}
