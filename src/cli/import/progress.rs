//! How far an import is: a bar on a terminal, nothing elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

const TEMPLATE: &str = "{bar:40} {pos:>9}/{len:9} rows {per_sec:>12} {eta:>5} left";

/// What shows it, on standard error.
pub struct Progress(ProgressBar);

impl Progress {
    /// An import of that many rows.
    pub fn new(rows: u64) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self(ProgressBar::new(rows).with_style(style))
    }

    /// That many rows are done.
    pub fn done(&self, rows: u64) {
        self.0.set_position(rows);
    }

    /// All of it is.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}
