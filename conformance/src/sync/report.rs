//! What a sync came to.

use std::time::Duration;

use super::plan::Effect;

/// How many failures are kept in full.
const FAILURES_SHOWN: usize = 10;

/// The sum of one sync.
#[derive(Debug, Clone, Default)]
pub struct SyncReport {
    /// Requests sent; steps that were needless are not among them.
    pub requests: usize,
    /// Users and groups created.
    pub created: usize,
    /// Successful changes of users and groups, deactivations apart.
    pub updated: usize,
    /// Users set to inactive.
    pub deactivated: usize,
    /// Requests that were not answered as they must be.
    pub failures: usize,
    /// The first ten of them: request, expectation and finding.
    pub failed: Vec<String>,
    /// Half of the answers took no longer.
    pub p50: Duration,
    /// 99 of 100 answers took no longer.
    pub p99: Duration,
    /// The whole sync.
    pub elapsed: Duration,
}

/// Counts while the sync runs.
#[derive(Default)]
pub(super) struct Tally {
    report: SyncReport,
    latencies: Vec<Duration>,
}

impl Tally {
    pub fn answered(&mut self, effect: Effect, elapsed: Duration) {
        self.report.requests += 1;
        self.latencies.push(elapsed);
        match effect {
            Effect::Nothing => {}
            Effect::Creates => self.report.created += 1,
            Effect::Updates => self.report.updated += 1,
            Effect::Deactivates => self.report.deactivated += 1,
        }
    }

    /// `elapsed` is `None` when nothing was answered.
    pub fn failed(&mut self, failure: String, elapsed: Option<Duration>) {
        self.report.requests += 1;
        self.latencies.extend(elapsed);
        self.report.failures += 1;
        if self.report.failed.len() < FAILURES_SHOWN {
            self.report.failed.push(failure);
        }
    }

    pub fn finish(mut self, elapsed: Duration) -> SyncReport {
        self.latencies.sort_unstable();
        self.report.p50 = percentile(&self.latencies, 50);
        self.report.p99 = percentile(&self.latencies, 99);
        self.report.elapsed = elapsed;
        self.report
    }
}

/// The nearest-rank percentile of sorted values; zero when there are none.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_rank() {
        let values: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(percentile(&values, 50), Duration::from_millis(100));
        assert_eq!(percentile(&values, 99), Duration::from_millis(198));
        assert_eq!(percentile(&values[..1], 99), Duration::from_millis(1));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }

    #[test]
    fn keeps_only_the_first_failures() {
        let mut tally = Tally::default();
        (0..25).for_each(|number| tally.failed(number.to_string(), None));
        tally.answered(Effect::Creates, Duration::from_millis(3));
        let report = tally.finish(Duration::from_secs(1));
        assert_eq!((report.requests, report.failures, report.failed.len(), report.created), (26, 25, 10, 1));
        assert_eq!(report.failed[9], "9");
        assert_eq!(report.p50, Duration::from_millis(3));
    }
}
