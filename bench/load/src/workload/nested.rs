//! W13: groups in groups, ten deep. A user in the innermost is read; one is added to it and removed again.

use super::{group, member, unmeasured};
use crate::answer::Wrong;
use crate::drive::{Operation, Outcome, Pace, Worker, closed_loop};
use crate::session::Session;
use std::rc::Rc;

/// Groups above one another.
const DEPTH: usize = 10;
/// Users in the innermost group that are read.
const READ: usize = 256;

/// Reads users in the innermost group of a chain.
pub async fn read(session: &Rc<Session>, name: &str, pace: Pace) -> Result<Outcome, Wrong> {
    let mut worker = unmeasured(session);
    let size = session.user_count().min(READ);
    if session.group(name).is_none() {
        let innermost = group::make(&mut worker, &format!("W13 {} 0", session.options.tag)).await?;
        group::fill(&mut worker, &innermost, size).await?;
        chain(&mut worker, &innermost, "W13").await?;
        session.remember_group(name, &innermost);
    }
    Ok(closed_loop(session, name, GetNested { size }, pace).await)
}

/// As W7, on a group of `size` that is in a chain.
pub async fn change(session: &Rc<Session>, name: &str, size: usize, pace: Pace) -> Result<Outcome, Wrong> {
    let mut worker = unmeasured(session);
    let innermost = match session.group(name) {
        Some(group) => group,
        None => {
            let group = member::group_of(&mut worker, size, "W13").await?;
            chain(&mut worker, &group, &format!("W13 {size}")).await?;
            session.remember_group(name, &group);
            group
        }
    };
    member::run_on(session, name, (&innermost, size), pace).await
}

/// Puts a group into a group, that one into another, and so on.
async fn chain(worker: &mut Worker, innermost: &str, name: &str) -> Result<(), Wrong> {
    let mut inner = innermost.to_owned();
    for depth in 1..DEPTH {
        let outer = group::make(worker, &format!("{name} {} above {depth}", worker.session.options.tag)).await?;
        group::add(worker, &outer, &inner).await?;
        inner = outer;
    }
    Ok(())
}

struct GetNested {
    size: usize,
}

impl Operation for GetNested {
    fn series(&self) -> &'static [&'static str] {
        &["get"]
    }

    async fn once(&self, worker: &mut Worker) -> Result<(), Wrong> {
        let session = &worker.session;
        let user = session.user(session.roll(self.size)).ok_or_else(|| Wrong("no users".to_owned()))?;
        let answer = worker.connection.get(&format!("/Users/{}", user.id)).await?;
        answer.expect_status(&[200])?;
        answer.expect_text("\"indirect\"")?;
        if session.sampled() && answer.json()?["groups"].as_array().map_or(0, Vec::len) < DEPTH {
            return Err(answer.wrong("not all groups"));
        }
        worker.recorder.add(0, answer.took);
        Ok(())
    }
}
