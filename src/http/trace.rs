//! The trace that a request is part of (W3C Trace Context): its id stands in the log and in the answer, and changes nothing.

use actix_web::http::header::HeaderMap;

use crate::model::RequestId;

/// `00-<trace id>-<parent id>-<flags>`, all in lower case hexadecimal.
const LENGTHS: [usize; 4] = [2, 32, 16, 2];

/// A trace that a client told of.
#[derive(Debug, PartialEq, Eq)]
pub struct Trace {
    id: String,
    flags: String,
}

impl Trace {
    /// The trace of one `traceparent` header in the form of version 00; versions to come begin with the same.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all("traceparent");
        let value = values.next()?.to_str().ok()?;
        if values.next().is_some() {
            return None;
        }
        let parts: Vec<&str> = value.split('-').collect();
        let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let fits = |(text, length): (&&str, usize)| text.len() == length && is_hex(text);
        let [version, id, parent, flags, ..] = parts[..] else { return None };
        let is_known = parts.iter().zip(LENGTHS).all(fits) && version != "ff" && (version != "00" || parts.len() == 4);
        let is_set = |id: &str| id.bytes().any(|byte| byte != b'0');
        (is_known && is_set(id) && is_set(parent)).then(|| Self { id: id.to_owned(), flags: flags.to_owned() })
    }

    /// Its id: 32 digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the header `traceresponse` says: the same trace, and the request's own id in it.
    pub fn response(&self, request: RequestId) -> String {
        let own = request.0.as_u64_pair().1;
        format!("00-{}-{own:016x}-{}", self.id, self.flags)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};
    use chrono::DateTime;

    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn trace(values: &[&str]) -> Option<Trace> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HeaderName::from_static("traceparent"), HeaderValue::from_str(value).unwrap());
        }
        Trace::of(&headers)
    }

    #[test]
    fn a_trace_goes_on() {
        let trace = trace(&[PARENT]).unwrap();
        assert_eq!(trace.id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        let response = trace.response(RequestId::new(DateTime::UNIX_EPOCH));
        assert!(response.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{response}");
        assert!(response.ends_with("-01") && response.len() == PARENT.len(), "{response}");
    }

    #[test]
    fn what_is_no_trace_is_left_alone() {
        for value in [
            "",
            "00",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        ] {
            assert_eq!(trace(&[value]), None, "{value}");
        }
        assert_eq!(trace(&[PARENT, PARENT]), None);
        assert!(trace(&["01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"]).is_some());
    }
}
