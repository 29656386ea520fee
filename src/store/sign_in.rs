//! Signing in, as the migrations describe it: attempts that are counted before they are judged, and sessions that begin with what
//! tells of them.

use std::marker::PhantomData;
use std::net::IpAddr;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Binary, Bool, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::{NewSession, Store, StoreError};
use crate::model::{AdminAction, AdminId};
use crate::scim::fold::fold;

statement! {
    /// Calls `begin_sign_in`. Nobody signs in for a tenant that is deleted.
    Begin<'a> {
        address: &'a str => Text,
        now: DateTime<Utc> => Timestamptz,
        email_key: Option<&'a str> => Nullable<Text>,
        admin: Option<Uuid> => Nullable<SqlUuid>,
    } -> (Nullable<Timestamptz>, Nullable<SqlUuid>, Nullable<Text>, Nullable<Text>, Nullable<Binary>),
    "SELECT b.address_locked_until, CASE WHEN t.id IS NULL THEN b.admin_id END, b.email, b.password_hash, b.totp_secret \
        FROM begin_sign_in($1, $2, $3, $4) b LEFT JOIN admins a ON a.id = b.admin_id \
        LEFT JOIN tenants t ON t.id = a.tenant_id AND t.deleted_at IS NOT NULL"
}

type Begun = (Option<DateTime<Utc>>, Option<Uuid>, Option<String>, Option<String>, Option<Vec<u8>>);

statement! {
    /// Calls `take_sign_in`.
    Take<'a> {
        admin: Uuid => SqlUuid,
        password_hash: Option<&'a str> => Nullable<Text>,
        step: Option<i64> => Nullable<BigInt>,
        recovery: Option<&'a [u8]> => Nullable<Binary>,
        is_complete: bool => Bool,
        old: Option<&'a [u8]> => Nullable<Binary>,
        digest: &'a [u8] => Binary,
        session: Uuid => SqlUuid,
        now: DateTime<Utc> => Timestamptz,
        expires_at: DateTime<Utc> => Timestamptz,
        address: Option<&'a str> => Nullable<Text>,
        user_agent: Option<&'a str> => Nullable<Text>,
        action: &'a Value => Json,
    } -> Bool,
    "SELECT take_sign_in($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
}

statement! {
    /// Calls `forgive_sign_in` for an attempt that began no session.
    Forgive<'a> {
        admin: Uuid => SqlUuid,
        address: &'a str => Text,
    } -> Bool,
    "SELECT forgive_sign_in($1, $2, false)"
}

statement! {
    /// Ends a session and tells of it.
    End<'a> {
        digest: &'a [u8] => Binary,
        action: &'a Value => Json,
    } -> SqlUuid,
    "WITH done AS (DELETE FROM admin_sessions WHERE digest = $1 RETURNING id), \
        told AS (SELECT log_admin_action($2) FROM done) SELECT done.id FROM done, told"
}

statement! {
    /// Forgets what has no meaning any more.
    Forget<'a> {
        now: DateTime<Utc> => Timestamptz,
    } -> BigInt,
    "WITH sessions AS (DELETE FROM admin_sessions WHERE expires_at <= $1), \
        links AS (DELETE FROM admin_links WHERE expires_at <= $1), \
        failures AS (DELETE FROM sign_in_failures WHERE last_at < $1 - interval '1 day') SELECT 1::bigint"
}

/// What an attempt begins with.
#[derive(Debug)]
pub enum Attempt {
    /// The client's address is locked until then.
    AddressLocked(DateTime<Utc>),
    /// There is nobody who could sign in now, for whatever reason.
    Nobody,
    /// Somebody is there.
    Somebody {
        /// Who.
        admin: AdminId,
        /// Its e-mail address.
        email: String,
        /// The hash of its password.
        password_hash: String,
        /// The sealed secret of its second factor, if it has one.
        totp_secret: Option<Vec<u8>>,
    },
}

/// The factor that was checked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Factor<'a> {
    /// The password's hash.
    pub password_hash: Option<&'a str>,
    /// The time step of a code.
    pub step: Option<i64>,
    /// The digest of a recovery code.
    pub recovery: Option<&'a [u8; 32]>,
}

/// Text of an address; of those who have none, one in common.
fn text(address: Option<IpAddr>) -> String {
    address.map(|address| address.to_string()).unwrap_or_default()
}

impl Store {
    /// Begins an attempt by e-mail address, which counts as failed until it is taken.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn begin_sign_in(
        &self,
        email: &str,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<Attempt, StoreError> {
        self.begin(Some(&fold(email)), None, address, now).await
    }

    /// Begins an attempt to give a factor of somebody who is known.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn begin_factor(
        &self,
        admin: AdminId,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<Attempt, StoreError> {
        self.begin(None, Some(admin.0), address, now).await
    }

    async fn begin(
        &self,
        email_key: Option<&str>,
        admin: Option<Uuid>,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<Attempt, StoreError> {
        let statement = Begin { address: &text(address), now, email_key, admin, lifetime: PhantomData };
        let rows: Vec<Begun> = self.save(statement).await?;
        Ok(match rows.into_iter().next() {
            Some((Some(until), ..)) => Attempt::AddressLocked(until),
            Some((None, Some(admin), Some(email), Some(password_hash), totp_secret)) => {
                Attempt::Somebody { admin: AdminId(admin), email, password_hash, totp_secret }
            }
            _ => Attempt::Nobody,
        })
    }

    /// Begins a session for a factor that was checked, in the place of the session `old`; a complete one is told of. Answers
    /// whether the factor still held.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn take_sign_in(
        &self,
        session: &NewSession<'_>,
        factor: Factor<'_>,
        old: Option<&[u8; 32]>,
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let (address, action) = (session.address.map(|address| address.to_string()), action.to_json());
        let statement = Take {
            admin: session.admin.0,
            password_hash: factor.password_hash,
            step: factor.step,
            recovery: factor.recovery.map(<[u8; 32]>::as_slice),
            is_complete: session.is_complete,
            old: old.map(<[u8; 32]>::as_slice),
            digest: session.digest,
            session: session.id.0,
            now: session.at,
            expires_at: session.expires_at,
            address: address.as_deref(),
            user_agent: session.user_agent,
            action: &action,
            lifetime: PhantomData,
        };
        let rows: Vec<bool> = self.save(statement).await?;
        Ok(rows == [true])
    }

    /// Takes back that an attempt counts as failed.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn forgive_attempt(&self, admin: AdminId, address: Option<IpAddr>) -> Result<(), StoreError> {
        let statement = Forgive { admin: admin.0, address: &text(address), lifetime: PhantomData };
        let _: Vec<bool> = self.save(statement).await?;
        Ok(())
    }

    /// Ends a session and writes what was done. Answers whether there was one.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn end_session(&self, digest: &[u8; 32], action: &AdminAction) -> Result<bool, StoreError> {
        let rows: Vec<Uuid> = self.save(End { digest, action: &action.to_json(), lifetime: PhantomData }).await?;
        Ok(!rows.is_empty())
    }

    /// Forgets sessions and links that have ended, and failed sign-ins of long ago.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn forget_sign_ins(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let _: Vec<i64> = self.save(Forget { now, lifetime: PhantomData }).await?;
        Ok(())
    }
}
