//! The activity log: who changed what and when, what failed and why, and the way back.

mod explain;
mod export;
mod failures;
mod list;
mod promises;
mod readings;
mod restore;
mod retention;
mod sign_ins;

use std::time::Duration;

use serde_json::Value;

use crate::support::admin::Admin;
use crate::support::scim::{Answer, Scim};

/// The entries of a tenant's log, of all pages.
pub async fn entries(admin: &Admin, query: &str) -> Vec<Value> {
    let mut path = format!("/tenants/first/activity?limit=200&{query}");
    let mut entries = Vec::new();
    loop {
        let page = admin.get(&path).await.expect(200).json();
        entries.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page["nextCursor"].as_str() else { return entries };
        path = format!("/tenants/first/activity?limit=200&{query}&cursor={cursor}");
    }
}

/// The failed requests of the log, once there are so many: they are written behind the requests.
pub async fn failed(admin: &Admin, count: usize) -> Vec<Value> {
    for _ in 0..400 {
        let found = entries(admin, "kind=request").await;
        if found.len() >= count {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("there are no {count} failed requests: {:?}", entries(admin, "kind=request").await);
}

/// What became of the request that gave this answer.
pub async fn explained(admin: &Admin, answer: &Answer) -> Value {
    admin.get(&format!("/tenants/first/requests/{}", answer.header("x-request-id"))).await.expect(200).json()
}

/// The texts of the notes of one kind, with their places in front.
pub fn notes(explained: &Value, kind: &str) -> Vec<String> {
    let notes = explained["notes"].as_array().unwrap().iter().filter(|note| note["kind"] == kind);
    notes.map(|note| format!("{}: {}", note["at"].as_str().unwrap(), note["text"].as_str().unwrap())).collect()
}

/// The actions of entries, in order.
pub fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

/// A server with an owner.
pub async fn with_owner() -> (Scim, Admin) {
    let scim = Scim::start().await;
    let owner = scim.owner().await;
    (scim, owner)
}
