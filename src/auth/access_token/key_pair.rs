//! New keys to sign with: ECDSA on the curve P-256.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::json;

use super::SigningError;
use crate::auth::Sealer;
use crate::model::signing_key::ALGORITHM;
use crate::model::{SigningKey, SigningKeyId};

/// Bytes of one coordinate of a point.
const COORDINATE: usize = 32;
/// The first byte of a point that is written with both coordinates (SEC 1, section 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// A new key that signs from `not_before` on, its private part sealed.
///
/// # Errors
/// [`SigningError`]
pub fn new_signing_key(
    now: DateTime<Utc>,
    not_before: DateTime<Utc>,
    sealer: &Sealer,
) -> Result<SigningKey, SigningError> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| SigningError::Generation)?;
    let (x, y) = match pair.public_key().as_ref().split_first() {
        Some((&UNCOMPRESSED, point)) if point.len() == 2 * COORDINATE => point.split_at(COORDINATE),
        _ => return Err(SigningError::Generation),
    };
    let coordinate = |bytes| URL_SAFE_NO_PAD.encode(bytes);
    let public_key = json!({ "kty": "EC", "crv": "P-256", "x": coordinate(x), "y": coordinate(y) });
    let private = pair.to_pkcs8v1().map_err(|_| SigningError::Generation)?;
    let id = SigningKeyId::new(now);
    Ok(SigningKey {
        id,
        algorithm: ALGORITHM.to_owned(),
        public_key,
        sealed_key: Some(sealer.seal(&context(id), private.as_ref())?),
        created_at: now,
        not_before,
        retired_at: None,
    })
}

/// What a private key is sealed for.
pub(super) fn context(id: SigningKeyId) -> String {
    format!("signing_key:{id}")
}
