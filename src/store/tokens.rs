//! Making tokens, and replacing them.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Binary, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::credentials::scope_before;
use super::statement::statement;
use super::{Store, StoreError};
use crate::model::{AdminAction, Credential, CredentialId, TenantId};

statement! {
    /// Calls `add_token_2`, which the migrations describe.
    AddToken<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        label: &'a str => Text,
        secret_hash: &'a [u8] => Binary,
        scope: &'a str => Text,
        scopes: &'a [&'a str] => Array<Text>,
        connection: Option<Uuid> => Nullable<SqlUuid>,
        allowed_addresses: &'a [String] => Array<Text>,
        user: Option<Uuid> => Nullable<SqlUuid>,
        at: DateTime<Utc> => Timestamptz,
        expires_at: Option<DateTime<Utc>> => Nullable<Timestamptz>,
        replaces: Option<Uuid> => Nullable<SqlUuid>,
        replaced_ends: Option<DateTime<Utc>> => Nullable<Timestamptz>,
        limit: i64 => BigInt,
        action: &'a Value => Json,
        max_role_weight: Option<i64> => Nullable<BigInt>,
    } -> Text,
    "SELECT add_token_2($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
}

/// A token that another one takes the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// Which one.
    pub id: CredentialId,
    /// When it ends, if it does not end before.
    pub ends_at: DateTime<Utc>,
}

/// What became of a token that was to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenAdded {
    /// It is there.
    Added,
    /// The tenant has no such connection.
    NoConnection,
    /// The connection has as many as it may have.
    Full,
    /// The token to be replaced does not work, or was replaced before.
    NotLive,
}

impl Store {
    /// Makes a token of `tenant`, in the place of another one if `replaces` says so, unless its connection has `limit` tokens that
    /// work.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn add_token(
        &self,
        tenant: TenantId,
        token: &Credential,
        replaces: Option<Replaced>,
        limit: u8,
        action: &AdminAction,
    ) -> Result<TokenAdded, StoreError> {
        let statement = AddToken {
            tenant: tenant.0,
            id: token.id.0,
            label: &token.label,
            secret_hash: token.digest.as_ref().map_or(&[][..], |digest| digest.as_slice()),
            scope: scope_before(token.scopes),
            scopes: &token.scopes.names(),
            connection: token.connection.map(|connection| connection.0),
            allowed_addresses: &token.allowed_addresses.names(),
            user: token.user.map(|user| user.0),
            at: token.created_at,
            expires_at: token.expires_at,
            replaces: replaces.map(|replaced| replaced.id.0),
            replaced_ends: replaces.map(|replaced| replaced.ends_at),
            limit: i64::from(limit),
            action: &action.to_json(),
            max_role_weight: token.max_role_weight,
            lifetime: PhantomData,
        };
        let rows: Vec<String> = self.save(statement).await?;
        match rows.first().map(String::as_str) {
            Some("created") => Ok(TokenAdded::Added),
            Some("no_connection") => Ok(TokenAdded::NoConnection),
            Some("full") => Ok(TokenAdded::Full),
            Some("not_live") => Ok(TokenAdded::NotLive),
            other => Err(StoreError::internal(format!("add_token_2 answered {other:?}"))),
        }
    }
}
