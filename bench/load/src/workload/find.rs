//! W3, W4 and W10: filters that find one user (the last one of W10: ten users) out of all.

use super::patch::{self, change};
use super::{encode, unmeasured};
use crate::answer::Wrong;
use crate::drive::{Operation, Worker};
use crate::session::{Session, User};
use std::rc::Rc;
use std::time::Duration;

/// How many users [`Find::modified`] changes and expects to find.
const MODIFIED: usize = 10;

pub enum Find {
    /// W3: `userName eq`.
    UserName,
    /// W4: `externalId eq`.
    ExternalId,
    /// `userName co` with a part of one user name only.
    Contains,
    /// `userName sw` with the beginning of one user name only.
    StartsWith,
    /// `emails[type eq "work" and value eq ...]`.
    WorkMail,
    /// `meta.lastModified gt` an instant after which only [`MODIFIED`] users were changed.
    Modified { since: String },
}

impl Find {
    /// Changes a user, notes when the server says that was, waits until a clock of whole seconds has moved on, and
    /// changes ten others.
    pub async fn modified(session: &Rc<Session>) -> Result<Self, Wrong> {
        let mut worker = unmeasured(session);
        let some_user = |index: usize| session.user(index).ok_or_else(|| Wrong("too few users".to_owned()));
        let marker = some_user(MODIFIED)?;
        change(&mut worker, &marker, patch::DISPLAY_NAME).await?;
        let answer = worker.connection.get(&format!("/Users/{}", marker.id)).await?;
        let user = answer.json()?;
        let since = user["meta"]["lastModified"].as_str().ok_or_else(|| answer.wrong("no meta.lastModified"))?;
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        for index in 0..MODIFIED {
            change(&mut worker, &some_user(index)?, patch::DISPLAY_NAME).await?;
        }
        Ok(Find::Modified { since: since.to_owned() })
    }

    fn filter(&self, session: &Session, user: &User) -> String {
        let people = &session.people;
        match self {
            Find::UserName => format!(r#"userName eq "{}""#, people.user_name(user.n)),
            Find::ExternalId => format!(r#"externalId eq "{}""#, people.external_id(user.n)),
            Find::Contains => format!(r#"userName co ".{}@""#, user.n),
            Find::StartsWith => format!(r#"userName sw "{}""#, people.user_name_start(user.n)),
            Find::WorkMail => format!(r#"emails[type eq "work" and value eq "{}"]"#, people.work_mail(user.n)),
            Find::Modified { since } => format!(r#"meta.lastModified gt "{since}""#),
        }
    }
}

impl Operation for Find {
    fn series(&self) -> &'static [&'static str] {
        &["find"]
    }

    async fn once(&self, worker: &mut Worker) -> Result<(), Wrong> {
        let session = &worker.session;
        let (user, expected) = match self {
            Find::Modified { .. } => (session.user(session.roll(MODIFIED)), MODIFIED),
            _ => (session.any_user(), 1),
        };
        let user = user.ok_or_else(|| Wrong("no users".to_owned()))?;
        let path = format!("/Users?filter={}", encode(&self.filter(session, &user)));
        let answer = worker.connection.get(&path).await?;
        answer.expect_status(&[200])?;
        answer.expect_text(&user.id)?;
        if session.sampled() {
            let (total, resources) = answer.list()?;
            let ours = resources.iter().any(|found| found["userName"] == session.people.user_name(user.n));
            if total != expected as u64 || resources.len() != expected || !ours {
                return Err(answer.wrong(&format!("{total} found, {expected} expected")));
            }
        }
        worker.recorder.add(0, answer.took);
        Ok(())
    }
}
