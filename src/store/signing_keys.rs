//! The keys that access tokens are signed with. Private keys are sealed before they come here.

use std::marker::PhantomData;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use diesel::sql_types::{Binary, Bool, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::{Value, json};
use uuid::Uuid;

use super::statement::statement;
use super::{Store, StoreError};
use crate::model::{AdminAction, SigningKey, SigningKeyId, SigningKeys};

/// The columns of [`ReadSigningKeys`].
type Row = (Uuid, String, Value, Option<Vec<u8>>, DateTime<Utc>, DateTime<Utc>, Option<DateTime<Utc>>);

statement! {
    /// All keys; there are few.
    ReadSigningKeys<'a> {} -> (SqlUuid, Text, Json, Nullable<Binary>, Timestamptz, Timestamptz, Nullable<Timestamptz>),
    "SELECT id, algorithm, public_key, sealed_key, created_at, not_before, retired_at FROM signing_keys"
}

statement! {
    /// Calls `add_signing_key`, which the migrations describe.
    AddSigningKey<'a> {
        key: &'a Value => Json,
        after: Option<Uuid> => Nullable<SqlUuid>,
        retire_at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> Bool,
    "SELECT add_signing_key($1, $2, $3, $4)"
}

impl Store {
    /// All signing keys.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn signing_keys(&self) -> Result<SigningKeys, StoreError> {
        let rows: Vec<Row> = self.read(ReadSigningKeys { lifetime: PhantomData }).await?;
        let keys =
            rows.into_iter().map(|(id, algorithm, public_key, sealed_key, created_at, not_before, retired_at)| {
                let id = SigningKeyId(id);
                SigningKey { id, algorithm, public_key, sealed_key, created_at, not_before, retired_at }
            });
        Ok(SigningKeys::new(keys.collect()))
    }

    /// Adds a key behind the last one of `known`, and lets the others retire at `retire_at`. Answers whether that was still the
    /// last one; otherwise nothing is written.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn add_signing_key(
        &self,
        key: &SigningKey,
        known: &SigningKeys,
        retire_at: DateTime<Utc>,
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let row = &json!({
            "id": key.id.0,
            "algorithm": key.algorithm,
            "publicKey": key.public_key,
            "sealedKey": key.sealed_key.as_deref().map(|sealed| STANDARD.encode(sealed)),
            "createdAt": key.created_at,
            "notBefore": key.not_before,
        });
        let after = known.last().map(|last| last.id.0);
        let statement = AddSigningKey { key: row, after, retire_at, action: &action.to_json(), lifetime: PhantomData };
        let added: Vec<bool> = self.save(statement).await?;
        Ok(added == [true])
    }
}
