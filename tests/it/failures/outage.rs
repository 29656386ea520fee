//! PostgreSQL is stopped, stays away for a while, comes back; and crashes, in part and as a whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use scimgate::store::local::{Durability, LocalPostgres};

use super::gateway::Gateway;
use super::ledger::{Ledger, audit};
use super::load::Load;
use crate::embedded_postgres::stage::{Stage, ask, is_alive, kill, options, try_ask, until};

/// How long the database stays away.
const OUTAGE: Duration = Duration::from_secs(2);
/// How long an answer may take, whatever happens to the database: three seconds, and one for a busy machine.
const ANSWER: Duration = Duration::from_secs(4);
/// How soon after the database everybody is served again: two seconds, and one for a busy machine.
const RESUMPTION: Duration = Duration::from_secs(3);

fn start(stage: &Stage) -> LocalPostgres {
    LocalPostgres::start_or_attach(&options(&stage.dir(), Durability::Durable)).unwrap()
}

#[test]
fn clients_of_a_database_that_goes_and_comes_get_503_and_then_service() {
    let stage = Stage::new();
    let first = start(&stage);
    let url = first.database_url();
    let gateway = Gateway::on(&url);
    let serving = gateway.serve();
    let load = Load::start(&serving.url, &gateway.token);
    let probe = Probe::start(&serving.url);
    load.await_acknowledged(100);

    let pid = stage.server().unwrap();
    kill(pid, Signal::INT);
    until("stopped", || !is_alive(pid));
    let gone = Instant::now();
    // The outage itself, which has to be longer than what goes unnoticed.
    std::thread::sleep(OUTAGE);
    let returning = Instant::now();
    let _second = start(&stage);
    let mut returns = vec![Instant::now()];
    load.await_acknowledged(100);

    let backend = "SELECT pid FROM pg_stat_activity WHERE application_name = 'scimgate' LIMIT 1";
    let backend: i32 = ask(&url, backend)[0].parse().unwrap();
    kill(Pid::from_raw(backend).unwrap(), Signal::KILL);
    until("recovered", || try_ask(&url, "SELECT 1").is_ok());
    returns.push(Instant::now());
    load.await_acknowledged(100);

    let pid = stage.server().unwrap();
    kill(pid, Signal::KILL);
    until("started again", || stage.server() != Some(pid) && try_ask(&url, "SELECT 1").is_ok());
    returns.push(Instant::now());
    load.await_acknowledged(100);

    let ledgers = load.finish();
    audit(&url, &ledgers);
    let checks = probe.finish();
    assert!(checks.iter().all(|check| check.health == 200), "the process was called dead");
    let away: Vec<u16> = checks.iter().filter(|c| c.began > gone && c.ended < returning).map(|c| c.ready).collect();
    assert!(!away.is_empty() && away.iter().all(|status| *status == 503), "{away:?}");
    ledgers.iter().flat_map(|ledger| &ledger.heard).for_each(|heard| heard.is_prompt(ANSWER));
    nobody_was_answered_between(&ledgers, gone, returning);
    returns.iter().for_each(|back| everybody_was_served_again(&ledgers, *back));
}

fn nobody_was_answered_between(ledgers: &[Ledger], gone: Instant, returning: Instant) {
    let all = ledgers.iter().flat_map(|ledger| &ledger.heard);
    let between: Vec<_> = all.filter(|heard| heard.began > gone && heard.ended() < returning).collect();
    assert!(between.len() >= ledgers.len(), "{} requests during the outage", between.len());
    assert!(between.iter().all(|heard| heard.status == Some(503)), "{between:#?}");
}

fn everybody_was_served_again(ledgers: &[Ledger], back: Instant) {
    for ledger in ledgers {
        let served = ledger.heard.iter().find(|heard| heard.ended() > back && heard.is_success());
        let waited = served.map(|heard| heard.ended() - back).unwrap();
        assert!(waited < RESUMPTION, "served again {waited:?} after the return");
    }
}

/// What a load balancer sees.
struct Probe {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Check>>,
}

struct Check {
    began: Instant,
    ended: Instant,
    health: u16,
    ready: u16,
}

impl Probe {
    fn start(url: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (url, stopped) = (url.to_owned(), stop.clone());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut checks = Vec::new();
                while !stopped.load(Ordering::SeqCst) {
                    checks.push(Check::now(&url).await);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                checks
            })
        });
        Self { stop, thread }
    }

    fn finish(self) -> Vec<Check> {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().unwrap()
    }
}

impl Check {
    async fn now(url: &str) -> Self {
        let began = Instant::now();
        let ask = async |path: &str| reqwest::get(format!("{url}{path}")).await.unwrap().status().as_u16();
        let (health, ready) = (ask("/healthz").await, ask("/readyz").await);
        Self { began, ended: Instant::now(), health, ready }
    }
}
