//! How far a sync is: a bar on a terminal, a line a phase elsewhere. Both go to standard error.

use std::fmt::Write;
use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use scimgate_conformance::sync::{Progress, SyncPlan};

/// Name, bar, count, rate, and what is being sent; as wide as a terminal usually is.
const TEMPLATE: &str = "{prefix:18} {bar:24} {pos:>6}/{len:6} {rate:>8}  {msg}";

/// What watches a sync.
pub fn of(plan: &SyncPlan) -> Box<dyn Progress> {
    if std::io::stderr().is_terminal() {
        let bar = ProgressBar::new(plan.requests() as u64).with_prefix(plan.name());
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.with_key("rate", rate));
        Box::new(Bar(bar))
    } else {
        Box::new(Lines(plan.name()))
    }
}

/// Requests a second, without the fractions that would jump about.
fn rate(state: &ProgressState, out: &mut dyn Write) {
    // An unwritten rate is no loss.
    let _ = write!(out, "{:.0}/s", state.per_sec());
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
