//! A token as it was sent: taken apart, not believed (RFC 7515, section 3.1; RFC 7519).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::claims::Claims;
use super::error::FederationError;
use super::jwk::KeySet;
use crate::model::SigningAlgorithm;
use crate::scim::json;

/// Bytes of a token at most.
const MAX: usize = 16 << 10;
/// Bytes of a key's id at most.
const MAX_KID: usize = 256;

/// A token taken apart.
pub(super) struct Jwt<'a> {
    pub algorithm: SigningAlgorithm,
    /// Which key it says it is signed with: a name that is compared, and never a place to look at.
    pub kid: Option<String>,
    /// What it says.
    pub claims: Claims,
    signed: &'a str,
    signature: &'a str,
}

/// Whether a bearer credential looks like a JWT rather than like one of our own tokens: three parts, of which the first is a JSON
/// object in base64url.
pub fn is_jwt(text: &str) -> bool {
    text.starts_with('e') && text.bytes().filter(|byte| *byte == b'.').count() == 2
}

impl<'a> Jwt<'a> {
    /// Takes a token apart. Its header may hold more than is read here; a header that says that more has to be understood
    /// (`crit`) is refused.
    pub fn parse(text: &'a str) -> Result<Self, FederationError> {
        Self::read(text).ok_or(FederationError::NotAJwt)
    }

    fn read(text: &'a str) -> Option<Self> {
        if text.len() > MAX {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        if payload.contains('.') || signature.is_empty() {
            return None;
        }
        let (header, claims) = (object(header)?, object(payload)?);
        if header.contains_key("crit") {
            return None;
        }
        let algorithm = header.get("alg")?.as_str()?.parse().ok()?;
        let kid = match header.get("kid") {
            None => None,
            Some(kid) => Some(kid.as_str().filter(|kid| kid.len() <= MAX_KID)?.to_owned()),
        };
        Some(Self { algorithm, kid, claims: Claims::new(claims), signed, signature })
    }

    /// Whether one of the keys that fit made the signature.
    pub fn is_signed_with(&self, keys: &KeySet) -> bool {
        keys.verify(self.kid.as_deref(), self.algorithm, self.signed.as_bytes(), self.signature)
    }
}

/// One spelling each: base64url without padding, then JSON that two readers cannot read differently.
fn object(part: &str) -> Option<Map<String, Value>> {
    match json::parse(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token(header: &str, claims: &str) -> String {
        format!("{}.{}.c2lnbg", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn only_public_key_algorithms_are_read() {
        assert!(Jwt::parse(&token(r#"{"alg":"RS256","kid":"1"}"#, "{}")).is_ok());
        for alg in ["none", "None", "HS256", "HS384", "HS512", "rs256", "", "RS256 "] {
            let text = token(&format!(r#"{{"alg":"{alg}"}}"#), "{}");
            assert!(matches!(Jwt::parse(&text), Err(FederationError::NotAJwt)), "{alg}");
        }
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        for (header, claims) in [
            (r#"{"alg":"RS256","alg":"ES256"}"#, "{}"),
            (r#"{"alg":"RS256"}"#, r#"{"sub":"a","sub":"b"}"#),
            (r#"{"alg":"RS256","crit":["x"],"x":1}"#, "{}"),
            (r#"{"alg":"RS256","kid":7}"#, "{}"),
            (r#"{"alg":["RS256"]}"#, "{}"),
            (r#"{"alg":"RS256"}"#, "[]"),
            ("[]", "{}"),
            ("{}", "{}"),
        ] {
            assert!(Jwt::parse(&token(header, claims)).is_err(), "{header} {claims}");
        }
        let good = token(r#"{"alg":"RS256"}"#, "{}");
        assert!(Jwt::parse(&good).is_ok());
        for bad in [good.replace(".c2lnbg", "."), good.replace(".c2lnbg", ""), format!("{good}.a"), format!("={good}")]
        {
            assert!(Jwt::parse(&bad).is_err(), "{bad}");
        }
        assert!(Jwt::parse(&format!("{good}{}", "A".repeat(MAX))).is_err());
    }

    proptest! {
        #[test]
        fn no_input_panics(text in "(eyJ)?[a-zA-Z0-9_=.-]{0,80}") {
            let _ = Jwt::parse(&text);
        }

        #[test]
        fn no_json_panics(header in "[{}\\[\\]\":,a-z0-9 ]{0,40}", claims in any::<String>()) {
            let _ = Jwt::parse(&token(&header, &claims));
        }
    }
}
