//! Heads of their own for requests with large bodies.
//!
//! Header values point into what was read from the connection, which for such requests is a buffer of 128 KiB, and actix keeps
//! up to 128 used heads a worker for later, with their values. Copied, the values let go of the buffers.

use actix_http::{HttpMessage, Request};
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap, HeaderValue, TRANSFER_ENCODING};

/// More than this is not read together with a head.
const SMALL: usize = 8 << 10;

/// Copies the header values of a request, if a large body may have been read with them.
pub fn let_go(request: &mut Request) {
    if is_large(request.headers()) {
        request.headers_mut().retain(|_, value| {
            *value = HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| HeaderValue::from_static(""));
            true
        });
    }
}

fn is_large(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    headers.contains_key(TRANSFER_ENCODING) || length.is_some_and(|length| length > SMALL)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{CONTENT_TYPE, HeaderName};
    use actix_web::web::Bytes;

    use super::*;

    /// Whether nobody but the test holds what the header's value was read from, once the request passed.
    fn lets_go(name: HeaderName, value: &'static str) -> bool {
        let read = Bytes::from(b"application/json".to_vec());
        let mut request = Request::new();
        request.headers_mut().insert(name, HeaderValue::from_static(value));
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_maybe_shared(read.clone()).unwrap());
        let_go(&mut request);
        assert_eq!(request.headers().get(CONTENT_TYPE).unwrap(), "application/json");
        read.is_unique()
    }

    #[test]
    fn heads_of_large_bodies_hold_nothing_else_in_memory() {
        assert!(lets_go(CONTENT_LENGTH, "1048576"));
        assert!(lets_go(TRANSFER_ENCODING, "chunked"));
        assert!(!lets_go(CONTENT_LENGTH, "300"));
    }
}
