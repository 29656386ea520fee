//! How far a sync is: a bar on a terminal, a line a phase elsewhere. Both go to standard error.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use scimgate_conformance::sync::{Progress, SyncPlan};

/// Name, bar, count, rate, and what is being sent; as wide as a terminal usually is.
const TEMPLATE: &str = "{prefix:18} {bar:24} {pos:>6}/{len:6} {per_sec:>11}  {msg}";

/// What watches a sync.
pub fn of(plan: &SyncPlan) -> Box<dyn Progress> {
    if std::io::stderr().is_terminal() {
        let bar = ProgressBar::new(plan.requests() as u64).with_prefix(plan.name());
        bar.set_style(ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar()));
        Box::new(Bar(bar))
    } else {
        Box::new(Lines(plan.name()))
    }
}

struct Bar(ProgressBar);

impl Progress for Bar {
    fn on_phase(&self, name: &str) {
        self.0.set_message(name.to_owned());
    }

    fn on_progress(&self, done: usize, _: usize) {
        self.0.set_position(done as u64);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.abandon_with_message("done");
    }
}

struct Lines(&'static str);

impl Progress for Lines {
    fn on_phase(&self, name: &str) {
        eprintln!("{}: {name}", self.0);
    }

    fn on_progress(&self, _: usize, _: usize) {}
}
