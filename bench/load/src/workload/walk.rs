//! W12: a page of 100 users by cursor (RFC 9865), as deep in a walk as W9 is in a list.

use super::page::{COUNT, PLACES, Page};
use super::unmeasured;
use crate::answer::Wrong;
use crate::drive::{Operation, Worker};
use crate::session::Session;
use std::rc::Rc;

pub struct Walk {
    /// The paths of this many pages in a row.
    pages: Vec<String>,
}

impl Walk {
    /// Walks until it is deep, and keeps the cursors of the pages that follow.
    pub async fn deep(session: &Rc<Session>) -> Result<Self, Wrong> {
        let mut worker = unmeasured(session);
        let before = Page::deep(session).first() / COUNT;
        let (mut pages, mut cursor) = (Vec::new(), String::new());
        for number in 0..before + PLACES {
            let path = format!("/Users?count={COUNT}&cursor={cursor}");
            let answer = worker.connection.get(&path).await?;
            answer.expect_status(&[200])?;
            if number >= before {
                pages.push(path);
            }
            // The envelope stands in front: a few hundred bytes tell the cursor, and the page is not parsed.
            let text = String::from_utf8_lossy(&answer.body[..answer.body.len().min(2_000)]);
            let next = text.split("\"nextCursor\":\"").nth(1).and_then(|rest| rest.split('"').next());
            cursor = next.ok_or_else(|| answer.wrong("no nextCursor; are there too few users?"))?.to_owned();
        }
        Ok(Walk { pages })
    }
}

impl Operation for Walk {
    fn series(&self) -> &'static [&'static str] {
        &["page"]
    }

    async fn once(&self, worker: &mut Worker) -> Result<(), Wrong> {
        let session = &worker.session;
        let path = &self.pages[session.roll(self.pages.len())];
        let answer = worker.connection.get(path).await?;
        answer.expect_status(&[200])?;
        answer.expect_text("\"totalResults\"")?;
        answer.expect_text("\"nextCursor\"")?;
        let found = answer.count_text("\"userName\"");
        if found != COUNT {
            return Err(answer.wrong(&format!("{found} users on the page, {COUNT} expected")));
        }
        if session.sampled() {
            let (total, resources) = answer.list()?;
            if total < session.user_count() as u64 || resources.len() != COUNT {
                return Err(answer.wrong(&format!("total {total}, {} resources", resources.len())));
            }
        }
        worker.recorder.add(0, answer.took);
        Ok(())
    }
}
