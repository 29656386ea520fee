//! Latencies and failures of one run, shared by its connections.

use crate::answer::Wrong;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

/// One named list of latencies in microseconds, sorted once the run is over.
pub struct Series {
    pub name: String,
    pub micros: Vec<u32>,
}

impl Series {
    /// The latency that `share` of the operations do not exceed, in milliseconds; 0 without operations.
    pub fn percentile(&self, share: f64) -> f64 {
        let rank = (self.micros.len() as f64 * share).ceil() as usize;
        self.micros.get(rank.saturating_sub(1)).map_or(0.0, |&micros| f64::from(micros) / 1000.0)
    }
}

#[derive(Default)]
pub struct Recorder {
    measuring: Cell<bool>,
    failures: Cell<u64>,
    series: RefCell<Vec<Series>>,
    errors: RefCell<BTreeMap<String, u64>>,
}

impl Recorder {
    pub fn new(names: &[&str]) -> Self {
        let series = names.iter().map(|name| Series { name: (*name).to_owned(), micros: Vec::new() }).collect();
        Recorder { series: RefCell::new(series), ..Recorder::default() }
    }

    /// Only what ends while measuring is on counts.
    pub fn measure(&self, on: bool) {
        self.measuring.set(on);
    }

    pub fn add(&self, series: usize, took: Duration) {
        if self.measuring.get()
            && let Some(series) = self.series.borrow_mut().get_mut(series)
        {
            series.micros.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
        }
    }

    /// Counts a failure, in the warm-up too: a wrong answer is never unimportant.
    pub fn fail(&self, wrong: Wrong) {
        self.failures.set(self.failures.get() + 1);
        let mut errors = self.errors.borrow_mut();
        if errors.len() < 20 || errors.contains_key(&wrong.0) {
            *errors.entry(wrong.0).or_default() += 1;
        }
    }

    pub fn failures(&self) -> u64 {
        self.failures.get()
    }

    /// The sorted series, and the failures with how often each was seen.
    pub fn take(&self) -> (Vec<Series>, BTreeMap<String, u64>) {
        let mut series = self.series.take();
        series.iter_mut().for_each(|series| series.micros.sort_unstable());
        (series, self.errors.take())
    }
}

#[cfg(test)]
mod tests {
    use super::Series;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let series = Series { name: String::new(), micros: (1..=100).map(|n| n * 1000).collect() };
        assert_eq!([0.5, 0.99, 1.0].map(|share| series.percentile(share)), [50.0, 99.0, 100.0]);
        assert_eq!(Series { name: String::new(), micros: Vec::new() }.percentile(0.99), 0.0);
    }
}
