//! The hash of a password, be it a SCIM `password` (RFC 7643, section 4.1.1) or an administrator's: argon2id, away from the
//! threads that serve requests.

use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use rand::CryptoRng;
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// How many passwords are hashed at once in this process. Each takes 19 MiB and a whole core for tens of milliseconds:
/// more at once would only take cores and memory from everybody else.
const AT_ONCE: usize = 2;

/// Waiting requests queue here in order; their own deadline bounds the wait.
static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// The password could not be hashed: our own fault. It tells nothing of the password.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct PasswordError(String);

/// The password as a PHC string (`$argon2id$...`) with a salt of its own.
pub async fn hash(password: SecretString) -> Result<String, PasswordError> {
    let turn = TURNS.acquire().await.map_err(|error| PasswordError(error.to_string()))?;
    let hashed = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        Argon2::default().hash_password(password.expose_secret().as_bytes()).map(|hash| hash.to_string())
    });
    hashed.await.map_err(|error| PasswordError(error.to_string()))?.map_err(|error| PasswordError(error.to_string()))
}

/// How many characters a password has that is made here, and of which: none that people take for another one. 20 of 56 are 116
/// random bits.
const MADE: usize = 20;
const CHARACTERS: &[u8; 56] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A new password, to be shown once.
pub fn generate(rng: &mut impl CryptoRng) -> SecretString {
    let mut made = String::with_capacity(MADE);
    let mut bytes = [0; MADE];
    while made.len() < MADE {
        rng.fill_bytes(&mut bytes);
        // Bytes beyond the last multiple of 56 would make some characters more likely than others.
        let fair = bytes.iter().filter(|byte| usize::from(**byte) < 256 / CHARACTERS.len() * CHARACTERS.len());
        let characters = fair.map(|byte| char::from(CHARACTERS[usize::from(*byte) % CHARACTERS.len()]));
        made.extend(characters.take(MADE - made.len()));
    }
    bytes.zeroize();
    made.into()
}

/// Whether that is the password that was hashed. Without a hash there is none to be had, and as much work is done.
pub async fn verify(password: SecretString, hash: Option<String>) -> Result<bool, PasswordError> {
    static NOBODY_S: OnceLock<String> = OnceLock::new();
    let turn = TURNS.acquire().await.map_err(|error| PasswordError(error.to_string()))?;
    let verified = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let argon2 = Argon2::default();
        let nobody_s = NOBODY_S
            .get_or_init(|| argon2.hash_password(b"of nobody").map(|hash| hash.to_string()).unwrap_or_default());
        let parsed = PasswordHash::new(hash.as_ref().unwrap_or(nobody_s))?;
        let matches = argon2.verify_password(password.expose_secret().as_bytes(), &parsed).is_ok();
        Ok(matches && hash.is_some())
    });
    let verified: Result<bool, argon2::password_hash::phc::Error> =
        verified.await.map_err(|error| PasswordError(error.to_string()))?;
    verified.map_err(|error| PasswordError(error.to_string()))
}

#[cfg(test)]
mod tests {

    use super::*;

    #[tokio::test]
    async fn a_hash_verifies_its_password_alone() {
        let hashed = hash("t1meMa$heen".to_owned().into()).await.unwrap();
        assert!(hashed.starts_with("$argon2id$"), "{hashed}");
        let verify = |password: &str, hash: Option<&String>| verify(password.to_owned().into(), hash.cloned());
        assert!(verify("t1meMa$heen", Some(&hashed)).await.unwrap());
        assert!(!verify("t1meMa$heem", Some(&hashed)).await.unwrap());
        assert!(!verify("of nobody", None).await.unwrap());
    }

    #[tokio::test]
    async fn one_password_has_many_hashes() {
        let once = hash("same".to_owned().into()).await.unwrap();
        assert_ne!(once, hash("same".to_owned().into()).await.unwrap());
    }
}
