//! Tokens of trusted issuers: signed elsewhere, checked here, so that no secret is kept at either side.
//!
//! Two uses. A workload shows its issuer's token as a bearer token ([`Federation::verify_bearer`]); or it trades it at the
//! token endpoint for one of ours, as a client assertion ([`Federation::verify_assertion`], RFC 7523, section 2.2).
//!
//! What a token says of itself is believed once its signature was checked with a key of the issuer that it names, and that
//! issuer's keys come from the URL that an administrator registered: never from the token (`jku`, `x5u`, `jwk`). Until then
//! every refusal reads the same. No network stands here: keys come through [`FetchKeys`].

mod claims;
mod error;
mod jwk;
mod jwt;
mod key_sets;
mod seen;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use sha2::{Digest, Sha256};

use self::claims::{LEEWAY, Life};
use self::jwt::Jwt;
use self::seen::{Accepted, Seen};
use super::cache::Cache;
use super::{Claimed, ClientId, Failures};
use crate::model::{Clock, CredentialId, JwksUrl, TrustedIssuer};
use crate::store::Store;

pub use error::{ClaimError, FederationError};
pub use jwk::{KeySet, KeySetError, PublicKey};
pub use jwt::is_jwt;
pub use key_sets::{FetchError, FetchKeys, Fetched, KeySets};

/// Checks the tokens that come with one worker's requests.
pub struct Federation {
    store: Store,
    clock: Arc<dyn Clock>,
    key_sets: Arc<KeySets>,
    /// Issuers looked up a moment ago.
    issuers: Cache<CredentialId, Arc<TrustedIssuer>>,
    /// Those that tokens of one identity could act as.
    candidates: Cache<[u8; 32], Arc<[TrustedIssuer]>>,
    /// Who has to wait for a look-up.
    failures: Arc<Failures>,
    /// Tokens found good before.
    seen: Seen,
}

impl Federation {
    /// Issuers from a store, their keys from the sets that all workers share.
    pub fn new(store: Store, clock: Arc<dyn Clock>, key_sets: Arc<KeySets>, failures: Arc<Failures>) -> Self {
        let (issuers, candidates, seen) = (Cache::new(), Cache::new(), Seen::default());
        Self { store, clock, key_sets, issuers, candidates, failures, seen }
    }

    /// The credential as which the bearer of `token` acts. Whether that may be used now is not asked here.
    ///
    /// # Errors
    /// That the token is not good, or cannot be checked now.
    pub async fn verify_bearer(&self, token: &str, address: Option<IpAddr>) -> Result<CredentialId, FederationError> {
        let digest = Sha256::digest(token).into();
        if let Some(id) = self.seen_before(&digest).await? {
            return Ok(id);
        }
        let jwt = Jwt::parse(token)?;
        let (issuer, keys, life) = self.found(&jwt, address).await?;
        self.seen.keep(digest, Accepted { id: issuer.id, modified_at: issuer.modified_at, keys, end: life.end });
        Ok(issuer.id)
    }

