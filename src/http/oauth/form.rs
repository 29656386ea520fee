//! Parameters in the body of a request (`application/x-www-form-urlencoded`, RFC 6749, appendix B).

use std::fmt;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use secrecy::{ExposeSecret, SecretString};

use crate::http::query::form_decode;

const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// What is wrong with the form. No value of it is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The body is of another type.
    #[error("the body has to be application/x-www-form-urlencoded; send it so, with the matching Content-Type")]
    ContentType,
    /// The body is compressed.
    #[error("the body has to be sent as it is, without Content-Encoding")]
    ContentEncoding,
    /// It is not UTF-8, or not encoded rightly.
    #[error("the body is not UTF-8 in form encoding")]
    Encoding,
    /// A parameter stands there twice.
    #[error("the parameter {0} is sent more than once; send it once")]
    Repeated(String),
}

/// Parameters. Some are secrets, so none can be printed.
pub struct Form(Vec<(String, SecretString)>);

impl Form {
    /// Whether the headers announce a form.
    pub fn check_type(headers: &HeaderMap) -> Result<(), FormError> {
        if headers.contains_key(CONTENT_ENCODING) {
            return Err(FormError::ContentEncoding);
        }
        let mut types = headers.get_all(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
        let (first, second) = (types.next().unwrap_or_default(), types.next());
        let mut parts = first.split(';').map(str::trim);
        let is_form = parts.next().is_some_and(|media| media.eq_ignore_ascii_case(MEDIA_TYPE));
        let is_utf8 = parts.filter(|part| !part.is_empty()).all(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        });
        if is_form && is_utf8 && second.is_none() { Ok(()) } else { Err(FormError::ContentType) }
    }

    /// Reads a body. No parameter may stand there twice, whether or not it means something (RFC 6749, section 3.2).
    pub fn parse(body: &[u8]) -> Result<Self, FormError> {
        let text = std::str::from_utf8(body).map_err(|_| FormError::Encoding)?;
        let mut parameters: Vec<(String, SecretString)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = form_decode(name).ok_or(FormError::Encoding)?.into_owned();
            let value = form_decode(value).ok_or(FormError::Encoding)?.into_owned();
            if parameters.iter().any(|(earlier, _)| *earlier == name) {
                return Err(FormError::Repeated(name));
            }
            parameters.push((name, value.into()));
        }
        Ok(Self(parameters))
    }

    /// A parameter; without a value it counts as left out (RFC 6749, section 3.2).
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        Some(value.expose_secret()).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Form(not shown)")
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parameters_are_decoded() {
        let form = Form::parse(b"a=x+y%2Bz&b=&c&%61%62=%C3%A4&").unwrap();
        assert_eq!((form.get("a"), form.get("b"), form.get("c")), (Some("x y+z"), None, None));
        assert_eq!(form.get("ab"), Some("\u{e4}"));
    }

    #[test]
    fn no_parameter_stands_there_twice() {
        for text in ["a=1&a=1", "a=1&%61=2", "unknown=1&b=2&unknown=", "a&a"] {
            assert!(matches!(Form::parse(text.as_bytes()), Err(FormError::Repeated(_))), "{text}");
        }
        assert_eq!(Form::parse(b"a=%ff").err(), Some(FormError::Encoding));
        assert_eq!(Form::parse(b"\xff").err(), Some(FormError::Encoding));
    }

    #[test]
    fn the_type_is_a_form_in_utf_8() {
        let check = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            values.iter().for_each(|value| headers.append(CONTENT_TYPE, HeaderValue::from_static(value)));
            Form::check_type(&headers).is_ok()
        };
        let form = "application/x-www-form-urlencoded";
        for good in [form, "APPLICATION/x-www-form-urlencoded; charset=UTF-8", "application/x-www-form-urlencoded;"] {
            assert!(check(&[good]), "{good}");
        }
        for bad in
            [&[][..], &["application/json"], &[form, form], &["application/x-www-form-urlencoded; charset=latin1"]]
        {
            assert!(!check(bad), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn no_input_panics(body in any::<Vec<u8>>()) {
            let _ = Form::parse(&body);
        }
    }
}
