//! Several commands on one data directory.

use rustix::process::Signal;
use serde_json::Value;

use super::activity::{send, user};
use super::program::{Said, Serving, bare, said};
use crate::embedded_postgres::stage::{Stage, until};

fn run(stage: &Stage, words: &[&str]) -> Said {
    let mut command = bare();
    command.args(words).env("SCIMGATE_DATA_DIR", stage.dir());
    said(command)
}

#[tokio::test]
async fn commands_join_the_database_of_a_server_that_runs() {
    let stage = Stage::new();
    let mut command = bare();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(stage.dir());
    let serving = Serving::start(command);
    let postgres = stage.server().unwrap();

    run(&stage, &["tenant", "create", "acme"]).well();
    let token = run(&stage, &["token", "create", "--tenant", "acme", "--name", "x"]).well();
    send(&serving, &token, "POST", "/Users", user("ann")).await;
    let changes = run(&stage, &["activity", "--tenant", "acme", "--json"]).well();
    assert_eq!(serde_json::from_str::<Value>(&changes).unwrap()[0]["target"]["name"], "ann");
    assert_eq!(stage.server(), Some(postgres), "a command started or stopped PostgreSQL under the server");

    serving.signal(Signal::TERM);
    assert_eq!(serving.end().0, 0);
    until("PostgreSQL stopped with the server", || stage.server().is_none());
    assert!(run(&stage, &["tenant", "list"]).well().contains("acme"), "the data were not kept");
    until("PostgreSQL stopped with the command", || stage.server().is_none());
}
