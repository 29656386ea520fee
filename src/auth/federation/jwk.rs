//! An issuer's key set (RFC 7517), of which only public keys for signatures are kept, each pinned to the algorithms of its type.

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::model::SigningAlgorithm::{self, ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
use crate::scim::json;

/// Keys at most.
const MAX_KEYS: usize = 100;
/// Members of a key that only private keys and shared secrets have (RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A key set as it was read.
pub struct KeySet {
    keys: Vec<PublicKey>,
    ignored: Vec<String>,
    digest: [u8; 32],
}

/// A key by which signatures are checked.
pub struct PublicKey {
    /// Its name.
    pub kid: Option<String>,
    /// The algorithms that it is used with.
    pub algorithms: Vec<SigningAlgorithm>,
    key: DecodingKey,
}

/// Text that is no key set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// It is no acceptable JSON.
    #[error("the answer is no JSON that can be read: {0}")]
    NotJson(String),
    /// It has no member `keys`.
    #[error("the answer is no key set: a JSON object with the array \"keys\" (RFC 7517, section 5)")]
    NotAKeySet,
    /// It has too many.
    #[error("the key set has more than {MAX_KEYS} keys")]
    TooMany,
}

impl KeySet {
    /// Reads a key set. Keys that are not for us to use are left out; the set may be left without any.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeySetError> {
        let value = json::parse(bytes).map_err(|error| KeySetError::NotJson(error.detail))?;
        let keys = value.get("keys").and_then(Value::as_array).ok_or(KeySetError::NotAKeySet)?;
        if keys.len() > MAX_KEYS {
            return Err(KeySetError::TooMany);
        }
        let mut set = Self { keys: Vec::new(), ignored: Vec::new(), digest: Sha256::digest(bytes).into() };
        for (index, key) in keys.iter().enumerate() {
            match key.as_object().ok_or("it is no object").and_then(PublicKey::read) {
                Ok(key) => set.keys.push(key),
                Err(why) => set.ignored.push(format!("key {} is not used: {why}", index + 1)),
            }
        }
        Ok(set)
    }

    /// The keys that are used.
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// Which keys are not used and why, for people.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Whether both were read from the same bytes.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.digest == other.digest
    }

    /// Whether there is a key of that name; of no name, whether there is a key at all.
    pub(super) fn has(&self, kid: Option<&str>) -> bool {
        match kid {
            Some(_) => self.keys.iter().any(|key| key.kid.as_deref() == kid),
            None => !self.keys.is_empty(),
        }
    }

    /// Whether the key of that name made `signature` (base64url) of `message`. A token that names no key is taken if there is
    /// only one that it can mean.
    pub(super) fn verify(
        &self,
        kid: Option<&str>,
        algorithm: SigningAlgorithm,
        message: &[u8],
        signature: &str,
    ) -> bool {
        let mut fitting = self
            .keys
            .iter()
            .filter(|key| key.algorithms.contains(&algorithm) && (kid.is_none() || key.kid.as_deref() == kid));
        let (Some(key), None) = (fitting.next(), fitting.next()) else { return false };
        crypto::verify(signature, message, &key.key, algorithm_of(algorithm)).unwrap_or(false)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySet({} keys)", self.keys.len())
    }
}

