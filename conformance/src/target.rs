//! The server to talk to.

use std::fmt;

use reqwest::Url;

use crate::variables::percent_encode;

/// A SCIM base URL and the token that opens it.
#[derive(Clone)]
pub struct Target {
    base: String,
    token: String,
}

/// A base URL or token that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TargetError {
    /// The text is not an absolute http or https URL without query.
    #[error("the base URL must be like https://host/scim/v2, not {0:?}")]
    Base(String),
    /// The token is empty or cannot stand in a header; it is not shown.
    #[error("the token must be visible ASCII without spaces")]
    Token,
}

impl Target {
    /// Takes a base URL such as `http://127.0.0.1:8080/scim/v2` and a bearer token.
    ///
    /// # Errors
    /// See [`TargetError`].
    pub fn parse(base: &str, token: &str) -> Result<Self, TargetError> {
        let wrong = || TargetError::Base(base.to_owned());
        let url = Url::parse(base).map_err(|_| wrong())?;
        let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !plain {
            return Err(wrong());
        }
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TargetError::Token);
        }
        Ok(Self { base: url.as_str().trim_end_matches('/').to_owned(), token: token.to_owned() })
    }

    /// The base URL without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// `text` with `mask` wherever the token stands, as it is or percent-encoded.
    pub(crate) fn hide(&self, text: &str, mask: &str) -> String {
        text.replace(&self.token, mask).replace(&percent_encode(&self.token), mask)
    }

    /// The value of the `Authorization` header.
    pub(crate) fn authorization(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("base", &self.base).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_base_url_and_hides_the_token() {
        let target = Target::parse("http://127.0.0.1:1/scim/v2/", "sg_secret").unwrap();
        assert_eq!(target.base(), "http://127.0.0.1:1/scim/v2");
        assert_eq!(format!("{target:?}"), r#"Target { base: "http://127.0.0.1:1/scim/v2", .. }"#);
    }

    #[test]
    fn refuses_what_cannot_be_a_target() {
        for base in ["", "host/scim", "ftp://host/", "http://host/?a=b", "http://user@host/"] {
            assert_eq!(Target::parse(base, "t").unwrap_err(), TargetError::Base(base.to_owned()));
        }
        for token in ["", "a b", "a\n"] {
            assert_eq!(Target::parse("http://host", token).unwrap_err(), TargetError::Token);
        }
    }
}
