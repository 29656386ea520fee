//! Sessions of administrators: from the secret in a cookie to who signed in.
//!
//! The token against cross-site requests follows from the secret, so whoever can send one can send the other, and nobody else.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use rand::CryptoRng;
use secrecy::SecretString;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::printed::encode;
use super::random_secret::RandomSecret;
use crate::model::{Admin, AdminCaller, AdminSession, Clock, RequestId};
use crate::store::{Store, StoreError};

/// Use of a session is noted this often.
const NOTED: TimeDelta = TimeDelta::minutes(1);

/// The secret in a session's cookie.
pub struct SessionSecret(RandomSecret);

impl SessionSecret {
    /// A new one.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(RandomSecret::generate(rng))
    }

    /// Reads a cookie's value.
    pub fn parse(text: &str) -> Option<Self> {
        RandomSecret::parse(text).map(Self)
    }

    /// What is kept of it.
    pub fn digest(&self) -> [u8; 32] {
        self.0.digest()
    }

    /// The cookie's value.
    pub fn reveal(&self) -> SecretString {
        self.0.reveal()
    }

    /// The token that a page of the session sends with each change, in a header or a field of its form.
    pub fn csrf_token(&self) -> String {
        // A key of any length fits.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.bytes()) else { return String::new() };
        mac.update(b"csrf");
        encode(&mac.finalize().into_bytes())
    }

    /// Whether that token was sent.
    pub fn csrf_matches(&self, sent: &str) -> bool {
        let expected = self.csrf_token();
        !expected.is_empty() && bool::from(expected.as_bytes().ct_eq(sent.as_bytes()))
    }
}

/// An administrator and the session that it signed in with.
#[derive(Debug)]
pub struct SignedIn {
    /// Who.
    pub admin: Admin,
    /// Its session.
    pub session: AdminSession,
}

impl SignedIn {
    /// The one who makes a request.
    pub fn caller(&self, request: RequestId, address: Option<IpAddr>) -> AdminCaller {
        self.admin.caller(request, address)
    }
}

/// Looks up sessions.
#[derive(Clone)]
pub struct Sessions {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl Sessions {
    /// Sessions from a store; their end is told by the clock.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Whose session it is, if it holds and every factor was given. Asked anew for each request, so that its end takes
    /// effect at once.
    pub async fn find(&self, secret: &SessionSecret) -> Result<Option<SignedIn>, StoreError> {
        Ok(self.find_any(secret).await?.filter(|found| found.session.is_complete))
    }

    /// As [`Sessions::find`], and also a session that waits for the second factor.
    pub async fn find_any(&self, secret: &SessionSecret) -> Result<Option<SignedIn>, StoreError> {
        let now = self.clock.now();
        let Some((admin, session)) = self.store.session(&secret.digest()).await? else { return Ok(None) };
        if !session.holds(now) || admin.disabled_at.is_some() {
            return Ok(None);
        }
        if session.last_seen_at + NOTED <= now {
            self.store.touch_session(session.id, now).await?;
        }
        Ok(Some(SignedIn { admin, session }))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_csrf_token_belongs_to_one_session_and_tells_nothing_of_it() {
        let (one, other) = (SessionSecret::generate(&mut rand::rng()), SessionSecret::generate(&mut rand::rng()));
        assert!(one.csrf_matches(&one.csrf_token()));
        assert!(!one.csrf_matches(&other.csrf_token()) && !one.csrf_matches(""));
        assert_ne!(one.csrf_token(), one.reveal().expose_secret());
    }
}
