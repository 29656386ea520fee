//! Making the keys that access tokens are signed with, in time and one after the other.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{Gateway, ROUNDS};
use crate::auth::{Sealer, SigningError, new_signing_key};
use crate::model::signing_key::PUBLISHED_AFTER;
use crate::model::{Actor, AdminAction, Origin, SigningKey, SigningKeys};
use crate::store::StoreError;

/// How long a key that takes over at once is known before it signs: every server has read it by then.
const SOON: TimeDelta = TimeDelta::seconds(5);

/// Why there is no new key.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// None could be made.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The database is away or at fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is to become of the keys before a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Predecessors {
    /// What they signed is taken until it is over.
    RunOut,
    /// What they signed is taken no more: somebody else may have them.
    Revoked,
}

impl Gateway {
    /// All keys, after a new one was made if one is due. Each signs for `period`. However many servers do this at once, one of
    /// them makes the key.
    ///
    /// # Errors
    /// [`SigningKeyError`]
    pub async fn ensure_signing_key(
        &self,
        sealer: &Sealer,
        period: TimeDelta,
    ) -> Result<Arc<SigningKeys>, SigningKeyError> {
        let origin = Origin { actor: Actor::System, request: None, address: None };
        for _ in 0..ROUNDS {
            let keys = self.store.signing_keys().await?;
            let now = self.after(&keys);
            let Some(not_before) = keys.due(now, period) else { return Ok(Arc::new(keys)) };
            let key = new_signing_key(now, not_before, sealer)?;
            self.add(&key, &keys, not_before + PUBLISHED_AFTER, &origin).await?;
        }
        Err(StoreError::Conflict.into())
    }

    /// Makes a key that takes over at once.
    ///
    /// # Errors
    /// [`SigningKeyError`]; then nothing was written.
    pub async fn rotate_signing_key(
        &self,
        sealer: &Sealer,
        predecessors: Predecessors,
        origin: &Origin,
    ) -> Result<SigningKey, SigningKeyError> {
        for _ in 0..ROUNDS {
            let keys = self.store.signing_keys().await?;
            let now = self.after(&keys);
            let (not_before, retire_at) = match predecessors {
                Predecessors::RunOut => (now + SOON, now + SOON + PUBLISHED_AFTER),
                Predecessors::Revoked => (now, now),
            };
            let key = new_signing_key(now, not_before, sealer)?;
            if self.add(&key, &keys, retire_at, origin).await? {
                return Ok(key);
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// The present instant, but later than the latest key was made, whatever another server's clock said then.
    fn after(&self, keys: &SigningKeys) -> DateTime<Utc> {
        let now = self.clock.now();
        keys.last().map_or(now, |last| now.max(last.created_at + TimeDelta::microseconds(1)))
    }

    async fn add(
        &self,
        key: &SigningKey,
        known: &SigningKeys,
        retire_at: DateTime<Utc>,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let action = AdminAction {
            tenant: None,
            at: key.created_at,
            origin: origin.clone(),
            action: "signing_key.create",
            succeeded: true,
            target: ("signing key", Some(key.id.to_string()), key.algorithm.clone()),
            details: json!({ "notBefore": key.not_before, "othersRetireAt": retire_at }),
        };
        self.store.add_signing_key(key, known, retire_at, &action).await
    }
}
