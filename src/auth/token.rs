//! Bearer tokens: `scim_<id>_<secret>_<checksum>`.
//!
//! The prefix lets secret scanners recognise a leaked token and people tell what it is; the id finds the credential
//! without a look-up by secret; the secret is 256 random bits, so a fast hash at rest is enough; the checksum tells a
//! token that was cut or mistyped from one that is unknown, without asking the database. The parts are written in lower
//! case base 32 (Crockford's digits: no `i`, `l`, `o`, `u`).

use std::fmt;

use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::model::CredentialId;

const PREFIX: &str = "scim";
const SECRET_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Text that is no token. It never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAToken {
    /// There is nothing.
    #[error("the token is empty")]
    Empty,
    /// It does not look like one of our tokens.
    #[error("this is not a token of this server: tokens begin with \"scim_\" and have four parts")]
    Shape,
    /// It looks like one, but a character was changed or lost.
    #[error("the token is damaged: it was cut or mistyped; copy it again")]
    Checksum,
}

/// A token as its holder has it. It cannot be printed; [`Token::reveal`] is the one way out.
pub struct Token {
    id: CredentialId,
    secret: SecretBox<[u8; SECRET_BYTES]>,
}

impl Token {
    /// A new token for the credential `id`.
    pub fn generate(id: CredentialId, rng: &mut impl CryptoRng) -> Self {
        let secret = SecretBox::init_with_mut(|bytes: &mut [u8; SECRET_BYTES]| rng.fill_bytes(bytes));
        Self { id, secret }
    }

    /// Reads what a client sent.
    pub fn parse(text: &str) -> Result<Self, NotAToken> {
        if text.is_empty() {
            return Err(NotAToken::Empty);
        }
        let mut parts = text.split('_');
        let (Some(PREFIX), Some(id), Some(secret), Some(checksum), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NotAToken::Shape);
        };
        let covered = &text[..text.len() - checksum.len() - 1];
        if checksum.as_bytes().ct_eq(checksum_of(covered).as_bytes()).unwrap_u8() == 0 {
            return Err(NotAToken::Checksum);
        }
        let id = decode::<16>(id).ok_or(NotAToken::Shape)?;
        let secret = decode::<SECRET_BYTES>(secret).ok_or(NotAToken::Shape)?;
        Ok(Self { id: CredentialId(Uuid::from_bytes(id)), secret: SecretBox::new(Box::new(secret)) })
    }

    /// The credential it claims to be.
    pub fn id(&self) -> CredentialId {
        self.id
    }

    /// What is kept of it: SHA-256 of the secret. An argon2 hash would cost each request milliseconds and protect nothing,
    /// since nobody can guess 256 random bits.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(Sha256::digest(self.secret.expose_secret()).into())
    }

    /// The token as text, to be shown once.
    pub fn reveal(&self) -> SecretString {
        let covered = format!("{PREFIX}_{}_{}", encode(self.id.0.as_bytes()), encode(self.secret.expose_secret()));
        format!("{covered}_{}", checksum_of(&covered)).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}, secret not shown)", self.id)
    }
}

/// SHA-256 of a token's secret, as it is stored. Two of them are compared in constant time alone.
#[derive(Clone, Copy)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// Wraps what the store kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are of the same secret.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(not shown)")
    }
}

fn checksum_of(covered: &str) -> String {
    encode(&Sha256::digest(covered)[..CHECKSUM_BYTES])
}

/// Bytes in lower case base 32.
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
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn token() -> Token {
        Token::generate(CredentialId::new(DateTime::UNIX_EPOCH), &mut rand::rng())
    }

    #[test]
    fn a_token_comes_back_from_its_text() {
        let token = token();
        let text = token.reveal();
        let read = Token::parse(text.expose_secret()).unwrap();
        assert_eq!(read.id(), token.id());
        assert!(read.digest().matches(&token.digest()));
        assert_eq!(text.expose_secret().len(), "scim_".len() + 26 + 1 + 52 + 1 + 7);
    }

    #[test]
    fn two_tokens_of_one_credential_differ() {
        assert!(!token().digest().matches(&token().digest()));
    }

    #[test]
    fn every_changed_or_lost_character_is_noticed() {
        let text = token().reveal();
        let text = text.expose_secret();
        for at in 0..text.len() {
            let mut changed = text.to_owned();
            let other = if &text[at..=at] == "7" { "8" } else { "7" };
            changed.replace_range(at..=at, other);
            assert!(Token::parse(&changed).is_err(), "a change at {at} went unnoticed");
            assert!(Token::parse(&text[..at]).is_err(), "a cut at {at} went unnoticed");
        }
    }

    #[test]
    fn text_that_is_no_token_is_told_apart() {
        assert_eq!(Token::parse("").err(), Some(NotAToken::Empty));
        assert_eq!(Token::parse("non-token").err(), Some(NotAToken::Shape));
        assert_eq!(Token::parse("scim_a_b_c").err(), Some(NotAToken::Checksum));
    }

    #[test]
    fn debug_output_holds_no_secret() {
        let token = token();
        let text = token.reveal();
        let secret = text.expose_secret().split('_').nth(2).unwrap().to_owned();
        let shown = format!("{token:?} {:?} {text:?}", token.digest());
        assert!(!shown.contains(&secret), "{shown}");
    }

    proptest! {
        #[test]
        fn no_input_panics(text in "(scim_)?[0-9a-z_\u{e4}]{0,100}") {
            let _ = Token::parse(&text);
        }

        #[test]
        fn bytes_have_one_spelling(bytes in any::<[u8; 16]>()) {
            let text = encode(&bytes);
            prop_assert_eq!(decode::<16>(&text), Some(bytes));
            prop_assert_eq!(decode::<16>(&text.to_uppercase()), None.or_else(|| (text == text.to_uppercase()).then_some(bytes)));
        }
    }
}