impl PublicKey {
    fn read(key: &Map<String, Value>) -> Result<Self, &'static str> {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        let kid = match key.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.clone()),
            Some(_) => return Err("its kid is no text"),
        };
        if PRIVATE.iter().any(|name| key.contains_key(*name)) {
            return Err("it holds a secret part, so everybody can sign with it; have the issuer withdraw it");
        }
        if key.get("use").is_some_and(|value| value != "sig") {
            return Err("its use is not sig");
        }
        let verifies = |operations: &Value| {
            operations.as_array().is_some_and(|operations| operations.iter().any(|operation| operation == "verify"))
        };
        if key.get("key_ops").is_some_and(|operations| !verifies(operations)) {
            return Err("verify is not among its key_ops");
        }
        let part = |name: &'static str| text(name).ok_or("a part of the key is missing");
        let (fitting, decoded): (&[SigningAlgorithm], _) = match (text("kty"), text("crv")) {
            (Some("RSA"), _) => {
                (&[RS256, RS384, RS512, PS256, PS384, PS512], DecodingKey::from_rsa_components(part("n")?, part("e")?))
            }
            (Some("EC"), Some("P-256")) => (&[ES256], DecodingKey::from_ec_components(part("x")?, part("y")?)),
            (Some("EC"), Some("P-384")) => (&[ES384], DecodingKey::from_ec_components(part("x")?, part("y")?)),
            (Some("OKP"), Some("Ed25519")) => (&[EdDSA], DecodingKey::from_ed_components(part("x")?)),
            _ => return Err("its type (kty, crv) is none that tokens are signed with here"),
        };
        let algorithms = match key.get("alg") {
            None => fitting.to_vec(),
            Some(alg) => fitting.iter().copied().filter(|algorithm| alg == algorithm.as_str()).collect(),
        };
        if algorithms.is_empty() {
            return Err("its alg does not fit its type");
        }
        Ok(Self { kid, algorithms, key: decoded.map_err(|_| "a part of the key is not base64url")? })
    }
}

fn algorithm_of(algorithm: SigningAlgorithm) -> Algorithm {
    match algorithm {
        RS256 => Algorithm::RS256,
        RS384 => Algorithm::RS384,
        RS512 => Algorithm::RS512,
        PS256 => Algorithm::PS256,
        PS384 => Algorithm::PS384,
        PS512 => Algorithm::PS512,
        ES256 => Algorithm::ES256,
        ES384 => Algorithm::ES384,
        EdDSA => Algorithm::EdDSA,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(keys: Value) -> KeySet {
        KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_key_is_pinned_to_the_algorithms_of_its_type() {
        let found = set(json!([
            {"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB", "use": "sig", "x5t": "a"},
            {"kty": "RSA", "kid": "b", "n": "AQAB", "e": "AQAB", "alg": "RS256"},
            {"kty": "EC", "crv": "P-256", "x": "AQAB", "y": "AQAB", "key_ops": ["verify"]},
            {"kty": "OKP", "crv": "Ed25519", "x": "AQAB"},
        ]));
        let algorithms: Vec<_> = found.keys().iter().map(|key| key.algorithms.clone()).collect();
        assert_eq!(algorithms, [vec![RS256, RS384, RS512, PS256, PS384, PS512], vec![RS256], vec![ES256], vec![EdDSA]]);
        assert!(found.has(Some("a")) && found.has(None) && !found.has(Some("c")));
    }

    #[test]
    fn keys_that_are_not_for_checking_signatures_are_left_out() {
        let found = set(json!([
            {"kty": "oct", "kid": "secret", "k": "AQAB"},
            {"kty": "oct", "kid": "secret"},
            {"kty": "RSA", "n": "AQAB", "e": "AQAB", "use": "enc"},
            {"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "AQAB"},
            {"kty": "RSA", "n": "AQAB", "e": "AQAB", "alg": "HS256"},
            {"kty": "RSA", "n": "AQAB", "e": "AQAB", "key_ops": ["encrypt"]},
            {"kty": "RSA", "n": "AQAB"},
            {"kty": "RSA", "n": "+/", "e": "AQAB"},
            {"kty": "EC", "crv": "secp256k1", "x": "AQAB", "y": "AQAB"},
            {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": 7},
            "key",
        ]));
        assert!(found.keys().is_empty());
        assert_eq!(found.ignored().len(), 11);
        assert_eq!(found.ignored()[10], "key 11 is not used: it is no object");
    }

    #[test]
    fn text_that_is_no_key_set_is_refused() {
        assert_eq!(KeySet::parse(b"[]").unwrap_err(), KeySetError::NotAKeySet);
        assert_eq!(KeySet::parse(b"{\"keys\":{}}").unwrap_err(), KeySetError::NotAKeySet);
        assert!(matches!(KeySet::parse(b"<html>").unwrap_err(), KeySetError::NotJson(_)));
        let many = json!({"keys": vec![json!({}); 101]}).to_string();
        assert_eq!(KeySet::parse(many.as_bytes()).unwrap_err(), KeySetError::TooMany);
    }
}
