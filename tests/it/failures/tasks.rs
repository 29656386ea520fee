//! Tasks whose nodes are killed in the middle: every record is carried out once, and its outcome is told once.

use std::time::Duration;

use rand::RngExt;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::repeated;
use crate::cli::program::{Program, Serving};
use crate::embedded_postgres::stage::{ask, until};

/// Records of one task for each time that a node is killed.
const RECORDS: usize = 120;

struct Stage {
    scimgate: Program,
    token: String,
}

impl Stage {
    fn new() -> Self {
        let scimgate = Program::new();
        scimgate.out(&["tenant", "create", "acme"]);
        scimgate.out(&["tenant", "set", "acme", "--provisioning", "on"]);
        let token = scimgate.out(&["token", "create", "--tenant", "acme", "--name", "sis", "--scope", "provision"]);
        Self { scimgate, token: token.trim().to_owned() }
    }

    fn serve(&self) -> Serving {
        self.scimgate.serve(&["--task-lease", "1s"])
    }

    fn number(&self, statement: &str) -> usize {
        ask(&self.scimgate.url(), statement).remove(0).parse().unwrap()
    }

    /// Sends records for a task.
    fn send(&self, serving: &Serving, method: reqwest::Method, records: &Value) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let request = reqwest::Client::new().request(method, format!("{}/api/v1/users", serving.url));
            let request = request.bearer_auth(&self.token).header("prefer", "respond-async");
            let answer = request.header("content-type", "application/json").body(records.to_string()).send().await;
            let answer = answer.unwrap();
            assert_eq!(answer.status(), 202, "{}", answer.text().await.unwrap());
        });
    }

    /// Holds that both tasks did everything once: each record has one outcome, and each user two changes.
    fn audit(&self, people: usize) {
        let states = ask(&self.scimgate.url(), "SELECT state || ' ' || error FROM tasks WHERE state <> 'done'");
        assert!(states.is_empty(), "{states:?}");
        let outcomes =
            |kind: &str| self.number(&format!("SELECT count(*) FROM task_outcomes WHERE outcome = '{kind}'"));
        assert_eq!(
            [outcomes("inserted"), outcomes("updated"), outcomes("unchanged"), outcomes("failed")],
            [people, people, 0, 0]
        );
        let counted = "SELECT sum(inserted + updated + unchanged + failed) FROM tasks";
        assert_eq!(self.number(counted), 2 * people, "the task's own counts");
        assert_eq!(self.number("SELECT count(*) FROM resources WHERE resource_type = 'User'"), people);
        assert_eq!(self.number("SELECT count(*) FROM changes WHERE resource_type = 'User'"), 2 * people);
        let once = "SELECT count(DISTINCT request_id) FROM changes WHERE resource_type = 'User'";
        assert_eq!(self.number(once), 2 * people);
        let told = "SELECT count(*) FROM task_outcomes o JOIN changes c ON c.tenant_id = o.tenant_id \
            AND c.resource_id = o.resource_id AND c.action = CASE o.outcome WHEN 'inserted' THEN 'create' ELSE 'update' END";
        assert_eq!(self.number(told), 2 * people, "an outcome tells of another user than its change");
    }
}

fn people(count: usize) -> (Value, Value) {
    let of = |at: usize| json!({"employeeId": format!("E{at}"), "email": format!("u{at}@example.com"), "firstName": "Ann", "lastName": "Lee"});
    let changes = (0..count).map(|at| json!({"employeeId": format!("E{at}"), "title": "Lead"})).collect();
    ((0..count).map(of).collect(), changes)
}

/// Waits until so many changes were made, and a moment.
fn progress(stage: &Stage, changes: usize) {
    until("the task goes on", || stage.number("SELECT count(*) FROM changes WHERE resource_type = 'User'") >= changes);
    // Where in a record's life the kill strikes is left to chance.
    std::thread::sleep(Duration::from_micros(rand::rng().random_range(0..20_000)));
}

fn await_end(_node: &Serving, stage: &Stage) {
    until("the tasks are over", || stage.number("SELECT count(*) FROM tasks WHERE completed_at IS NULL") == 0);
}

#[test]
fn killed_again_and_again_a_task_carries_out_every_record_once() {
    let kills = repeated("SCIMGATE_TASK_KILLS", 4);
    let stage = Stage::new();
    let count = (RECORDS * kills / 2).max(RECORDS);
    let (records, changes) = people(count);
    let mut serving = stage.serve();
    stage.send(&serving, reqwest::Method::POST, &records);
    stage.send(&serving, reqwest::Method::PATCH, &changes);
    for round in 1..=kills {
        progress(&stage, 2 * count * round / (kills + 1));
        serving.signal(Signal::KILL);
        serving.end();
        serving = stage.serve();
    }
    await_end(&serving, &stage);
    stage.audit(count);
}

#[test]
fn another_node_goes_on_where_one_was_killed() {
    let stage = Stage::new();
    let (records, changes) = people(2 * RECORDS);
    let (first, second) = (stage.serve(), stage.serve());
    stage.send(&first, reqwest::Method::POST, &records);
    stage.send(&second, reqwest::Method::PATCH, &changes);
    progress(&stage, RECORDS);
    let holder = "SELECT count(*) FROM tasks WHERE lease_holder IS NOT NULL";
    assert!(stage.number(holder) <= 1, "a tenant's tasks run one after the other");
    first.signal(Signal::KILL);
    first.end();
    await_end(&second, &stage);
    stage.audit(2 * RECORDS);
}

#[test]
fn told_to_stop_a_node_finishes_what_it_began_and_lets_go() {
    let stage = Stage::new();
    let (records, changes) = people(2 * RECORDS);
    // Nobody waits for its time to run out.
    let serving = stage.scimgate.serve(&["--task-lease", "10m"]);
    stage.send(&serving, reqwest::Method::POST, &records);
    stage.send(&serving, reqwest::Method::PATCH, &changes);
    progress(&stage, RECORDS);
    serving.signal(Signal::TERM);
    let (code, said) = serving.end();
    assert_eq!(code, 0, "{said:#?}");
    assert_eq!(stage.number("SELECT count(*) FROM tasks WHERE lease_holder IS NOT NULL"), 0);
    let serving = stage.serve();
    await_end(&serving, &stage);
    stage.audit(2 * RECORDS);
}
