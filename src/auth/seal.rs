//! Secrets that have to be read again, sealed for the database: private keys, TOTP secrets, passwords of mail servers.
//!
//! AES-256-GCM under a key that the database does not have ([`SecretKey`]). What it is for goes in as associated data, so a
//! sealed secret that is moved to another row opens no more.
//!
//! ```text
//! 1 byte     4 bytes                 12 bytes   n bytes      16 bytes
//! version    which key (see below)   nonce      ciphertext   tag
//! ```

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use secrecy::SecretSlice;
use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256};

use crate::config::SecretKey;

const VERSION: u8 = 1;
const NAME_BYTES: usize = 4;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// Why something could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No key that is configured sealed it.
    #[error(
        "it was sealed with another secret key; add that key as a further line of --secret-key-file or SCIMGATE_SECRET_KEY"
    )]
    OtherKey,
    /// It was changed, or sealed for something else.
    #[error("it is not what was sealed: it was changed, or belongs elsewhere")]
    Changed,
    /// The cipher failed: our own fault.
    #[error("the cipher failed")]
    Cipher,
}

/// Seals and opens secrets.
pub struct Sealer {
    keys: Vec<([u8; NAME_BYTES], RandomizedNonceKey)>,
}

impl Sealer {
    /// With the first of these keys it seals, and with any of them it opens.
    ///
    /// # Errors
    /// [`SealError::Cipher`]
    pub fn new(key: &SecretKey) -> Result<Self, SealError> {
        let named = |key: &[u8; 32]| Ok((name(key), RandomizedNonceKey::new(&AES_256_GCM, key)?));
        let keys = key.expose().iter().map(named).collect::<Result<_, aws_lc_rs::error::Unspecified>>();
        Ok(Self { keys: keys.map_err(|_| SealError::Cipher)? })
    }

    /// Seals `secret`. `context` says what it is and whose, for example `totp:<admin's id>`; it has to be the same to open it.
    ///
    /// # Errors
    /// [`SealError::Cipher`]
    pub fn seal(&self, context: &str, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        let (name, key) = self.keys.first().ok_or(SealError::Cipher)?;
        let mut content = Zeroizing::new(Vec::with_capacity(secret.len() + TAG_BYTES));
        content.extend_from_slice(secret);
        let nonce = key.seal_in_place_append_tag(Aad::from(context), &mut *content).map_err(|_| SealError::Cipher)?;
        Ok([&[VERSION], &name[..], nonce.as_ref(), &content[..]].concat())
    }

    /// The secret that was sealed for `context`.
    ///
    /// # Errors
    /// [`SealError`]
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<SecretSlice<u8>, SealError> {
        let (head, content) = sealed.split_at_checked(1 + NAME_BYTES + NONCE_BYTES).ok_or(SealError::Changed)?;
        let (version, head) = head.split_at(1);
        let (wanted, nonce) = head.split_at(NAME_BYTES);
        if version != [VERSION] {
            return Err(SealError::Changed);
        }
        let key = self.keys.iter().find(|(name, _)| name[..] == *wanted);
        let (_, key) = key.ok_or(SealError::OtherKey)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Changed)?;
        let mut content = Zeroizing::new(content.to_vec());
        let secret = key.open_in_place(nonce, Aad::from(context), &mut content).map_err(|_| SealError::Changed)?;
        Ok(secret.to_vec().into())
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(keys not shown)")
    }
}

/// Tells keys apart: a piece of the key's hash, from which no key comes back.
fn name(key: &[u8; 32]) -> [u8; NAME_BYTES] {
    let hash = Sha256::new().chain_update("scimgate secret key ").chain_update(key).finalize();
    std::array::from_fn(|index| hash[index])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;

    const ONE: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    const OTHER: &str = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

    fn sealer(keys: &str) -> Sealer {
        Sealer::new(&SecretKey::parse(keys).unwrap()).unwrap()
    }

    proptest! {
        #[test]
        fn what_was_sealed_comes_back(context in "[a-z:]{0,20}", secret in any::<Vec<u8>>()) {
            let sealed = sealer(ONE).seal(&context, &secret).unwrap();
            let opened = sealer(ONE).open(&context, &sealed).unwrap();
            prop_assert_eq!(opened.expose_secret(), &secret[..]);
            prop_assert_eq!(sealer(ONE).open(&format!("{context}x"), &sealed).err(), Some(SealError::Changed));
        }

        #[test]
        fn nothing_that_was_not_sealed_opens(sealed in any::<Vec<u8>>()) {
            prop_assert!(sealer(ONE).open("", &sealed).is_err());
        }
    }

    #[test]
    fn every_changed_or_lost_byte_is_noticed() {
        let sealed = sealer(ONE).seal("c", b"secret").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(sealer(ONE).open("c", &changed).is_err(), "a change at {at} went unnoticed");
            assert!(sealer(ONE).open("c", &sealed[..at]).is_err(), "a cut at {at} went unnoticed");
        }
    }

    #[test]
    fn one_secret_is_sealed_differently_each_time_and_never_readable() {
        let (one, other) = (sealer(ONE).seal("c", b"secret").unwrap(), sealer(ONE).seal("c", b"secret").unwrap());
        assert_ne!(one, other);
        assert!(!one.windows(6).any(|bytes| bytes == b"secret"));
    }

    #[test]
    fn a_key_that_was_replaced_still_opens() {
        let sealed = sealer(ONE).seal("c", b"secret").unwrap();
        let both = sealer(&format!("{OTHER}\n{ONE}"));
        assert_eq!(both.open("c", &sealed).unwrap().expose_secret(), b"secret");
        assert_eq!(sealer(OTHER).open("c", &sealed).err(), Some(SealError::OtherKey));
        let newer = both.seal("c", b"secret").unwrap();
        assert!(sealer(OTHER).open("c", &newer).is_ok());
    }

    #[test]
    fn debug_output_holds_no_key() {
        assert_eq!(format!("{:?}", sealer(ONE)), "Sealer(keys not shown)");
    }
}
