//! What a client would like (RFC 7240), as far as we know it: an answer that comes at once, for work that is done later.

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

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(values: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        values.iter().for_each(|value| headers.append(PREFER, HeaderValue::from_static(value)));
        responds_async(&headers)
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
