//! Which form an answer takes and which form a body has (RFC 7644, section 3.8; RFC 9110, section 12.5.1).

use actix_web::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};

use super::error::RequestError;

/// The two names of one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MediaType {
    /// `application/scim+json`
    #[default]
    ScimJson,
    /// `application/json`, for clients that accept nothing else.
    Json,
}

impl MediaType {
    /// The header's value.
    pub fn header(self) -> HeaderValue {
        HeaderValue::from_static(self.name())
    }

    fn name(self) -> &'static str {
        match self {
            Self::ScimJson => "application/scim+json",
            Self::Json => "application/json",
        }
    }

    /// The form that a client wants. Both forms are equal to us, so only a client that excludes the first, or likes the
    /// second more, gets the second.
    pub fn wanted(headers: &HeaderMap) -> Result<Self, RequestError> {
        let accepted: Vec<&str> = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok()).collect();
        if accepted.is_empty() {
            return Ok(Self::default());
        }
        let accepted = accepted.join(",");
        if accepted.trim().is_empty() {
            return Ok(Self::default());
        }
        let scim = quality(&accepted, Self::ScimJson.name());
        let json = quality(&accepted, Self::Json.name());
        match (scim, json) {
            (0, 0) => Err(RequestError::NotAcceptable),
            _ if json > scim => Ok(Self::Json),
            _ => Ok(Self::ScimJson),
        }
    }
}

/// How much `wanted` is liked, in thousandths: the most specific range that covers it decides.
fn quality(accepted: &str, wanted: &str) -> u16 {
    let ranges = accepted.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next()?.to_ascii_lowercase();
        let specific = match name.as_str() {
            "*/*" => 0,
            "application/*" => 1,
            name if name == wanted => 2,
            _ => return None,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some((specific, weight.map_or(1000, thousandths)))
    });
    ranges.max_by_key(|(specific, weight)| (*specific, *weight)).map_or(0, |(_, weight)| weight)
}

/// A weight that cannot be read counts as the full one: it is more likely a mistake than a refusal.
fn thousandths(weight: &str) -> u16 {
    match weight.trim().parse::<f32>() {
        Ok(weight) if (0.0..=1.0).contains(&weight) => (weight * 1000.0) as u16,
        _ => 1000,
    }
}

/// Holds a body's type to the two that SCIM has. A body without a type is read as JSON: some scripts send none, and what
/// is not JSON is refused by the parser anyhow.
pub fn check_body_type(headers: &HeaderMap) -> Result<(), RequestError> {
    let encodings = headers.get_all(CONTENT_ENCODING).map(HeaderValue::as_bytes);
    if encodings.into_iter().any(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
        return Err(RequestError::ContentEncoding);
    }
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let mut parts = value.to_str().unwrap_or_default().split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let known = [MediaType::ScimJson, MediaType::Json].iter().any(|known| name.eq_ignore_ascii_case(known.name()));
    let charset = parts.find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    let utf8 =
        charset.is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8"));
    if known && utf8 { Ok(()) } else { Err(RequestError::ContentType) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: actix_web::http::header::HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn wanted(values: &[&str]) -> Option<MediaType> {
        MediaType::wanted(&headers(ACCEPT, values)).ok()
    }

    #[test]
    fn the_scim_type_is_preferred() {
        for accepted in [
            &[][..],
            &[""],
            &["*/*"],
            &["application/*"],
            &["application/scim+json"],
            &["application/json, application/scim+json"],
            &["text/html", "application/scim+json; charset=utf-8"],
            &["text/html,application/xhtml+xml,*/*;q=0.8"],
            &["APPLICATION/SCIM+JSON;q=0.5"],
        ] {
            assert_eq!(wanted(accepted), Some(MediaType::ScimJson), "{accepted:?}");
        }
    }

    #[test]
    fn json_is_given_to_those_who_want_nothing_else() {
        for accepted in [
            "application/json",
            "application/json; charset=utf-8",
            "application/scim+json;q=0, */*",
            "application/json, */*;q=0.1",
        ] {
            assert_eq!(wanted(&[accepted]), Some(MediaType::Json), "{accepted}");
        }
    }

    #[test]
    fn anything_else_is_not_to_be_had() {
        for accepted in ["text/html", "application/xml", "*/*;q=0", "application/json;q=0", "image/*"] {
            assert_eq!(wanted(&[accepted]), None, "{accepted}");
        }
    }

    #[test]
    fn bodies_are_json_in_utf_8() {
        let check = |value: &str| check_body_type(&headers(CONTENT_TYPE, &[value])).is_ok();
        for fine in [
            "application/json",
            "application/scim+json; charset=UTF-8",
            "Application/JSON;charset=\"utf-8\"",
            "application/scim+json;x=y",
        ] {
            assert!(check(fine), "{fine}");
        }
        for wrong in [
            "text/plain",
            "",
            "application/json; charset=iso-8859-1",
            "application/x-www-form-urlencoded",
            "application/xml",
        ] {
            assert!(!check(wrong), "{wrong}");
        }
        assert!(check_body_type(&HeaderMap::new()).is_ok());
        assert!(check_body_type(&headers(CONTENT_ENCODING, &["gzip"])).is_err());
        assert!(check_body_type(&headers(CONTENT_ENCODING, &["identity"])).is_ok());
    }
}
