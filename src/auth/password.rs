//! The hash of a SCIM `password` (RFC 7643, section 4.1.1): argon2id, away from the threads that serve requests.

use argon2::Argon2;
use argon2::password_hash::PasswordHasher;
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

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordVerifier;
    use argon2::password_hash::phc::PasswordHash;

    use super::*;

    #[tokio::test]
    async fn a_hash_verifies_its_password_alone() {
        let hashed = hash("t1meMa$heen".to_owned().into()).await.unwrap();
        assert!(hashed.starts_with("$argon2id$"), "{hashed}");
        let hashed = PasswordHash::new(&hashed).unwrap();
        assert!(Argon2::default().verify_password(b"t1meMa$heen", &hashed).is_ok());
        assert!(Argon2::default().verify_password(b"t1meMa$heem", &hashed).is_err());
    }

    #[tokio::test]
    async fn one_password_has_many_hashes() {
        let once = hash("same".to_owned().into()).await.unwrap();
        assert_ne!(once, hash("same".to_owned().into()).await.unwrap());
    }
}
