//! A bar on a terminal, and nothing where standard error is no terminal.

use indicatif::{ProgressBar, ProgressStyle};
use scimgate_conformance::check::{Outcome, State};

/// How far the run is.
pub struct Progress(ProgressBar);

impl Progress {
    /// A bar of so many steps.
    pub fn start(total: usize) -> Self {
        let bar = ProgressBar::new(total as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// One step is done; failures stay above the bar.
    pub fn done(&self, outcome: &Outcome) {
        if matches!(outcome.state, State::Failed(_)) {
            self.0.println(format!("failed {}", outcome.name));
        }
        self.0.set_message(outcome.name.clone());
        self.0.inc(1);
    }

    /// The bar goes.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}
