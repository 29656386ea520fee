//! W2: read one user by id.

use crate::answer::Wrong;
use crate::drive::{Operation, Worker};

pub struct Get;

impl Operation for Get {
    fn series(&self) -> &'static [&'static str] {
        &["get"]
    }

    async fn once(&self, worker: &mut Worker) -> Result<(), Wrong> {
        let session = &worker.session;
        let user = session.any_user().ok_or_else(|| Wrong("no users".to_owned()))?;
        let answer = worker.connection.get(&format!("/Users/{}", user.id)).await?;
        answer.expect_status(&[200])?;
        answer.expect_text(&user.id)?;
        if session.sampled() {
            let found = answer.json()?;
            if found["id"] != *user.id || found["userName"] != session.people.user_name(user.n) {
                return Err(answer.wrong("another user"));
            }
        }
        worker.recorder.add(0, answer.took);
        Ok(())
    }
}
