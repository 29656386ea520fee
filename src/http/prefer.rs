//! What a client would like (RFC 7240), as far as we know it: an answer that comes at once, for work that is done later.

use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

/// The header.
const PREFER: HeaderName = HeaderName::from_static("prefer");
/// The answer's header.
pub const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// The one preference that there is.
pub const RESPOND_ASYNC: HeaderValue = HeaderValue::from_static("respond-async");

/// Whether the client would like the work to be done in the background (RFC 7240, section 4.1). What else stands there is not
/// known, and so ignored.
pub fn responds_async(headers: &HeaderMap) -> bool {
    let values = headers.get_all(PREFER).filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|preference| {
        let name = preference.split([';', '=']).next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("respond-async")
    })
}

/// For how long the client would wait for an answer (RFC 7240, section 4.3), if it says so. The first one counts.
pub fn wait(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(PREFER).filter_map(|value| value.to_str().ok());
    let mut preferences = values.flat_map(|value| value.split(','));
    preferences.find_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        let value = value.trim().trim_matches('"');
        let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        // What is too large for a number is long enough.
        (name.trim().eq_ignore_ascii_case("wait") && is_number)
            .then(|| Duration::from_secs(value.parse().unwrap_or(u32::MAX).into()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(values: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        values.iter().for_each(|value| headers.append(PREFER, HeaderValue::from_static(value)));
        responds_async(&headers)
    }

    #[test]
    fn how_long_a_client_waits_is_read() {
        let told = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.append(PREFER, HeaderValue::from_static(text));
            wait(&headers).map(|time| time.as_secs())
        };
        assert_eq!(told("respond-async, wait=10"), Some(10));
        assert_eq!(told("Wait = \"5\"; x=1, wait=7"), Some(5));
        assert_eq!(told("wait=99999999999999999999"), Some(u64::from(u32::MAX)));
        for text in ["respond-async", "wait", "wait=", "wait=-1", "wait=1.5", "await=3"] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn the_preference_is_found_among_others() {
        for values in [
            &["respond-async"][..],
            &["Respond-Async"],
            &["wait=10, respond-async"],
            &["return=minimal", "respond-async; foo=\"bar\""],
        ] {
            assert!(wants(values), "{values:?}");
        }
        for values in [&[][..], &[""], &["return=minimal"], &["wait=10"], &["x-respond-async"], &["x;respond-async"]] {
            assert!(!wants(values), "{values:?}");
        }
    }
}
