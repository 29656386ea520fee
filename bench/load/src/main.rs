//! `scimgate-load`: a closed-loop load driver for SCIM 2.0 servers.
//!
//! Every connection has exactly one request in flight; an operation counts only when it was answered correctly. One
//! thread drives all connections, so that the driver takes as little of the machine as it can from the server it
//! measures. Nothing of scimgate may enter here: the driver sees a base URL and a token.

mod answer;
mod cpu;
mod drive;
mod options;
mod people;
mod recorder;
mod report;
mod response;
mod session;
mod wire;
mod workload;

use options::Options;
use session::Session;
use std::io::BufRead;
use std::process::ExitCode;
use std::rc::Rc;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("scimgate-load: {problem}\n\n{}", options::HELP);
            return ExitCode::from(2);
        }
    };
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => tokio::task::LocalSet::new().block_on(&runtime, run_all(options)),
        Err(problem) => {
            eprintln!("scimgate-load: no runtime: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the workloads of the command line, or, without any, those that standard input names, one a line.
async fn run_all(options: Options) -> ExitCode {
    let listed = options.workloads.clone();
    let session = Rc::new(Session::new(options));
    let mut good = true;
    if listed.is_empty() {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            good &= match line.strip_prefix("watch ") {
                Some(process) => watch(&session, process),
                None => run_one(&session, line.trim()).await,
            };
        }
    } else {
        for name in &listed {
            good &= run_one(&session, name).await;
        }
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// `watch NAME=PID` on standard input: a process that was started again has another pid.
fn watch(session: &Session, process: &str) -> bool {
    match process.parse() {
        Ok(process) => {
            session.watch(process);
            true
        }
        Err(problem) => {
            eprintln!("scimgate-load: {problem}");
            false
        }
    }
}

/// One workload from preparation to report. False when it could not be run.
async fn run_one(session: &Rc<Session>, name: &str) -> bool {
    match workload::run(session, name).await {
        Ok(outcome) => report::print(&session.options, &outcome),
        Err(wrong) => report::print_failure(&session.options, name, &wrong),
    }
}
