//! Secrets of 256 random bits that are handed out as text: in cookies and in links. Of each only SHA-256 is kept.

use rand::CryptoRng;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};

use super::printed::{decode, encode};

const BYTES: usize = 32;

/// 256 random bits. They cannot be printed; [`RandomSecret::reveal`] is the one way out.
pub struct RandomSecret(SecretBox<[u8; BYTES]>);

impl RandomSecret {
    /// A new one.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(SecretBox::init_with_mut(|bytes: &mut [u8; BYTES]| rng.fill_bytes(bytes)))
    }

    /// Reads the text that [`RandomSecret::reveal`] gives.
    pub fn parse(text: &str) -> Option<Self> {
        decode::<BYTES>(text).map(|bytes| Self(SecretBox::new(Box::new(bytes))))
    }

    /// What is kept of it.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.expose_secret()).into()
    }

    /// The text.
    pub fn reveal(&self) -> SecretString {
        encode(self.0.expose_secret()).into()
    }

    /// The bits themselves.
    pub(super) fn bytes(&self) -> &[u8; BYTES] {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_back_from_its_text() {
        let secret = RandomSecret::generate(&mut rand::rng());
        let text = secret.reveal();
        assert_eq!(RandomSecret::parse(text.expose_secret()).unwrap().digest(), secret.digest());
        for wrong in ["", "x", &text.expose_secret()[1..]] {
            assert!(RandomSecret::parse(wrong).is_none());
        }
    }
}
