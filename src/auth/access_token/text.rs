//! A JWT's text (RFC 7519), taken apart before anything in it is believed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{AccessTokenError, Claims};
use crate::auth::ClientId;
use crate::model::SigningKeyId;
use crate::model::signing_key::ALGORITHM;

/// Characters of a token at most. Ours have some hundred.
const MAX_LENGTH: usize = 8 << 10;

/// The three parts of a JWS in compact form (RFC 7515, section 7.1).
pub struct Parts<'a> {
    header: &'a str,
    payload: &'a str,
    /// What the signature is made of: header and payload.
    pub signed: &'a str,
    /// The signature, in base 64.
    pub signature: &'a str,
}

/// All that our headers hold. Whatever else a header holds was not written by us.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OurHeader {
    typ: String,
    alg: String,
    kid: String,
}

#[derive(Deserialize)]
struct Issuer {
    iss: String,
}

#[derive(Deserialize)]
struct Subject {
    sub: String,
}

impl<'a> Parts<'a> {
    /// Takes a text apart.
    pub fn parse(text: &'a str) -> Result<Self, AccessTokenError> {
        let (signed, signature) = text.rsplit_once('.').ok_or(AccessTokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(AccessTokenError::Malformed)?;
        if text.len() > MAX_LENGTH || payload.contains('.') {
            return Err(AccessTokenError::Malformed);
        }
        Ok(Self { header, payload, signed, signature })
    }

    /// The key that the header names, if it is a header as ours are.
    pub fn key(&self, typ: &str) -> Result<SigningKeyId, AccessTokenError> {
        let header: OurHeader = json(self.header)?;
        if header.typ != typ || header.alg != ALGORITHM {
            return Err(AccessTokenError::Malformed);
        }
        header.kid.parse().map_err(|_| AccessTokenError::UnknownKey)
    }

    /// The client that the token claims to have been given to; to be believed no more than the claims.
    pub fn client(&self) -> Result<ClientId, AccessTokenError> {
        let payload: Subject = json(self.payload)?;
        payload.sub.parse().map_err(|_| AccessTokenError::Malformed)
    }

    /// The claims; to be believed once the signature is known to be right.
    pub fn claims(&self) -> Result<Claims, AccessTokenError> {
        json(self.payload)
    }
}

fn json<T: DeserializeOwned>(part: &str) -> Result<T, AccessTokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| AccessTokenError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| AccessTokenError::Malformed)
}

/// Who says to have signed `text`, if it is a JWT at all. Nothing is checked: it only tells whose rules to check it by.
pub fn issuer_of(text: &str) -> Option<String> {
    let parts = Parts::parse(text).ok()?;
    json::<Issuer>(parts.payload).ok().map(|payload| payload.iss)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(json: &str) -> String {
        URL_SAFE_NO_PAD.encode(json)
    }

    #[test]
    fn only_headers_that_we_write_are_read() {
        let kid = "01900000-0000-7000-8000-000000000000";
        let key = |header: String| {
            let text = format!("{}.e30.c2ln", part(&header));
            Parts::parse(&text).and_then(|parts| parts.key("at+jwt")).map(|id| id.to_string()).ok()
        };
        let ours = format!(r#"{{"typ":"at+jwt","alg":"ES256","kid":"{kid}"}}"#);
        assert_eq!(key(ours.clone()), Some(kid.to_owned()));
        for wrong in [
            ours.replace("ES256", "none"),
            ours.replace("ES256", "HS256"),
            ours.replace("ES256", "es256"),
            ours.replace("at+jwt", "JWT"),
            ours.replace(kid, &kid.to_uppercase().replace('0', "A")),
            ours.replace(kid, "../../etc/passwd"),
            ours.replace('}', r#","jku":"https://evil.example"}"#),
            ours.replace('}', r#","jwk":{}}"#),
            ours.replace('}', r#","crit":["exp"]}"#),
            ours.replace('}', r#","alg":"none"}"#),
            r#"{"alg":"ES256"}"#.to_owned(),
            "[]".to_owned(),
            String::new(),
        ] {
            assert_eq!(key(wrong.clone()), None, "{wrong}");
        }
    }

    #[test]
    fn the_issuer_is_read_of_a_jwt_alone() {
        let jwt = |payload: &str| format!("{}.{}.c2ln", part("{}"), part(payload));
        assert_eq!(issuer_of(&jwt(r#"{"iss":"https://a"}"#)), Some("https://a".into()));
        for text in [jwt("{}"), jwt(r#"{"iss":7}"#), "a.b".into(), "a.b.c.d".into(), "scim_a_b_c".into(), "..".into()] {
            assert_eq!(issuer_of(&text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_input_panics(text in "[A-Za-z0-9_.=-]{0,200}") {
            let _ = issuer_of(&text);
            let _ = Parts::parse(&text).and_then(|parts| parts.key("at+jwt"));
        }
    }
}
