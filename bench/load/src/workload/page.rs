//! W6 and W9: a page of 100 users with the total, near the start and far from it.

use crate::answer::Wrong;
use crate::drive::{Operation, Worker};
use crate::session::Session;

pub const COUNT: usize = 100;
/// Pages are asked for at one of this many places in a row.
pub const PLACES: usize = 10;
/// Where W9 begins, or in the middle where there are fewer users.
const DEEP: usize = 50_000;

pub struct Page {
    first: usize,
}

impl Page {
    pub fn near(_session: &Session) -> Self {
        Page { first: 1 }
    }

    pub fn deep(session: &Session) -> Self {
        let users = session.user_count();
        Page { first: if users >= DEEP + COUNT * PLACES { DEEP } else { users / 2 } }
    }

    /// The position of the first user of the first of these pages.
    pub fn first(&self) -> usize {
        self.first
    }
}

impl Operation for Page {
    fn series(&self) -> &'static [&'static str] {
        &["page"]
    }

    async fn once(&self, worker: &mut Worker) -> Result<(), Wrong> {
        let session = &worker.session;
        let start = self.first + COUNT * session.roll(PLACES);
        let expected = COUNT.min((session.user_count() + 1).saturating_sub(start));
        let answer = worker.connection.get(&format!("/Users?startIndex={start}&count={COUNT}")).await?;
        answer.expect_status(&[200])?;
        answer.expect_text("\"totalResults\"")?;
        let found = answer.count_text("\"userName\"");
        if found != expected {
            return Err(answer.wrong(&format!("{found} users on the page, {expected} expected")));
        }
        if session.sampled() {
            let page = answer.json()?;
            let (total, resources) = answer.list()?;
            if total < session.user_count() as u64 || page["startIndex"] != start || resources.len() != expected {
                return Err(answer.wrong(&format!("total {total}, {} resources", resources.len())));
            }
        }
        worker.recorder.add(0, answer.took);
        Ok(())
    }
}
