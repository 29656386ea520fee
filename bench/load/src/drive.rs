//! The closed loop: so many connections, each asks again as soon as it was answered.

use crate::answer::Wrong;
use crate::cpu::{self, Usage};
use crate::recorder::{Recorder, Series};
use crate::session::Session;
use crate::wire::Connection;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Failures after which a run is given up.
const TOO_MANY_FAILURES: u64 = 2_000;
/// How long after its end a run waits for the last answers.
const PATIENCE: Duration = Duration::from_secs(30);

/// One connection at work.
pub struct Worker {
    pub session: Rc<Session>,
    pub connection: Connection,
    pub recorder: Rc<Recorder>,
}

impl Worker {
    pub fn new(session: &Rc<Session>, recorder: &Rc<Recorder>) -> Self {
        let connection = Connection::new(&session.options);
        Worker { session: Rc::clone(session), connection, recorder: Rc::clone(recorder) }
    }
}

/// What a workload does over and over.
pub trait Operation: 'static {
    /// The names of its latency series; the first one's count is the number of operations.
    fn series(&self) -> &'static [&'static str];

    /// One operation, recorded by itself when it was answered correctly.
    async fn once(&self, worker: &mut Worker) -> Result<(), Wrong>;

    /// True when there is nothing left to do before the time is up.
    fn done(&self, _session: &Session) -> bool {
        false
    }
}

/// How long and how wide to run.
#[derive(Clone, Copy)]
pub struct Pace {
    pub connections: usize,
    pub warm_up: f64,
    pub seconds: f64,
}

impl Pace {
    pub fn single(session: &Session) -> Self {
        let options = &session.options;
        Pace { connections: options.connections, warm_up: options.warm_up, seconds: options.seconds }
    }

    pub fn lists(session: &Session) -> Self {
        Pace { connections: session.options.list_connections, ..Pace::single(session) }
    }
}

/// What a watched process used over the measured time.
pub struct Watch {
    pub name: String,
    pub cpu_seconds: f64,
    pub resident: u64,
}

/// The result of one workload.
pub struct Outcome {
    pub workload: String,
    pub connections: usize,
    pub users: usize,
    /// Measured time.
    pub seconds: f64,
    pub series: Vec<Series>,
    pub errors: BTreeMap<String, u64>,
    pub watched: Vec<Watch>,
    pub driver_cpu_seconds: f64,
}

/// Runs `operation` in a closed loop.
pub async fn closed_loop<O: Operation>(session: &Rc<Session>, name: &str, operation: O, pace: Pace) -> Outcome {
    let operation = Rc::new(operation);
    let recorder = Rc::new(Recorder::new(operation.series()));
    let start = Instant::now() + Duration::from_secs_f64(pace.warm_up);
    let end = start + Duration::from_secs_f64(pace.seconds);
    let mut workers = JoinSet::new();
    for _ in 0..pace.connections {
        workers.spawn_local(work(Worker::new(session, &recorder), Rc::clone(&operation), end));
    }
    tokio::time::sleep_until(start.into()).await;
    recorder.measure(true);
    let before = readings(session);
    let began = Instant::now();
    // An operation with an end of its own may be done before the time is up; then that is the measured time.
    let all_done = async { while workers.join_next().await.is_some() {} };
    let _ended_early = tokio::time::timeout_at(end.into(), all_done).await.is_ok();
    let seconds = began.elapsed().as_secs_f64();
    recorder.measure(false);
    let after = readings(session);
    if tokio::time::timeout(PATIENCE, async { while workers.join_next().await.is_some() {} }).await.is_err() {
        recorder.fail(Wrong(format!("{} connections still waited for an answer", workers.len())));
    }
    let (series, errors) = recorder.take();
    Outcome {
        workload: name.to_owned(),
        connections: pace.connections,
        users: session.user_count(),
        seconds,
        series,
        errors,
        watched: differences(session, &before.0, &after.0),
        driver_cpu_seconds: after.1 - before.1,
    }
}

async fn work<O: Operation>(mut worker: Worker, operation: Rc<O>, end: Instant) {
    while Instant::now() < end && !operation.done(&worker.session) && worker.recorder.failures() < TOO_MANY_FAILURES {
        if let Err(wrong) = operation.once(&mut worker).await {
            worker.recorder.fail(wrong);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// What each watched process has used so far, and the driver itself.
fn readings(session: &Session) -> (Vec<Usage>, f64) {
    (session.watched().iter().map(|process| cpu::usage(process.pid)).collect(), cpu::own_cpu_seconds())
}

fn differences(session: &Session, before: &[Usage], after: &[Usage]) -> Vec<Watch> {
    let pairs = before.iter().zip(after);
    let watch = session.watched().into_iter().zip(pairs).map(|(process, (before, after))| Watch {
        name: process.name,
        cpu_seconds: (after.cpu_seconds - before.cpu_seconds).max(0.0),
        resident: after.resident,
    });
    watch.collect()
}
