//! The second factor: codes by time (RFC 6238), as authenticator apps make them, and recovery codes for when the phone is lost.

use chrono::{DateTime, Utc};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretBox, SecretSlice, SecretString};
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret, Totp};

use super::printed::encode;
use super::{SealError, Sealer};
use crate::model::AdminId;

/// Bytes of a secret: what HMAC-SHA-1 takes whole, which is all that some apps know.
const BYTES: usize = 20;
/// Steps of 30 s that a clock may be off.
const SKEW: u16 = 1;
/// How many recovery codes are handed out, and the bytes of each.
const CODES: usize = 10;
const CODE_BYTES: usize = 10;
/// Characters between two hyphens of a recovery code.
const GROUP: usize = 4;

/// The secret that an authenticator app shares. It cannot be printed.
pub struct TotpSecret(SecretBox<[u8; BYTES]>);

impl TotpSecret {
    /// A new one.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(SecretBox::init_with_mut(|bytes: &mut [u8; BYTES]| rng.fill_bytes(bytes)))
    }

    /// Opens what the database keeps of an administrator's.
    ///
    /// # Errors
    /// [`SealError`]
    pub fn open(sealer: &Sealer, admin: AdminId, sealed: &[u8]) -> Result<Self, SealError> {
        let bytes: SecretSlice<u8> = sealer.open(&context(admin), sealed)?;
        let bytes: [u8; BYTES] = bytes.expose_secret().try_into().map_err(|_| SealError::Changed)?;
        Ok(Self(SecretBox::new(Box::new(bytes))))
    }

    /// Reads the secret as people type it into an app.
    pub fn from_base32(text: &str) -> Option<Self> {
        let secret = Secret::try_from_base32(text).ok()?;
        Some(Self(SecretBox::new(Box::new(secret.as_bytes().try_into().ok()?))))
    }

    /// What the database keeps of it.
    ///
    /// # Errors
    /// [`SealError`]
    pub fn seal(&self, sealer: &Sealer, admin: AdminId) -> Result<Vec<u8>, SealError> {
        sealer.seal(&context(admin), self.0.expose_secret())
    }

    /// The time step that a code belongs to, if it is one of about now. The caller holds that each step is used once.
    pub fn step(&self, code: &str, now: DateTime<Utc>) -> Option<i64> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let time = u64::try_from(now.timestamp()).ok()?;
        i64::try_from(self.totp()?.check(&code, time)?).ok()
    }

    /// The code of an instant.
    pub fn code(&self, at: DateTime<Utc>) -> Option<String> {
        Some(self.totp()?.generate(u64::try_from(at.timestamp()).ok()?).to_string())
    }

    fn totp(&self) -> Option<Totp> {
        Builder::new().with_secret(Secret::from(*self.0.expose_secret())).with_skew(SKEW).build().ok()
    }

    /// The secret as people type it into an app.
    pub fn base32(&self) -> SecretString {
        Secret::from(*self.0.expose_secret()).to_base32().into()
    }

    /// The secret as an app reads it from a picture (Key URI format).
    pub fn uri(&self, email: &str) -> SecretString {
        let label: String = url::form_urlencoded::byte_serialize(email.as_bytes()).collect();
        let secret = self.base32();
        format!("otpauth://totp/scimgate:{label}?secret={}&issuer=scimgate", secret.expose_secret()).into()
    }

    /// The picture of it, as SVG.
    pub fn qr_code(&self, email: &str) -> Option<SecretString> {
        let code = QrCode::with_error_correction_level(self.uri(email).expose_secret(), EcLevel::M).ok()?;
        let picture = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
        // For a place within a page: without the declaration of a document of its own.
        let start = picture.find("<svg").unwrap_or_default();
        Some(picture[start..].to_owned().into())
    }
}

fn context(admin: AdminId) -> String {
    format!("totp:{admin}")
}

/// New recovery codes. Each works once, in the place of a code by time.
pub fn recovery_codes(rng: &mut impl CryptoRng) -> Vec<SecretString> {
    let code = |_| {
        let mut bytes = [0; CODE_BYTES];
        rng.fill_bytes(&mut bytes);
        let text = encode(&bytes);
        let groups: Vec<&str> = (0..text.len()).step_by(GROUP).filter_map(|at| text.get(at..at + GROUP)).collect();
        groups.join("-").into()
    };
    (0..CODES).map(code).collect()
}

/// What is kept of a recovery code, however it is written; `None` if it is none. 80 random bits need no slow hash.
pub fn recovery_digest(code: &str) -> Option<[u8; 32]> {
    let plain: String = code.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    (plain.len() == CODE_BYTES * 8 / 5).then(|| Sha256::digest(plain).into())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    /// The key of RFC 6238, appendix B.
    fn of_the_rfc() -> TotpSecret {
        TotpSecret(SecretBox::new(Box::new(*b"12345678901234567890")))
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(of_the_rfc().code(at(seconds)).unwrap(), code);
            assert_eq!(of_the_rfc().step(code, at(seconds)), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_is_good_a_step_before_and_after_its_own() {
        let (secret, now) = (of_the_rfc(), at(1_111_111_109));
        let code = secret.code(now).unwrap();
        for (off, is_good) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            assert_eq!(secret.step(&code, now + TimeDelta::seconds(off)).is_some(), is_good, "{off}");
        }
        for wrong in ["", "12345", "1234567", "abcdef", "000000"] {
            assert_eq!(secret.step(wrong, now), None, "{wrong}");
        }
        assert!(secret.step("081 804", now).is_some());
    }

    #[test]
    fn an_app_can_read_it() {
        let uri = of_the_rfc().uri("ada+x@example.com");
        let wanted =
            "otpauth://totp/scimgate:ada%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=scimgate";
        assert_eq!(uri.expose_secret(), wanted);
        assert!(of_the_rfc().qr_code("a@b.c").unwrap().expose_secret().starts_with("<svg"));
    }

    #[test]
    fn recovery_codes_are_known_however_they_are_typed() {
        let codes = recovery_codes(&mut rand::rng());
        assert_eq!(codes.len(), 10);
        let code = codes[0].expose_secret();
        assert_eq!(code.len(), 19, "{code}");
        let typed = code.to_uppercase().replace('-', " ");
        assert_eq!(recovery_digest(&typed), recovery_digest(code));
        assert_ne!(recovery_digest(codes[1].expose_secret()), recovery_digest(code));
        assert_eq!(recovery_digest("123456"), None);
    }
}
