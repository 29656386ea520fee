//! Holding a task: signs of life while it is worked on, and what the holder may still do.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::sleep;

use crate::model::Clock;
use crate::store::{Claim, Held, Store};

/// A task that is held.
pub struct Hold {
    claim: Claim,
    began: Instant,
    /// Until when records may be begun, in milliseconds after `began`. Well before others may take the task.
    fresh_until: AtomicU64,
    is_to_end: AtomicBool,
    is_lost: AtomicBool,
    stop: watch::Receiver<bool>,
}

impl Hold {
    /// A task that was taken with a statement that was sent then.
    pub fn new(claim: Claim, sent: Instant, is_to_end: bool, stop: watch::Receiver<bool>) -> Self {
        let hold = Self {
            claim,
            began: sent,
            fresh_until: AtomicU64::new(0),
            is_to_end: AtomicBool::new(is_to_end),
            is_lost: AtomicBool::new(false),
            stop,
        };
        hold.told(Held::Yes, sent);
        hold
    }

    /// Takes in what the database said of the task to a statement that was sent then.
    pub fn told(&self, held: Held, sent: Instant) {
        match held {
            Held::Yes | Held::ToEnd => {
                let until = sent.duration_since(self.began) + self.claim.lease.mul_f64(0.6);
                self.fresh_until.fetch_max(milliseconds(until), Ordering::Relaxed);
                self.is_to_end.fetch_or(held == Held::ToEnd, Ordering::Relaxed);
            }
            Held::Lost => self.is_lost.store(true, Ordering::Relaxed),
        }
    }

    /// Whether another record may be begun.
    pub fn may_begin(&self) -> bool {
        let is_fresh = milliseconds(self.began.elapsed()) < self.fresh_until.load(Ordering::Relaxed);
        is_fresh && !self.is_lost() && !self.is_to_end() && !*self.stop.borrow()
    }

    /// Whether somebody asked for the task's end.
    pub fn is_to_end(&self) -> bool {
        self.is_to_end.load(Ordering::Relaxed)
    }

    /// Whether another node has the task.
    pub fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed)
    }

    /// Gives signs of life for ever. While the database is away there is none, and the task's time runs out.
    pub async fn keep(&self, store: &Store, clock: &dyn Clock) -> Infallible {
        let every = self.claim.lease / 4;
        loop {
            sleep(every).await;
            let sent = Instant::now();
            match store.prolong(self.claim, clock.now()).await {
                Ok(held) => self.told(held, sent),
                Err(error) => log::warn!("task {}: no sign of life could be given: {error}", self.claim.task),
            }
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
