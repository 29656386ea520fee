//! Groups as the workloads need them: made, filled, changed by one member, counted.

use super::{encode, patch_body};
use crate::answer::Wrong;
use crate::drive::Worker;
use std::time::Duration;

/// Members a request while a group is filled: well under the 1 MiB that a server may allow a body.
const BATCH: usize = 1_000;

/// Makes an empty group; answers its id.
pub async fn make(worker: &mut Worker, name: &str) -> Result<String, Wrong> {
    let body =
        format!(r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{name}","members":[]}}"#);
    let answer = worker.connection.post("/Groups", &body).await?;
    answer.expect_status(&[201])?;
    Ok(answer.id()?.to_owned())
}

/// Adds the first `size` users.
pub async fn fill(worker: &mut Worker, group: &str, size: usize) -> Result<(), Wrong> {
    for start in (0..size).step_by(BATCH) {
        let users = (start..size.min(start + BATCH)).filter_map(|index| worker.session.user(index));
        let members: Vec<String> = users.map(|user| format!(r#"{{"value":"{}"}}"#, user.id)).collect();
        let body = patch_body("Add", "members", Some(&format!("[{}]", members.join(","))));
        let answer = worker.connection.patch(&format!("/Groups/{group}"), &body).await?;
        answer.expect_status(&[200, 204])?;
    }
    Ok(())
}

/// Adds one member.
pub async fn add(worker: &mut Worker, group: &str, user: &str) -> Result<Duration, Wrong> {
    let body = patch_body("Add", "members", Some(&format!(r#"[{{"value":"{user}"}}]"#)));
    let answer = worker.connection.patch(&format!("/Groups/{group}"), &body).await?;
    answer.expect_status(&[200, 204])?;
    Ok(answer.took)
}

/// Removes one member.
pub async fn remove(worker: &mut Worker, group: &str, user: &str) -> Result<Duration, Wrong> {
    let body = patch_body("Remove", &format!("members[value eq \"{user}\"]"), None);
    let answer = worker.connection.patch(&format!("/Groups/{group}"), &body).await?;
    answer.expect_status(&[200, 204])?;
    Ok(answer.took)
}

/// How many members a read of the whole group shows.
pub async fn count(worker: &mut Worker, group: &str) -> Result<usize, Wrong> {
    let answer = worker.connection.get(&format!("/Groups/{group}")).await?;
    answer.expect_status(&[200])?;
    let found = answer.json()?;
    Ok(found["members"].as_array().map_or(0, Vec::len))
}

/// Whether a filter over the members finds `group` for `user`.
pub async fn has(worker: &mut Worker, group: &str, user: &str) -> Result<bool, Wrong> {
    let filter = encode(&format!(r#"id eq "{group}" and members eq "{user}""#));
    let answer = worker.connection.get(&format!("/Groups?filter={filter}&excludedAttributes=members")).await?;
    answer.expect_status(&[200])?;
    Ok(answer.list()?.0 == 1)
}
