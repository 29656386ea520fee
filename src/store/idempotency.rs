//! Requests that carry a key, so that a retry gets the first answer.

use std::marker::PhantomData;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Bytea, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::statement::statement;
use super::{Store, StoreError, TenantStore};
use crate::model::CredentialId;

/// For how long answers are kept.
const KEPT: TimeDelta = TimeDelta::hours(24);

statement! {
    /// Calls `begin_idempotent`, which the migrations describe.
    Begin<'a> {
        tenant: Uuid => SqlUuid,
        credential: Uuid => SqlUuid,
        key: &'a str => Text,
        fingerprint: &'a [u8] => Bytea,
        now: DateTime<Utc> => Timestamptz,
        until: DateTime<Utc> => Timestamptz,
    } -> (Text, Nullable<Integer>, Nullable<Text>),
    "SELECT state, status, answer FROM begin_idempotent($1, $2, $3, $4, $5, $6)"
}

statement! {
    /// Keeps the answer.
    Finish<'a> {
        status: i32 => Integer,
        answer: &'a str => Text,
        tenant: Uuid => SqlUuid,
        credential: Uuid => SqlUuid,
        key: &'a str => Text,
    } -> Text,
    "UPDATE idempotency_keys SET status = $1, answer = $2 WHERE tenant_id = $3 AND credential_id = $4 AND key = $5 RETURNING key"
}

statement! {
    /// Forgets a key.
    Forget<'a> {
        tenant: Uuid => SqlUuid,
        credential: Uuid => SqlUuid,
        key: &'a str => Text,
    } -> Text,
    "DELETE FROM idempotency_keys WHERE tenant_id = $1 AND credential_id = $2 AND key = $3 AND status IS NULL RETURNING key"
}

statement! {
    /// Forgets what is too old.
    Purge<'a> {
        before: DateTime<Utc> => Timestamptz,
    } -> Text,
    "DELETE FROM idempotency_keys WHERE began_at < $1 RETURNING key"
}

/// What is known of a request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is to be carried out.
    New,
    /// It is under way elsewhere.
    Busy,
    /// The key was used for another request.
    OtherRequest,
    /// It was answered so.
    Answered {
        /// The status.
        status: u16,
        /// The body.
        answer: String,
    },
}

impl TenantStore {
    /// Begins the request of a credential with that key and fingerprint; it may take until `until`.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn begin_idempotent(
        &self,
        (credential, key): (CredentialId, &str),
        fingerprint: &[u8],
        (now, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Begun, StoreError> {
        let (tenant, credential, lifetime) = (self.tenant.0, credential.0, PhantomData);
        let statement = Begin { tenant, credential, key, fingerprint, now, until, lifetime };
        let rows: Vec<(String, Option<i32>, Option<String>)> = self.store.save(statement).await?;
        let (state, status, answer) = rows.into_iter().next().unwrap_or_default();
        Ok(match state.as_str() {
            "new" => Begun::New,
            "other" => Begun::OtherRequest,
            "answered" => {
                let status = status.and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
                Begun::Answered { status, answer: answer.unwrap_or_default() }
            }
            _ => Begun::Busy,
        })
    }

    /// Keeps the answer to a request that was begun.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn finish_idempotent(
        &self,
        (credential, key): (CredentialId, &str),
        status: u16,
        answer: &str,
    ) -> Result<(), StoreError> {
        let (tenant, credential, lifetime) = (self.tenant.0, credential.0, PhantomData);
        let statement = Finish { status: i32::from(status), answer, tenant, credential, key, lifetime };
        let _: Vec<String> = self.store.save(statement).await?;
        Ok(())
    }

    /// Forgets a request that was begun and did nothing, so that it may be sent again.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn forget_idempotent(&self, (credential, key): (CredentialId, &str)) -> Result<(), StoreError> {
        let (tenant, credential, lifetime) = (self.tenant.0, credential.0, PhantomData);
        let _: Vec<String> = self.store.save(Forget { tenant, credential, key, lifetime }).await?;
        Ok(())
    }
}

impl Store {
    /// Forgets the answers that are more than a day old.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn forget_idempotency_keys(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let _: Vec<String> = self.save(Purge { before: now - KEPT, lifetime: PhantomData }).await?;
        Ok(())
    }
}
