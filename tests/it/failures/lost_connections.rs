//! Connections to the database that end in the middle, so that nobody is told whether a write was made.

use super::gateway::Gateway;
use super::ledger::audit;
use super::load::Load;
use crate::cli::program::Program;
use crate::embedded_postgres::stage::{ask, until};

/// How many connections are ended.
const ENDED: usize = 100;

/// A client that is told 503 and asks again may find the name taken, by itself; nothing is ever made twice.
#[test]
fn writes_whose_connections_are_ended_are_made_once_or_not_at_all() {
    let scimgate = Program::new();
    scimgate.out(&["tenant", "create", "acme"]);
    let token = scimgate.out(&["token", "create", "--tenant", "acme", "--name", "x"]);
    let gateway = Gateway::with(&scimgate.url(), &token);
    let serving = gateway.serve();
    let load = Load::start(&serving.url, &gateway.token);
    load.await_acknowledged(50);
    // Some of them each time, so that the other clients get on.
    let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
        AND application_name = 'scimgate' AND random() < 0.5";
    let mut ended = 0;
    until("ended", || {
        ended += ask(&scimgate.url(), terminate).len();
        ended >= ENDED
    });
    load.await_acknowledged(50);
    audit(&scimgate.url(), &load.finish());
}
