//! Tokens that were found good, so that a request does not cost the check of a signature.
//!
//! An entry is worth what made the token good: the issuer as it was registered and the very set of keys. When either is
//! another, the token is checked anew.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::claims::LEEWAY;
use super::jwk::KeySet;
use crate::model::CredentialId;

/// Tokens at most. One that was dropped is checked again.
const CAPACITY: usize = 4_096;

/// What made a token good.
#[derive(Clone)]
pub(super) struct Accepted {
    /// As which credential it acts.
    pub id: CredentialId,
    /// The state of its issuer.
    pub modified_at: DateTime<Utc>,
    /// The keys, one of which signed it.
    pub keys: Arc<KeySet>,
    /// When it expires.
    pub end: DateTime<Utc>,
}

/// Tokens that were found good, by their SHA-256; one worker's own.
#[derive(Default)]
pub(super) struct Seen(RefCell<HashMap<[u8; 32], Accepted>>);

impl Seen {
    /// What made the token good, unless it has expired.
    pub fn get(&self, digest: &[u8; 32], now: DateTime<Utc>) -> Option<Accepted> {
        self.0.borrow().get(digest).filter(|accepted| now < accepted.end + LEEWAY).cloned()
    }

    /// Keeps a good token.
    pub fn keep(&self, digest: [u8; 32], accepted: Accepted) {
        let mut tokens = self.0.borrow_mut();
        if tokens.len() >= CAPACITY {
            tokens.clear();
        }
        tokens.insert(digest, accepted);
    }
}
