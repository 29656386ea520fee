//! The gateway starts, is told to stop, and is killed, while clients ask.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use scimgate::store::local::{Durability, LocalPostgres};

use super::gateway::Gateway;
use super::ledger::audit;
use super::load::Load;
use super::repeated;
use crate::cli::program::Program;
use crate::embedded_postgres::stage::{Stage, options};

fn gateway(scimgate: &Program) -> Gateway {
    scimgate.out(&["tenant", "create", "acme"]);
    Gateway::with(&scimgate.url(), &scimgate.out(&["token", "create", "--tenant", "acme", "--name", "x"]))
}

#[test]
fn it_serves_within_a_second_of_its_start() {
    let scimgate = Program::new();
    let gateway = gateway(&scimgate);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let began = Instant::now();
    let serving = gateway.serve();
    let users = reqwest::Client::new().get(format!("{}/scim/v2/Users", serving.url)).bearer_auth(&gateway.token);
    let status = runtime.block_on(users.send()).unwrap().status();
    assert_eq!(status, 200);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[test]
fn sigterm_under_load_ends_it_without_an_error_and_loses_nothing() {
    let scimgate = Program::new();
    let gateway = gateway(&scimgate);
    let serving = gateway.serve();
    let address = serving.url.trim_start_matches("http://").to_owned();
    let load = Load::start(&serving.url, &gateway.token);
    load.await_acknowledged(100);
    load.server_may_vanish();
    let told = Instant::now();
    serving.signal(Signal::TERM);
    let (code, said) = serving.end();
    assert!(told.elapsed() < Duration::from_secs(10), "{:?}", told.elapsed());
    assert_eq!(code, 0, "{said:#?}");
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    let ledgers = load.finish();
    let in_flight = ledgers.iter().flat_map(|ledger| &ledger.heard).filter(|heard| heard.began < told);
    let lost: Vec<_> = in_flight.filter(|heard| heard.status.is_none()).collect();
    assert!(lost.is_empty(), "not answered: {lost:#?}");
    audit(&scimgate.url(), &ledgers);
}

#[test]
fn kill_9_under_load_loses_no_acknowledged_write() {
    let stage = Stage::new();
    let server = LocalPostgres::start_or_attach(&options(&stage.dir(), Durability::Durable)).unwrap();
    let gateway = Gateway::on(&server.database_url());
    let mut serving = gateway.serve();
    let load = Load::start(&serving.url, &gateway.token);
    load.server_may_vanish();
    for _ in 0..repeated("SCIMGATE_KILLS", 5) {
        load.await_acknowledged(100);
        serving.signal(Signal::KILL);
        serving = gateway.serve();
        load.move_to(&serving.url);
    }
    load.await_acknowledged(100);
    audit(&server.database_url(), &load.finish());
}
