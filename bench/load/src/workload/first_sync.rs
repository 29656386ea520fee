//! W8: what Entra does for each user at its first sync: look it up and find nothing, create it, add it to a group.

use super::{create, encode, group, unmeasured};
use crate::answer::Wrong;
use crate::drive::{Operation, Worker};
use crate::session::Session;
use std::rc::Rc;

/// Groups that the new users are spread over.
const GROUPS: usize = 20;

pub struct FirstSync {
    groups: Vec<String>,
}

impl FirstSync {
    /// Makes the groups, new ones for each run.
    pub async fn prepare(session: &Rc<Session>) -> Result<Self, Wrong> {
        let mut worker = unmeasured(session);
        let mut groups = Vec::new();
        for number in 0..GROUPS {
            let name = format!("W8 {} {} {number}", session.options.tag, session.persons());
            groups.push(group::make(&mut worker, &name).await?);
        }
        Ok(FirstSync { groups })
    }
}

impl Operation for FirstSync {
    fn series(&self) -> &'static [&'static str] {
        &["user", "lookup", "create", "add"]
    }

    async fn once(&self, worker: &mut Worker) -> Result<(), Wrong> {
        let n = worker.session.new_person();
        let filter = format!(r#"userName eq "{}""#, worker.session.people.user_name(n));
        let answer = worker.connection.get(&format!("/Users?filter={}", encode(&filter))).await?;
        answer.expect_status(&[200])?;
        if answer.list()?.0 != 0 {
            return Err(answer.wrong("found before it was created"));
        }
        let lookup = answer.took;
        let (id, created) = create::create(worker, n).await?;
        let group = &self.groups[worker.session.roll(self.groups.len())];
        let added = group::add(worker, group, &id).await?;
        for (series, took) in [lookup + created + added, lookup, created, added].into_iter().enumerate() {
            worker.recorder.add(series, took);
        }
        Ok(())
    }
}