    /// The credential that a client is, proven by an assertion (RFC 7523, section 3). `client_id` may name the credential,
    /// by its id or as [`ClientId`]; without it the assertion's issuer, audience and subject tell which one it is. An
    /// assertion with a `jti` is good for one use, unless its issuer was registered otherwise. Whether the credential may be
    /// used now is not asked here.
    ///
    /// # Errors
    /// That the assertion is not good, or cannot be checked now.
    pub async fn verify_assertion(
        &self,
        assertion: &str,
        client_id: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<CredentialId, FederationError> {
        let jwt = Jwt::parse(assertion)?;
        let (issuer, life) = match client_id {
            Some(client_id) => self.named(&jwt, client_id, address).await?,
            None => {
                let (issuer, _, life) = self.found(&jwt, address).await?;
                (Arc::new(issuer), life)
            }
        };
        if let Some(jti) = jwt.claims.id()?.filter(|_| issuer.trust.single_use) {
            let (hash, now) = (Sha256::digest(jti).into(), self.clock.now());
            if !self.store.use_assertion((issuer.tenant, issuer.id), &hash, life.end + LEEWAY, now).await? {
                return Err(ClaimError::Replayed.into());
            }
        }
        Ok(issuer.id)
    }

    /// Checks a token as the assertion of that credential, without using it up: for those who set it up.
    ///
    /// # Errors
    /// As [`Federation::verify_assertion`].
    pub async fn examine(&self, token: &str, id: CredentialId) -> Result<(), FederationError> {
        self.named(&Jwt::parse(token)?, &id.to_string(), None).await.map(|_| ())
    }

    /// The trusted issuer that a token fits, found by what the token says.
    async fn found(
        &self,
        jwt: &Jwt<'_>,
        address: Option<IpAddr>,
    ) -> Result<(TrustedIssuer, Arc<KeySet>, Life), FederationError> {
        let identity = jwt.claims.identity();
        let candidates = self.candidates(jwt, identity, address).await?;
        let signed = self.signed_for(jwt, &candidates).await?;
        let life = jwt.claims.life(self.clock.now())?;
        let (issuer, keys) = claims::the_one(&jwt.claims, signed)?;
        self.failures.succeeded(Claimed::Identity(identity), self.clock.now());
        Ok((issuer.clone(), keys, life))
    }

    /// Those that a token could act as: known from a moment ago, or looked up, if that may be done for the address.
    async fn candidates(
        &self,
        jwt: &Jwt<'_>,
        identity: [u8; 32],
        address: Option<IpAddr>,
    ) -> Result<Arc<[TrustedIssuer]>, FederationError> {
        let now = Instant::now();
        if let Some(Some(found)) = self.candidates.get(identity, now) {
            return Ok(found);
        }
        self.may_look_up(Claimed::Identity(identity), address)?;
        let issuer = jwt.claims.issuer().ok_or(FederationError::Untrusted)?;
        let (subjects, audiences) = (jwt.claims.subjects(), jwt.claims.bare_audiences());
        let found: Arc<[TrustedIssuer]> = self.store.trusted_issuers_of(issuer, &subjects, &audiences).await?.into();
        self.candidates.put(identity, now, Some(found.clone()));
        Ok(found)
    }

    fn may_look_up(&self, claimed: Claimed, address: Option<IpAddr>) -> Result<(), FederationError> {
        self.failures.admit(address, claimed, self.clock.now()).map_err(FederationError::HeldUp)
    }

    /// The trusted issuer that a client says it is, if the token fits it.
    async fn named(
        &self,
        jwt: &Jwt<'_>,
        client_id: &str,
        address: Option<IpAddr>,
    ) -> Result<(Arc<TrustedIssuer>, Life), FederationError> {
        let id = match client_id.parse() {
            Ok(ClientId(id)) => Some(id),
            Err(_) => client_id.parse::<CredentialId>().ok(),
        };
        let issuer = match id {
            Some(id) => {
                if self.issuers.get(id, Instant::now()).is_none() {
                    self.may_look_up(Claimed::Credential(id), address)?;
                }
                self.issuer(id).await?
            }
            None => None,
        };
        let issuer = issuer.filter(|issuer| jwt.claims.issuer() == Some(issuer.trust.issuer.as_str()));
        let issuer = issuer.ok_or(FederationError::Untrusted)?;
        self.signed_for(jwt, std::slice::from_ref(&*issuer)).await?;
        let life = jwt.claims.life(self.clock.now())?;
        claims::check(&issuer.trust, &jwt.claims).map_err(|error| error.with_audiences_of(&issuer.trust))?;
        Ok((issuer, life))
    }

    /// The credential of a token that was found good, as long as nothing changed that made it so.
    async fn seen_before(&self, digest: &[u8; 32]) -> Result<Option<CredentialId>, FederationError> {
        let Some(accepted) = self.seen.get(digest, self.clock.now()) else { return Ok(None) };
        let issuer = self.issuer(accepted.id).await?;
        let Some(issuer) = issuer.filter(|issuer| issuer.modified_at == accepted.modified_at) else { return Ok(None) };
        let keys = self.key_sets.get(&issuer.trust.jwks_url).await?;
        Ok(Arc::ptr_eq(&keys, &accepted.keys).then_some(accepted.id))
    }

    async fn issuer(&self, id: CredentialId) -> Result<Option<Arc<TrustedIssuer>>, FederationError> {
        let now = Instant::now();
        if let Some(found) = self.issuers.get(id, now) {
            return Ok(found);
        }
        let found = self.store.trusted_issuer(id).await?.map(Arc::new);
        self.issuers.put(id, now, found.clone());
        Ok(found)
    }

    /// Those of `candidates` with whose keys the token is signed.
    async fn signed_for<'a>(
        &self,
        jwt: &Jwt<'_>,
        candidates: &'a [TrustedIssuer],
    ) -> Result<Vec<(&'a TrustedIssuer, Arc<KeySet>)>, FederationError> {
        let mut looked_at: Vec<(&JwksUrl, Option<Arc<KeySet>>)> = Vec::new();
        let (mut signed, mut away) = (Vec::new(), None);
        for candidate in candidates {
            let (url, allowed) = (&candidate.trust.jwks_url, &candidate.trust.algorithms);
            if !allowed.is_empty() && !allowed.contains(&jwt.algorithm) {
                continue;
            }
            let known = looked_at.iter().find(|(seen, _)| *seen == url).map(|(_, keys)| keys.clone());
            let keys = match known {
                Some(keys) => keys,
                None => {
                    let keys = match self.key_sets.with_key(url, jwt.kid.as_deref()).await {
                        Ok(keys) => jwt.is_signed_with(&keys).then_some(keys),
                        Err(error) => {
                            away = Some(error);
                            None
                        }
                    };
                    looked_at.push((url, keys.clone()));
                    keys
                }
            };
            signed.extend(keys.map(|keys| (candidate, keys)));
        }
        match away {
            Some(error) if signed.is_empty() => Err(error.into()),
            _ if signed.is_empty() => Err(FederationError::Untrusted),
            _ => Ok(signed),
        }
    }
}
