//! W7: add one member to a group of a given size and remove it again.

use super::{create, group, unmeasured};
use crate::answer::Wrong;
use crate::drive::{Operation, Outcome, Pace, Worker, closed_loop};
use crate::session::Session;
use std::cell::Cell;
use std::rc::Rc;

/// Users beyond those in the group that take turns at being added.
const SPARE: usize = 256;

/// Runs W7 on a group of `size`, and counts the members afterwards: as many as before, or the run was wrong.
pub async fn run(session: &Rc<Session>, name: &str, size: usize, pace: Pace) -> Result<Outcome, Wrong> {
    let group = match session.group(name) {
        Some(group) => group,
        None => {
            let group = group_of(&mut unmeasured(session), size, "W7").await?;
            session.remember_group(name, &group);
            group
        }
    };
    run_on(session, name, (&group, size), pace).await
}

/// Makes a group of the first `size` users, and sees to it that there are spare ones.
pub async fn group_of(worker: &mut Worker, size: usize, name: &str) -> Result<String, Wrong> {
    while worker.session.user_count() < size + SPARE {
        let n = worker.session.new_person();
        create::create(worker, n).await?;
    }
    let group = group::make(worker, &format!("{name} {} {size}", worker.session.options.tag)).await?;
    group::fill(worker, &group, size).await?;
    Ok(group)
}

/// The same on a group that is there, of the first `size` users.
pub async fn run_on(
    session: &Rc<Session>,
    name: &str,
    (group, size): (&str, usize),
    pace: Pace,
) -> Result<Outcome, Wrong> {
    let mut worker = unmeasured(session);
    prove(&mut worker, group, size).await?;
    let operation = AddAndRemove { group: group.to_owned(), size, turn: Cell::new(0) };
    let outcome = closed_loop(session, name, operation, pace).await;
    prove(&mut worker, group, size).await?;
    Ok(outcome)
}

/// Shows on one member that adding and removing take effect, and that nobody else is in the group.
async fn prove(worker: &mut Worker, group: &str, size: usize) -> Result<(), Wrong> {
    let spare = worker.session.user(size).ok_or_else(|| Wrong("too few users".to_owned()))?;
    group::add(worker, group, &spare.id).await?;
    let with = (group::count(worker, group).await?, group::has(worker, group, &spare.id).await?);
    group::remove(worker, group, &spare.id).await?;
    let without = (group::count(worker, group).await?, group::has(worker, group, &spare.id).await?);
    match (with, without) {
        ((more, true), (same, false)) if more == size + 1 && same == size => Ok(()),
        _ => Err(Wrong(format!("group of {size}: {with:?} with one more member, {without:?} without"))),
    }
}

struct AddAndRemove {
    group: String,
    size: usize,
    turn: Cell<usize>,
}

impl Operation for AddAndRemove {
    fn series(&self) -> &'static [&'static str] {
        &["add", "remove"]
    }

    async fn once(&self, worker: &mut Worker) -> Result<(), Wrong> {
        self.turn.set((self.turn.get() + 1) % SPARE);
        let user = worker.session.user(self.size + self.turn.get()).ok_or_else(|| Wrong("too few users".to_owned()))?;
        let added = group::add(worker, &self.group, &user.id).await?;
        worker.recorder.add(0, added);
        let removed = group::remove(worker, &self.group, &user.id).await?;
        worker.recorder.add(1, removed);
        Ok(())
    }
}
