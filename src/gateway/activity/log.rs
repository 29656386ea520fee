//! The way of failed requests into the database: past the requests, never in their way. What does not fit is counted.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::Failure;
use crate::model::TenantId;

/// How many failures of one worker wait to be written at most. Each may hold a body of [`Failure::LONGEST_BODY`] bytes.
const WAITING: usize = 32;
/// How many failures of one tenant a worker takes at once, and how long it then takes until it takes one more: who sends nothing
/// but failures fills neither the disk nor the log.
const AT_ONCE: u32 = 50;
const ONE_MORE: Duration = Duration::from_secs(2);
/// How many tenants are told apart.
const TENANTS: usize = 10_000;

/// Where a worker's requests leave their failures.
#[derive(Debug)]
pub struct FailureLog {
    sender: Sender<Offered>,
    tenants: RefCell<HashMap<TenantId, Share>>,
}

/// A failure on its way, and how many of its tenant's before it were left out.
#[derive(Debug)]
pub struct Offered {
    /// The failure.
    pub failure: Failure,
    /// Those that were left out since the last one that was not.
    pub left_out: u64,
}

/// What one tenant may still leave here.
#[derive(Debug)]
struct Share {
    left: u32,
    since: Instant,
    left_out: u64,
}

impl Share {
    fn refill(&mut self, now: Instant) {
        let more = now.saturating_duration_since(self.since).as_millis() / ONE_MORE.as_millis();
        let more = u32::try_from(more).unwrap_or(AT_ONCE);
        if more > 0 {
            self.left = self.left.saturating_add(more).min(AT_ONCE);
            self.since = now;
        }
    }
}

impl FailureLog {
    /// A log, and the end at which what it takes comes out.
    pub fn new() -> (Self, Receiver<Offered>) {
        let (sender, receiver) = channel(WAITING);
        (Self { sender, tenants: RefCell::default() }, receiver)
    }

    /// Takes a failure of a tenant, if there is room. It is made only then.
    pub fn offer(&self, tenant: TenantId, now: Instant, failure: impl FnOnce() -> Failure) {
        let mut tenants = self.tenants.borrow_mut();
        if tenants.len() >= TENANTS {
            tenants.clear();
        }
        let share = tenants.entry(tenant).or_insert(Share { left: AT_ONCE, since: now, left_out: 0 });
        share.refill(now);
        let room = if share.left > 0 { self.sender.try_reserve().ok() } else { None };
        match room {
            None => share.left_out += 1,
            Some(room) => {
                share.left -= 1;
                room.send(Offered { failure: failure(), left_out: std::mem::take(&mut share.left_out) });
            }
        }
    }
}
