//! How long an input may take.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The longest input that is measured, in bytes.
const LENGTH: usize = 8 << 10;
/// What it may take on the processor, in the instrumented build, which is several times slower than the real one.
const BUDGET: Duration = Duration::from_millis(50);

/// Runs `work` on `input`, which holds if one of three runs stays within 50 ms of processor time: other load on the machine
/// is not the input's fault.
pub fn within_budget(input: &[u8], work: impl Fn()) {
    let mut taken = measured(&work);
    for _ in 0..2 {
        if taken <= BUDGET || input.len() > LENGTH {
            return;
        }
        taken = taken.min(measured(&work));
    }
    assert!(taken <= BUDGET, "{} bytes take {taken:?}", input.len());
}

fn measured(work: impl Fn()) -> Duration {
    let begin = thread_time();
    work();
    thread_time() - begin
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
