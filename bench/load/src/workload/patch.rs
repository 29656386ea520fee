//! W5: change one attribute of one user, always to a value it did not have.

use super::patch_body;
use crate::answer::Wrong;
use crate::drive::{Operation, Worker};
use crate::session::User;
use std::time::Duration;

/// The attributes that are changed in turn: one that identity providers sort and filter by, and one that they do not.
pub const DISPLAY_NAME: &str = "displayName";
const TITLE: &str = "title";

pub struct Patch;

impl Operation for Patch {
    fn series(&self) -> &'static [&'static str] {
        &["patch"]
    }

    async fn once(&self, worker: &mut Worker) -> Result<(), Wrong> {
        let user = worker.session.any_user().ok_or_else(|| Wrong("no users".to_owned()))?;
        let attribute = if worker.session.roll(2) == 0 { DISPLAY_NAME } else { TITLE };
        let took = change(worker, &user, attribute).await?;
        worker.recorder.add(0, took);
        Ok(())
    }
}

/// Gives `attribute` of `user` a new value. Either answer of RFC 7644 section 3.5.2 will do, the resource or none.
pub async fn change(worker: &mut Worker, user: &User, attribute: &str) -> Result<Duration, Wrong> {
    let session = &worker.session;
    let value = format!("Changed {:09}", session.roll(1_000_000_000));
    let body = patch_body("Replace", attribute, Some(&format!("\"{value}\"")));
    let path = format!("/Users/{}", user.id);
    let answer = worker.connection.patch(&path, &body).await?;
    answer.expect_status(&[200, 204])?;
    let (status, took) = (answer.status, answer.took);
    if status == 200 {
        answer.expect_text(&value)?;
    }
    if session.sampled() {
        let answer = worker.connection.get(&path).await?;
        if status == 204 && answer.json()?[attribute] != value {
            return Err(answer.wrong("the change was not kept"));
        }
    }
    Ok(took)
}
