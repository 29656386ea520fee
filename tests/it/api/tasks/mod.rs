//! Tasks: what is asked for, what is told of them, and what becomes of each record.

mod records;
mod told;
mod work;

use std::sync::Arc;
use std::time::Duration;

use scimgate::auth::Standing;
use scimgate::gateway::Gateway;
use scimgate::model::{
    AskedBy, Clock, Credentials, FixedClock, NewTask, Origin, Record, RecordMode, Scope, TaskId, record_request,
};
use scimgate::store::Holder;
use scimgate::tasks::{TaskRunner, forget};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use super::Api;
use super::users::{person, ready, ready_with, user};
use crate::support::scim::{Scim, sealer};

const LEASE: Duration = Duration::from_secs(5);
const ASYNC: (&str, &str) = ("prefer", "respond-async");

/// A node that works on tasks, by that clock.
fn node(scim: &Scim, now: &str) -> (TaskRunner, watch::Sender<bool>) {
    let (stop, stopped) = watch::channel(false);
    let clock = FixedClock::new(now.parse().unwrap());
    (TaskRunner::new(scim.store(), Arc::new(clock), Some(sealer()), LEASE, stopped), stop)
}

/// Does what there is to do.
async fn work(scim: &Scim) {
    let (runner, _stop) = node(scim, "2026-11-22T08:00:03.021069Z");
    runner.run_until_idle().await.unwrap();
}

impl Api {
    /// Sends records for a task, and answers its number.
    async fn task(&self, method: &str, records: Value) -> i64 {
        let answer = self.send(method, "/users", Some(&records), &[ASYNC]).await.expect(202);
        answer.json()["result"]["task"]["taskId"].as_i64().unwrap()
    }

    /// What is told of a task.
    async fn told(&self, task: i64) -> Value {
        self.get(&format!("/tasks/{task}")).await.expect(200).json()["result"].clone()
    }

    async fn act(&self, task: i64, act: &str) -> crate::support::scim::Answer {
        self.send("POST", &format!("/tasks/{task}/{act}"), None, &[]).await
    }
}
