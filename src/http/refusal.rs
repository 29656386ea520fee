//! What actix itself refuses before any code of ours runs, given the form that errors have here.
//!
//! Its parser answers a request that it cannot read with a bare status, and closes the connection. Nothing in actix lets
//! anybody else write that answer, so it is recognised on its way out: the head of an error without a body and without the
//! request id that every answer of ours carries.

use actix_web::body::MessageBody;

use super::error::RequestError;
use super::negotiation::MediaType;
use crate::model::RequestId;

const END: &[u8] = b"\r\n\r\n";
const BEGINNING: &[u8] = b"HTTP/1.1 4";

/// An answer of actix's own, at the end of what is being written.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// Where it begins.
    pub at: usize,
    /// Its status.
    pub status: u16,
    head: &'a str,
}

impl<'a> Refusal<'a> {
    /// Finds one at the end of `bytes`.
    pub fn find(bytes: &'a [u8]) -> Option<Self> {
        if !bytes.ends_with(END) {
            return None;
        }
        let at = bytes.windows(BEGINNING.len()).rposition(|window| window == BEGINNING)?;
        let head = std::str::from_utf8(&bytes[at..bytes.len() - END.len()]).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let is_bare = lines.clone().any(|line| line.eq_ignore_ascii_case("content-length: 0"));
        let is_ours = lines.any(|line| line.is_empty() || line.to_ascii_lowercase().starts_with("x-request-id:"));
        (is_bare && !is_ours).then_some(Self { at, status, head })
    }

    /// The same with a body that tells what is wrong.
    pub fn told(&self, id: RequestId) -> Option<Vec<u8>> {
        let error = match self.status {
            400 => RequestError::Malformed,
            408 => RequestError::HeadTimeout,
            431 => RequestError::HeadUnreadable,
            _ => return None,
        };
        let body = error.told().as_scim(MediaType::default()).into_body().try_into_bytes().ok()?;
        let kept = self.head.split("\r\n").filter(|line| {
            let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
            name != "content-length" && name != "connection"
        });
        let kept: Vec<_> = kept.collect();
        let head = format!(
            "{}\r\nconnection: close\r\ncontent-type: application/scim+json\r\nx-request-id: {id}\r\ncontent-length: {}\r\n\r\n",
            kept.join("\r\n"),
            body.len()
        );
        Some([head.as_bytes(), &body].concat())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    const BARE: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\ndate: Sun\r\n\r\n";

    #[test]
    fn a_bare_error_gets_a_body() {
        let id = RequestId::new(DateTime::UNIX_EPOCH);
        let told = Refusal::find(BARE.as_bytes()).unwrap().told(id).unwrap();
        let told = String::from_utf8(told).unwrap();
        let (head, body) = told.split_once("\r\n\r\n").unwrap();
        let length = format!("content-length: {}", body.len());
        for line in
            ["HTTP/1.1 400 Bad Request", "connection: close", "date: Sun", &length, &format!("x-request-id: {id}")]
        {
            assert!(head.lines().any(|other| other == line), "{head} lacks {line}");
        }
        assert_eq!(head.matches("connection").count(), 1);
        assert!(body.contains("\"status\":\"400\""), "{body}");
    }

    #[test]
    fn it_is_found_behind_other_answers() {
        let before = "HTTP/1.1 200 OK\r\nx-request-id: 7\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(Refusal::find(format!("{before}{BARE}").as_bytes()).map(|refusal| refusal.at), Some(before.len()));
    }

    #[test]
    fn answers_of_ours_are_left_alone() {
        for answer in [
            "HTTP/1.1 404 Not Found\r\nx-request-id: 7\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 4\r\n\r\n\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n",
            "",
        ] {
            assert_eq!(Refusal::find(answer.as_bytes()), None, "{answer}");
        }
    }
}
