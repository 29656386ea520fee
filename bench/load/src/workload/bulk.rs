//! W11: 1,000 users created by one bulk request (RFC 7644, section 3.7). The rate counts users, the latencies are those of
//! the request.

use crate::answer::Wrong;
use crate::drive::{Operation, Worker};
use std::fmt::Write;

/// Users a request: as many operations as a server with default limits takes.
const USERS: u64 = 1_000;

pub struct Bulk;

impl Operation for Bulk {
    fn series(&self) -> &'static [&'static str] {
        &["create"]
    }

    async fn once(&self, worker: &mut Worker) -> Result<(), Wrong> {
        let session = &worker.session;
        let persons: Vec<u64> = (0..USERS).map(|_| session.new_person()).collect();
        let mut body = String::with_capacity(persons.len() * 1_400);
        body += r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":["#;
        for (place, n) in persons.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            let user = session.people.entra_user(*n);
            write!(body, r#"{comma}{{"method":"POST","path":"/Users","bulkId":"{n}","data":{user}}}"#)
                .map_err(|problem| Wrong(problem.to_string()))?;
        }
        body += "]}";
        let answer = worker.connection.post("/Bulk", &body).await?;
        answer.expect_status(&[200])?;
        let operations = answer.json()?;
        let operations = operations["Operations"].as_array().map_or(&[][..], Vec::as_slice);
        if operations.len() != persons.len() {
            return Err(answer.wrong("not as many operations answered as sent"));
        }
        for (n, operation) in persons.iter().zip(operations) {
            let id = operation["location"].as_str().and_then(|location| location.rsplit('/').next());
            match id {
                Some(id)
                    if operation["status"] == "201" && operation["bulkId"].as_str() == Some(n.to_string().as_str()) =>
                {
                    session.remember(*n, id)
                }
                _ => return Err(answer.wrong(&format!("operation {operation}"))),
            }
        }
        let took = answer.took;
        persons.iter().for_each(|_| worker.recorder.add(0, took));
        Ok(())
    }
}
