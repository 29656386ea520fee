//! How a client proves itself at the token endpoint (RFC 6749, section 2.3; RFC 7521, section 4.2).

use std::fmt;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;

use super::form::Form;
use crate::http::query::form_decode;

/// The one type of assertions (RFC 7523, section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What a client shows of itself. It cannot be printed.
pub enum Shown {
    /// Its id and a secret.
    Secret {
        /// `client_id`
        id: String,
        /// `client_secret`
        secret: Zeroizing<String>,
    },
    /// A token that somebody it is known to has signed.
    Assertion {
        /// `client_id`, which may be left out.
        id: Option<String>,
        /// `client_assertion`
        assertion: Zeroizing<String>,
    },
}

/// Why a request shows no client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotShown {
    /// It shows nothing.
    #[error(
        "the request shows no client; send client id and secret as HTTP Basic, or as client_id and client_secret in the body"
    )]
    Missing,
    /// It has an `Authorization` header that is not Basic.
    #[error("the Authorization header is not of the form Basic and id:secret in base 64; send it so")]
    Scheme,
    /// It shows a client in several ways.
    #[error(
        "the request shows its client in more than one way; send an Authorization header, or client_secret, or client_assertion"
    )]
    Several,
    /// It names two clients.
    #[error("the Authorization header and client_id name two different clients; leave client_id out")]
    OtherClient,
    /// It has a part of what it takes.
    #[error("client_id and client_secret belong together; send both, or HTTP Basic")]
    Half,
    /// The assertion is of another type, or there is only one of the two.
    #[error("client_assertion needs the client_assertion_type {ASSERTION_TYPE}")]
    AssertionType,
}

impl Shown {
    /// What the request shows.
    pub fn of(headers: &HeaderMap, form: &Form) -> Result<Self, NotShown> {
        let mut headers = headers.get_all(AUTHORIZATION);
        let header = headers.next();
        let (id, secret) = (form.get("client_id"), form.get("client_secret"));
        let (assertion, kind) = (form.get("client_assertion"), form.get("client_assertion_type"));
        let has_assertion = assertion.is_some() || kind.is_some();
        let ways = [header.is_some(), secret.is_some(), has_assertion];
        if headers.next().is_some() || ways.into_iter().filter(|way| *way).count() > 1 {
            return Err(NotShown::Several);
        }
        if let Some(header) = header {
            let shown = basic(header.as_bytes()).ok_or(NotShown::Scheme)?;
            let is_named =
                |shown: &Self| matches!(shown, Self::Secret { id: own, .. } if id.is_none_or(|id| id == own));
            return if is_named(&shown) { Ok(shown) } else { Err(NotShown::OtherClient) };
        }
        if has_assertion {
            return match (assertion, kind) {
                (Some(assertion), Some(ASSERTION_TYPE)) => {
                    let assertion = Zeroizing::new(assertion.to_owned());
                    Ok(Self::Assertion { id: id.map(str::to_owned), assertion })
                }
                _ => Err(NotShown::AssertionType),
            };
        }
        match (id, secret) {
            (Some(id), Some(secret)) => {
                Ok(Self::Secret { id: id.to_owned(), secret: Zeroizing::new(secret.to_owned()) })
            }
            (None, None) => Err(NotShown::Missing),
            _ => Err(NotShown::Half),
        }
    }
}

/// Reads `Basic <base 64 of id:secret>`, in which both were form-encoded first (RFC 6749, section 2.3.1). Many clients leave that
/// out; ids and secrets of ours look the same either way.
fn basic(header: &[u8]) -> Option<Shown> {
    let (scheme, content) = std::str::from_utf8(header).ok()?.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let content = Zeroizing::new(STANDARD.decode(content.trim()).ok()?);
    let (id, secret) = std::str::from_utf8(&content).ok()?.split_once(':')?;
    let (id, secret) = (form_decode(id)?.into_owned(), Zeroizing::new(form_decode(secret)?.into_owned()));
    Some(Shown::Secret { id, secret })
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret { .. } => "Secret(not shown)",
            Self::Assertion { .. } => "Assertion(not shown)",
        })
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn shown(header: Option<&str>, body: &str) -> Result<(Option<String>, String), NotShown> {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(AUTHORIZATION, HeaderValue::from_str(header).unwrap());
        }
        Shown::of(&headers, &Form::parse(body.as_bytes()).unwrap()).map(|shown| match shown {
            Shown::Secret { id, secret } => (Some(id), secret.to_string()),
            Shown::Assertion { id, assertion } => (id, assertion.to_string()),
        })
    }

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    #[test]
    fn a_client_is_shown_in_one_way() {
        let client = Ok((Some("me".to_owned()), "s:1 %".to_owned()));
        assert_eq!(shown(Some(&basic("me:s%3A1+%25")), ""), client);
        assert_eq!(shown(Some(&basic("me:s:1+%25")), "client_id=me"), client);
        assert_eq!(shown(None, "client_id=me&client_secret=s%3A1+%25"), client);
        let kind = format!("client_assertion_type={ASSERTION_TYPE}&client_assertion=a.b.c");
        assert_eq!(shown(None, &kind), Ok((None, "a.b.c".into())));
        assert_eq!(shown(None, &format!("{kind}&client_id=me")), Ok((Some("me".into()), "a.b.c".into())));
    }

    #[test]
    fn anything_else_is_told_apart() {
        let me = basic("me:s");
        for (header, body, told) in [
            (None, "", NotShown::Missing),
            (None, "client_id=me", NotShown::Half),
            (None, "client_secret=s", NotShown::Half),
            (None, "client_id=me&client_secret=", NotShown::Half),
            (Some(&*me), "client_id=me&client_secret=s", NotShown::Several),
            (Some(&*me), "client_secret=s", NotShown::Several),
            (Some(&*me), "client_assertion=a.b.c", NotShown::Several),
            (Some(&*me), "client_id=you", NotShown::OtherClient),
            (Some("Bearer abc"), "", NotShown::Scheme),
            (Some("Basic"), "", NotShown::Scheme),
            (Some("Basic !"), "", NotShown::Scheme),
            (Some("Basic bWU="), "", NotShown::Scheme),
            (None, "client_assertion=a.b.c", NotShown::AssertionType),
            (None, "client_assertion=a.b.c&client_assertion_type=saml", NotShown::AssertionType),
            (None, "client_assertion=a.b.c&client_assertion_type=saml&client_secret=s", NotShown::Several),
        ] {
            assert_eq!(shown(header, body), Err(told), "{header:?} {body}");
        }
    }
}
