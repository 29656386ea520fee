//! W1: create a user as Entra sends it. Also the loading of users before all other workloads.

use crate::answer::Wrong;
use crate::drive::{Operation, Outcome, Pace, Worker, closed_loop};
use crate::session::Session;
use std::rc::Rc;
use std::time::Duration;

/// Creates another person at each operation.
pub struct Create;

impl Operation for Create {
    fn series(&self) -> &'static [&'static str] {
        &["create"]
    }

    async fn once(&self, worker: &mut Worker) -> Result<(), Wrong> {
        let n = worker.session.new_person();
        let took = create(worker, n).await?.1;
        worker.recorder.add(0, took);
        Ok(())
    }
}

/// Creates person `n`; answers the id and the time it took.
pub async fn create(worker: &mut Worker, n: u64) -> Result<(String, Duration), Wrong> {
    let session = &worker.session;
    let body = session.people.entra_user(n);
    let answer = worker.connection.post("/Users", &body).await?;
    answer.expect_status(&[201])?;
    answer.expect_text(&session.people.external_id(n))?;
    let id = answer.id()?.to_owned();
    if session.sampled() {
        let user = answer.json()?;
        let enterprise = &user["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"];
        let kept = user["userName"] == session.people.user_name(n)
            && user["emails"][0]["value"] == session.people.work_mail(n)
            && enterprise["employeeNumber"] == format!("P{n:08}")
            && user["meta"]["resourceType"] == "User";
        if !kept {
            return Err(answer.wrong("the user created is not the user sent"));
        }
    }
    let took = answer.took;
    session.remember(n, &id);
    Ok((id, took))
}

/// Creates users until `count` are known. The figure it reports is the rate of loading, not W1.
pub async fn seed(session: &Rc<Session>, name: &str, count: usize) -> Outcome {
    let pace = Pace { warm_up: 0.0, seconds: 24.0 * 3600.0, ..Pace::single(session) };
    closed_loop(session, name, Seed { count }, pace).await
}

struct Seed {
    count: usize,
}

impl Operation for Seed {
    fn series(&self) -> &'static [&'static str] {
        Create.series()
    }

    async fn once(&self, worker: &mut Worker) -> Result<(), Wrong> {
        Create.once(worker).await
    }

    fn done(&self, session: &Session) -> bool {
        session.persons() >= self.count
    }
}
