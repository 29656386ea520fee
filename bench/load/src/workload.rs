//! The workloads by name. One file each says what an operation is and what a correct answer to it is.

mod bulk;
mod create;
mod find;
mod first_sync;
mod get;
mod group;
mod member;
mod nested;
mod page;
mod patch;
mod walk;

use crate::answer::Wrong;
use crate::drive::{Outcome, Pace, Worker, closed_loop};
use crate::recorder::Recorder;
use crate::session::Session;
use std::rc::Rc;

/// Prepares and runs the workload called `name`.
pub async fn run(session: &Rc<Session>, name: &str) -> Result<Outcome, Wrong> {
    let (kind, number) = match name.split_once([':', '@']) {
        Some((kind, number)) => (kind, number.parse().map_err(|_| Wrong(format!("{number} is no number")))?),
        None => (name, 0),
    };
    let (single, lists) = (Pace::single(session), Pace::lists(session));
    if session.user_count() == 0 && !matches!(kind, "seed" | "w1" | "w11") {
        return Err(Wrong("no users yet: begin with seed:N".to_owned()));
    }
    Ok(match kind {
        "seed" => create::seed(session, name, number).await,
        "w1" => closed_loop(session, name, create::Create, single).await,
        "w2" => closed_loop(session, name, get::Get, single).await,
        "w3" => closed_loop(session, name, find::Find::UserName, single).await,
        "w4" => closed_loop(session, name, find::Find::ExternalId, single).await,
        "w5" => closed_loop(session, name, patch::Patch, single).await,
        "w6" => closed_loop(session, name, page::Page::near(session), lists).await,
        "w7" => member::run(session, name, number, lists).await?,
        "w8" => closed_loop(session, name, first_sync::FirstSync::prepare(session).await?, single).await,
        "w9" => closed_loop(session, name, page::Page::deep(session), lists).await,
        "w12" => closed_loop(session, name, walk::Walk::deep(session).await?, lists).await,
        "w10-co" => closed_loop(session, name, find::Find::Contains, lists).await,
        "w10-sw" => closed_loop(session, name, find::Find::StartsWith, lists).await,
        "w10-mail" => closed_loop(session, name, find::Find::WorkMail, lists).await,
        "w10-modified" => closed_loop(session, name, find::Find::modified(session).await?, lists).await,
        "w11" => closed_loop(session, name, bulk::Bulk, lists).await,
        "w13" if number == 0 => nested::read(session, name, single).await?,
        "w13" => nested::change(session, name, number, lists).await?,
        _ => return Err(Wrong(format!("there is no workload {name:?}"))),
    })
}

/// A worker for preparations, which nobody measures.
fn unmeasured(session: &Rc<Session>) -> Worker {
    Worker::new(session, &Rc::new(Recorder::default()))
}

/// Percent-encodes a query value (RFC 3986 section 2.1).
fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len() * 2), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded += &format!("%{byte:02X}");
        }
        encoded
    })
}

/// The body of a `PatchOp` request (RFC 7644 section 3.5.2) with one operation, in Entra's spelling.
fn patch_body(operation: &str, path: &str, value: Option<&str>) -> String {
    let value = value.map_or(String::new(), |value| format!(r#","value":{value}"#));
    let path = path.replace('"', "\\\"");
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"{operation}","path":"{path}"{value}}}]}}"#
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{encode, patch_body};

    #[test]
    fn filters_survive_a_query_string() {
        assert_eq!(encode(r#"userName eq "a@b""#), "userName%20eq%20%22a@b%22");
    }

    #[test]
    fn patches_are_json() {
        let body: serde_json::Value =
            serde_json::from_str(&patch_body("Remove", r#"members[value eq "x"]"#, None)).unwrap();
        assert_eq!(body["Operations"][0]["path"], r#"members[value eq "x"]"#);
    }
}
