//! Security Event Tokens (RFC 8417): signed with the keys that access tokens are signed with, and never taken for one, by their type.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::{SigningError, key_pair};
use crate::auth::{SealError, Sealer};
use crate::model::SigningKey;

/// The type (RFC 8417, section 2.3).
const TYPE: &str = "secevent+jwt";

/// Signs what an event says.
///
/// # Errors
/// [`SigningError`]
pub fn sign_event(key: &SigningKey, sealer: &Sealer, claims: &Value) -> Result<String, SigningError> {
    let sealed = key.sealed_key.as_deref().ok_or(SigningError::Sealed(SealError::Changed))?;
    let private = sealer.open(&key_pair::context(key.id), sealed)?;
    let header = Header { typ: Some(TYPE.into()), kid: Some(key.id.to_string()), ..Header::new(Algorithm::ES256) };
    let signed = jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_der(private.expose_secret()));
    signed.map_err(|_| SigningError::Signature)
}
