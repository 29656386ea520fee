//! What a client calls its own request, for the log alone.

use actix_web::http::header::HeaderMap;

const MAX_LENGTH: usize = 128;

/// The client's `traceparent`, else its `X-Request-Id`, if it is plain printable text. It decides nothing and is never
/// stored: our own id is the one that answers and the change stream carry.
pub fn of(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get("traceparent").or_else(|| headers.get("x-request-id"))?.to_str().ok()?;
    let plain = !value.is_empty() && value.len() <= MAX_LENGTH && value.bytes().all(|byte| byte.is_ascii_graphic());
    plain.then_some(value)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn only_plain_labels_reach_the_log() {
        let label = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static("x-request-id"), HeaderValue::from_bytes(value).unwrap());
            of(&headers).map(str::to_owned)
        };
        assert_eq!(label(b"abc-1"), Some("abc-1".into()));
        assert_eq!(label(b"a b"), None);
        assert_eq!(label(b"a\tb"), None);
        assert_eq!(label(&[b'x'; 129]), None);
        assert_eq!(label(b""), None);
    }
}
