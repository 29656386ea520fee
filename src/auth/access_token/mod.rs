//! Access tokens: what clients get for their secret, and send as a bearer (RFC 9068: JSON Web Tokens).
//!
//! Only what we write ourselves is read: one algorithm, one type, and of the header nothing but the three members that our own
//! tokens have. So there is no algorithm to choose, and no `jku`, `jwk` or `x5u` to follow. Keys come from our own list alone.

mod claims;
mod error;
mod event;
mod key_pair;
mod key_ring;
mod recent;
mod text;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, crypto};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha256};

use self::claims::Claims;
use self::recent::Recent;
use self::text::Parts;
use super::{AuthError, ClientId, SealError, Sealer};
use crate::model::{AccessTokenId, CredentialId, Scopes, SigningKey, SigningKeyId, SigningKeys, TenantId};
use crate::store::{Store, StoreError};

pub use self::error::{AccessTokenError, SigningError};
pub use self::event::sign_event;
pub use self::key_pair::new_signing_key;
use self::key_ring::KeyRing;
pub use self::text::issuer_of;

/// What clocks may differ by.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// The type of an access token (RFC 9068, section 2.1).
const TYPE: &str = "at+jwt";

/// Signs and checks the access tokens of one worker.
pub struct AccessTokens {
    issuer: Arc<str>,
    audience: Arc<str>,
    keys: KeyRing,
    recent: Recent<[u8; 32], Arc<Accepted>>,
}

/// What an access token grants, to be signed.
#[derive(Debug, Clone, Copy)]
pub struct Grant {
    /// To whom.
    pub credential: CredentialId,
    /// In which tenant.
    pub tenant: TenantId,
    /// What.
    pub scopes: Scopes,
    /// For how long.
    pub lifetime: TimeDelta,
}

/// What an access token says whose signature is ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// To whom it was given.
    pub credential: CredentialId,
    /// In which tenant.
    pub tenant: TenantId,
    /// What it grants.
    pub scopes: Scopes,
    key: SigningKeyId,
    not_before: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl AccessTokens {
    /// Access tokens of the server `issuer` (its public URL) for `audience` (the base URL of its SCIM endpoints).
    pub fn new(store: Store, issuer: Arc<str>, audience: Arc<str>) -> Self {
        Self { issuer, audience, keys: KeyRing::new(store), recent: Recent::new() }
    }

    /// The issuer's name (RFC 8414, section 2), which is also where its metadata is found.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The keys that are known; at most two seconds old.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn keys(&self) -> Result<Arc<SigningKeys>, StoreError> {
        self.keys.with(|_| true).await
    }

    /// Forgets the keys that are known, after they were changed.
    pub fn forget_keys(&self) {
        self.keys.forget();
    }

    /// Signs what is granted.
    ///
    /// # Errors
    /// [`SigningError`]
    pub fn sign(
        &self,
        key: &SigningKey,
        sealer: &Sealer,
        grant: Grant,
        now: DateTime<Utc>,
    ) -> Result<SecretString, SigningError> {
        let sealed = key.sealed_key.as_deref().ok_or(SigningError::Sealed(SealError::Changed))?;
        let private = sealer.open(&key_pair::context(key.id), sealed)?;
        let client = ClientId(grant.credential).to_string();
        let claims = Claims {
            iss: self.issuer.to_string(),
            sub: client.clone(),
            client_id: client,
            aud: self.audience.to_string(),
            scope: grant.scopes.to_string(),
            jti: AccessTokenId::new(now).to_string(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: (now + grant.lifetime).timestamp(),
            tenant: grant.tenant.to_string(),
        };
        let header = Header { typ: Some(TYPE.into()), kid: Some(key.id.to_string()), ..Header::new(Algorithm::ES256) };
        let signed = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ec_der(private.expose_secret()));
        Ok(signed.map_err(|_| SigningError::Signature)?.into())
    }

    /// Checks a token and tells what it says. One that was checked before is only held against the clock and the keys; for
    /// another `may_look_up` is asked first, with the credential that it claims to have been given to.
    ///
    /// # Errors
    /// [`AccessTokenError`], or what `may_look_up` answers.
    pub async fn accept(
        &self,
        text: &str,
        now: DateTime<Utc>,
        may_look_up: impl FnOnce(CredentialId) -> Result<(), AuthError>,
    ) -> Result<Arc<Accepted>, AuthError> {
        let digest = Sha256::digest(text).into();
        if let Some(known) = self.recent.get(&digest) {
            self.with_key(known.key, now, |_| Ok(())).await?;
            known.check_time(now)?;
            return Ok(known);
        }
        let parts = Parts::parse(text)?;
        let key = parts.key(TYPE)?;
        may_look_up(parts.client()?.0)?;
        let accepted = Arc::new(self.with_key(key, now, |key| self.read(&parts, key)).await?);
        accepted.check_time(now)?;
        self.recent.put(digest, accepted.clone());
        Ok(accepted)
    }

    /// Does something with the key of that id, which has to be one whose signatures are taken.
    async fn with_key<T>(
        &self,
        id: SigningKeyId,
        now: DateTime<Utc>,
        work: impl FnOnce(&SigningKey) -> Result<T, AccessTokenError>,
    ) -> Result<T, AccessTokenError> {
        let keys = self.keys.with(|keys| keys.find(id, now).is_some()).await.map_err(AccessTokenError::Unchecked)?;
        work(keys.find(id, now).ok_or(AccessTokenError::UnknownKey)?)
    }

    /// Checks the signature, and then what is signed but for the time.
    fn read(&self, parts: &Parts<'_>, key: &SigningKey) -> Result<Accepted, AccessTokenError> {
        let coordinate = |name: &str| key.public_key.get(name).and_then(Value::as_str).unwrap_or_default();
        let public = DecodingKey::from_ec_components(coordinate("x"), coordinate("y"));
        let public = public.map_err(|_| AccessTokenError::UnknownKey)?;
        let verified = crypto::verify(parts.signature, parts.signed.as_bytes(), &public, Algorithm::ES256);
        if !verified.unwrap_or(false) {
            return Err(AccessTokenError::Signature);
        }
        let claims: Claims = parts.claims()?;
        if *claims.iss != *self.issuer || claims.sub != claims.client_id {
            return Err(AccessTokenError::Malformed);
        }
        if *claims.aud != *self.audience {
            return Err(AccessTokenError::Audience);
        }
        let instant = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(AccessTokenError::Malformed);
        Ok(Accepted {
            credential: claims.sub.parse::<ClientId>().map_err(|_| AccessTokenError::Malformed)?.0,
            tenant: claims.tenant.parse().map_err(|_| AccessTokenError::Malformed)?,
            scopes: Scopes::known(claims.scope.split(' ')),
            key: key.id,
            not_before: instant(claims.nbf)?,
            expires_at: instant(claims.exp)?,
        })
    }
}

impl Accepted {
    fn check_time(&self, now: DateTime<Utc>) -> Result<(), AccessTokenError> {
        if self.expires_at + LEEWAY <= now {
            return Err(AccessTokenError::Expired);
        }
        if self.not_before > now + LEEWAY {
            return Err(AccessTokenError::NotYet);
        }
        Ok(())
    }
}
