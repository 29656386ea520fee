//! Secrets as their holders have them: `<prefix>_<id>_<secret>_<checksum>`.
//!
//! The prefix lets secret scanners recognise a leaked secret and people tell what it is; the id finds what is kept of it
//! without a look-up by secret; the secret is 256 random bits, so a fast hash at rest is enough; the checksum tells a text
//! that was cut or mistyped from one that is unknown, without asking the database. The parts are written in lower
//! case base 32 (Crockford's digits: no `i`, `l`, `o`, `u`).

use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{NotAToken, TokenDigest};

const SECRET_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;
/// Digits of the id that tell one text from others for people: its time and some of what is random.
const BEGINNING: usize = 16;
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// An id and 256 random bits. They cannot be printed but by [`Printed::reveal`].
pub(super) struct Printed {
    pub id: Uuid,
    secret: SecretBox<[u8; SECRET_BYTES]>,
}

impl Printed {
    /// New random bits for `id`.
    pub fn generate(id: Uuid, rng: &mut impl CryptoRng) -> Self {
        let secret = SecretBox::init_with_mut(|bytes: &mut [u8; SECRET_BYTES]| rng.fill_bytes(bytes));
        Self { id, secret }
    }

    /// How the text of `id` begins.
    pub fn beginning(prefix: &str, id: Uuid) -> String {
        format!("{prefix}_{}", &encode(id.as_bytes())[..BEGINNING])
    }

    /// Reads what begins with `prefix`.
    pub fn parse(prefix: &str, text: &str) -> Result<Self, NotAToken> {
        if text.is_empty() {
            return Err(NotAToken::Empty);
        }
        let mut parts = text.split('_');
        let (Some(first), Some(id), Some(secret), Some(checksum), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NotAToken::Shape);
        };
        if first != prefix {
            return Err(NotAToken::Shape);
        }
        let covered = &text[..text.len() - checksum.len() - 1];
        if checksum.as_bytes().ct_eq(checksum_of(covered).as_bytes()).unwrap_u8() == 0 {
            return Err(NotAToken::Checksum);
        }
        let id = decode::<16>(id).ok_or(NotAToken::Shape)?;
        let secret = decode::<SECRET_BYTES>(secret).ok_or(NotAToken::Shape)?;
        Ok(Self { id: Uuid::from_bytes(id), secret: SecretBox::new(Box::new(secret)) })
    }

    /// What is kept of it: SHA-256 of the secret. An argon2 hash would cost each request milliseconds and protect nothing,
    /// since nobody can guess 256 random bits.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::from_bytes(Sha256::digest(self.secret.expose_secret()).into())
    }

    /// As text, to be shown once.
    pub fn reveal(&self, prefix: &str) -> SecretString {
        let covered = format!("{prefix}_{}_{}", encode(self.id.as_bytes()), encode(self.secret.expose_secret()));
        format!("{covered}_{}", checksum_of(&covered)).into()
    }
}

fn checksum_of(covered: &str) -> String {
    encode(&Sha256::digest(covered)[..CHECKSUM_BYTES])
}

/// Writes bytes as digits.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity((bytes.len() * 8).div_ceil(5));
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(digit(held >> bits));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(digit(held << (5 - bits)));
    }
    text
}

fn digit(value: u32) -> char {
    char::from(DIGITS[(value & 31) as usize])
}

/// The bytes that [`encode`] writes as `text`; each has one spelling.
pub(super) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != (N * 8).div_ceil(5) {
        return None;
    }
    let mut bytes = [0; N];
    let (mut held, mut bits, mut filled) = (0_u32, 0, 0);
    for byte in text.bytes() {
        let value = DIGITS.iter().position(|digit| *digit == byte)?;
        held = held << 5 | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            *bytes.get_mut(filled)? = u8::try_from(held >> bits & 0xff).ok()?;
            filled += 1;
            held &= (1 << bits) - 1;
        }
    }
    (filled == N && held == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bytes_have_one_spelling(bytes in any::<[u8; 16]>()) {
            let text = encode(&bytes);
            prop_assert_eq!(decode::<16>(&text), Some(bytes));
            prop_assert_eq!(decode::<16>(&text.to_uppercase()), None.or_else(|| (text == text.to_uppercase()).then_some(bytes)));
        }
    }
}
