//! The query of a request, decoded by ourselves.
//!
//! Clients write spaces as `+` and as `%20`, quotes raw and encoded, and parameter names in any case (`startindex`).
//! Unknown parameters are ignored: Entra's tenant URL may carry `aadOptscim062020`, which then stands on every request.

use std::borrow::Cow;
use std::fmt::Write;

use crate::scim::{ScimError, ScimType};

/// A query as it was sent. Parameters are decoded when they are asked for, so most requests decode none.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    /// The part of the URL after the `?`.
    pub fn new(raw: &'a str) -> Self {
        Self(raw)
    }

    /// The parameter's value. A parameter given twice is refused, since nobody could say which of the two holds.
    pub fn get(&self, name: &str) -> Result<Option<Cow<'a, str>>, ScimError> {
        let mut found = None;
        for pair in self.0.split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if !form_decode(key).is_some_and(|key| key.eq_ignore_ascii_case(name)) {
                continue;
            }
            if found.is_some() {
                return Err(refused(name, &format!("the query parameter {name} is given twice; give it once")));
            }
            let value = form_decode(value).filter(|value| !value.contains('\0'));
            found = Some(value.ok_or_else(|| {
                let detail =
                    format!("the query parameter {name} is not percent-encoded UTF-8 text without U+0000; correct it");
                refused(name, &detail)
            })?);
        }
        Ok(found)
    }
}

fn refused(name: &str, detail: &str) -> ScimError {
    let scim_type = if name == "filter" { ScimType::InvalidFilter } else { ScimType::InvalidValue };
    ScimError::bad_request(scim_type, detail)
}

/// Decodes `+` and percent-encoding. `None` if the outcome is not UTF-8; a `%` that begins no escape stands for itself.
pub fn form_decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|byte| byte == b'%' || byte == b'+') {
        return Some(Cow::Borrowed(text));
    }
    percent_decode(&text.replace('+', " ")).map(|decoded| Cow::Owned(decoded.into_owned()))
}

/// Decodes percent-encoding alone, as a path has it.
pub fn percent_decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                decoded.push(hex(*high) << 4 | hex(*low));
                rest = after;
            }
            (other, _) => decoded.push(*other),
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// Encodes text as one segment of a path.
pub fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            // Writing to memory cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filter(raw: &str) -> Result<Option<String>, ScimError> {
        Query::new(raw).get("filter").map(|value| value.map(Cow::into_owned))
    }

    #[test]
    fn what_clients_send_is_read() {
        let wanted = Some("userName eq \"a@b.c\"".to_owned());
        for raw in [
            "filter=userName+eq+\"a%40b.c\"",
            "filter=userName%20eq%20%22a%40b.c%22",
            "aadOptscim062020&startIndex=1&Filter=userName%20eq+%22a@b.c%22&count=1",
        ] {
            assert_eq!(filter(raw), Ok(wanted.clone()), "{raw}");
        }
        assert_eq!(filter("filter=a=b"), Ok(Some("a=b".into())));
        assert_eq!(filter("filter=100%25+%zz"), Ok(Some("100% %zz".into())));
        assert_eq!(filter("startIndex=1"), Ok(None));
        assert_eq!(Query::new("startindex=0").get("startIndex").unwrap().unwrap(), "0");
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for raw in ["filter=%ff", "filter=%00", "filter=%C3%28", "filter=a&FILTER=b"] {
            let error = filter(raw).unwrap_err();
            assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidFilter)), "{raw}");
        }
        assert!(filter("other=%ff&filter=x").is_ok());
    }

    proptest! {
        #[test]
        fn an_encoded_text_comes_back(text in "[^\0]{0,40}") {
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
            prop_assert_eq!(filter(&format!("filter={encoded}")), Ok(Some(text)));
        }

        #[test]
        fn an_encoded_segment_comes_back(text in any::<String>()) {
            let encoded = percent_encode(&text);
            prop_assert!(encoded.is_ascii() && !encoded.contains(['/', '?', '#', '"', ' ']));
            prop_assert_eq!(percent_decode(&encoded).unwrap(), text);
        }

        #[test]
        fn no_query_panics(raw in any::<String>()) {
            let _ = filter(&raw);
        }
    }
}
