//! The URLs of an issuer.

use std::fmt;

use serde::Serialize;

/// Whether URLs of the scheme `http` are taken as well; for tests and closed networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainHttp {
    /// Only `https`.
    Refused,
    /// `http` too.
    Allowed,
}

/// Characters of a URL at most. Issuer, audience and subject stand together in one key of an index.
const MAX: usize = 512;

/// The issuer of tokens: an https URL, compared as text (RFC 7519, section 4.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct IssuerUrl(String);

/// Where an issuer's key set is (RFC 7517, section 5).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct JwksUrl(String);

impl IssuerUrl {
    /// Reads an issuer. Its text stays as it is: the slash at the end of `https://sts.windows.net/…/` is a part of it.
    pub fn parse(text: &str, plain: PlainHttp) -> Result<Self, String> {
        check(text, plain)?;
        if text.contains('?') {
            return Err("has a query; an issuer has none".into());
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An issuer as the store has it.
    pub fn kept(text: String) -> Self {
        Self(text)
    }
}

impl JwksUrl {
    /// Reads the URL of a key set.
    pub fn parse(text: &str, plain: PlainHttp) -> Result<Self, String> {
        check(text, plain)?;
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A URL as the store has it.
    pub fn kept(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for IssuerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for JwksUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check(text: &str, plain: PlainHttp) -> Result<(), String> {
    if text.is_empty() {
        return Err("is missing".into());
    }
    if text.len() > MAX {
        return Err(format!("is longer than {MAX} characters"));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("holds a space or another character that no URL has".into());
    }
    let url = url::Url::parse(text).map_err(|error| format!("is no URL: {error}"))?;
    match (url.scheme(), plain) {
        ("https", _) | ("http", PlainHttp::Allowed) => {}
        _ => return Err("does not begin with https://; keys that came over another way could be anybody's".into()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user or a password; leave them out".into());
    }
    if url.fragment().is_some() {
        return Err("has a fragment (#); leave it out".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_https_and_nothing_but_a_place() {
        let good = "https://sts.windows.net/9f1e6a0e-0000-4000-8000-000000000001/";
        assert_eq!(IssuerUrl::parse(good, PlainHttp::Refused).unwrap().as_str(), good);
        for (text, told) in [
            ("", "missing"),
            ("login.example.com", "no URL"),
            ("http://login.example.com", "https://"),
            ("file:///etc/passwd", "https://"),
            ("https://u:p@login.example.com", "password"),
            ("https://login.example.com/#a", "fragment"),
            ("https://login.example.com/?a", "query"),
            ("https://login.example.com/ a", "space"),
            ("https://login.example.com/\r\n", "space"),
        ] {
            let error = IssuerUrl::parse(text, PlainHttp::Refused).unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
        assert!(IssuerUrl::parse("http://127.0.0.1:1", PlainHttp::Allowed).is_ok());
        assert!(JwksUrl::parse("https://login.example.com/keys?p=1", PlainHttp::Refused).is_ok());
        assert!(JwksUrl::parse(&format!("https://a/{}", "x".repeat(512)), PlainHttp::Refused).is_err());
    }
}
