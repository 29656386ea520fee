//! A database that takes connections and requests, and says nothing.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use scimgate::store::local::{Durability, LocalPostgres};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use super::gateway::Gateway;
use super::ledger::audit;
use super::load::Load;
use crate::cli::program::Program;
use crate::embedded_postgres::stage::{Stage, kill, options};

/// How long the database hangs.
const HANG: Duration = Duration::from_secs(6);
/// How long an answer may take meanwhile, on a busy machine.
const ANSWER: Duration = Duration::from_secs(5);
/// How soon everybody is served again, on a busy machine.
const RESUMPTION: Duration = Duration::from_secs(3);

#[test]
fn clients_of_a_database_that_hangs_get_503_in_time() {
    let stage = Stage::new();
    let server = LocalPostgres::start_or_attach(&options(&stage.dir(), Durability::Durable)).unwrap();
    let url = server.database_url();
    let gateway = Gateway::on(&url);
    let serving = gateway.serve();
    let admin = Admin::connect(&url);
    let load = Load::start(&serving.url, &gateway.token);
    load.await_acknowledged(100);

    let frozen = Frozen::freeze(stage.server().unwrap(), &admin);
    let since = Instant::now();
    std::thread::sleep(HANG);
    let until = Instant::now();
    drop(frozen);
    load.await_acknowledged(200);

    let ledgers = load.finish();
    audit(&url, &ledgers);
    for ledger in &ledgers {
        ledger.heard.iter().for_each(|heard| heard.is_prompt(ANSWER));
        let meanwhile: Vec<_> = ledger.heard.iter().filter(|h| h.began > since && h.ended() < until).collect();
        assert!(!meanwhile.is_empty() && meanwhile.iter().all(|heard| heard.status == Some(503)), "{meanwhile:#?}");
        let served = ledger.heard.iter().find(|heard| heard.ended() > until && heard.is_success()).unwrap();
        assert!(served.ended() - until < RESUMPTION, "{served:?}");
    }
}

#[test]
fn a_host_that_hangs_is_left_for_the_next_one() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    let token = scimgate.out(&["token", "create", "--tenant", "acme", "--name", "x"]);
    // It takes connections, as the kernel does that for it, and never answers.
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let began = Instant::now();
    let gateway = Gateway::with(&with_first_host(&scimgate.url(), &hanging), &token);
    let serving = gateway.serve();
    assert!(began.elapsed() < Duration::from_secs(5), "the start took {:?}", began.elapsed());
    let load = Load::start(&serving.url, &gateway.token);
    load.await_acknowledged(100);
    let ledgers = load.finish();
    audit(&scimgate.url(), &ledgers);
    ledgers.iter().flat_map(|ledger| &ledger.heard).for_each(|heard| heard.is_prompt(ANSWER));
}

/// The URL with a host before its own.
fn with_first_host(url: &str, first: &TcpListener) -> String {
    let address = first.local_addr().unwrap();
    let (before, after) = url.split_once('@').unwrap();
    let (host, database) = after.split_once('/').unwrap();
    let (host, port) = host.rsplit_once(':').unwrap_or((host, "5432"));
    format!("{before}@{address},{host}:{port}/{database}?connect_timeout=1", address = address)
}

/// A connection that was there before.
struct Admin {
    runtime: Runtime,
    client: Client,
}

impl Admin {
    fn connect(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (client, connection) = runtime.block_on(tokio_postgres::connect(url, NoTls)).unwrap();
        runtime.spawn(connection);
        Self { runtime, client }
    }

    /// The processes of the server, with its own last.
    fn processes(&self) -> Vec<Pid> {
        let query = "SELECT pid FROM pg_stat_activity ORDER BY pid = pg_backend_pid()";
        let rows = self.runtime.block_on(self.client.simple_query(query)).unwrap();
        let pid = |row: &SimpleQueryMessage| match row {
            SimpleQueryMessage::Row(row) => row.get(0).and_then(|pid| Pid::from_raw(pid.parse().unwrap())),
            _ => None,
        };
        rows.iter().filter_map(pid).collect()
    }
}

/// Stopped processes, which go on with the end of this value.
struct Frozen(Vec<Pid>);

impl Frozen {
    /// Stops the server and all processes of it.
    fn freeze(server: Pid, admin: &Admin) -> Self {
        // First the one that would make new ones.
        kill(server, Signal::STOP);
        let mut frozen = Self(vec![server]);
        for process in admin.processes() {
            kill(process, Signal::STOP);
            frozen.0.push(process);
        }
        frozen
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.0.iter().for_each(|process| kill(*process, Signal::CONT));
    }
}
