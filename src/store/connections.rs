//! Connections. Who may change what is the gateway's to say; each change is written together with the row that tells of it.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde_json::Value;
use uuid::Uuid;

use super::statement::statement;
use super::tables::connections;
use super::{Store, StoreError};
use crate::model::{AdminAction, Connection, ConnectionId, TenantId};
use crate::scim::fold::fold;

/// A row of `connections`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = connections, check_for_backend(diesel::pg::Pg))]
pub(super) struct ConnectionRow {
    id: Uuid,
    name: String,
    prefix: Option<String>,
    kind: String,
    profile: Option<String>,
    enabled: bool,
    created_at: DateTime<Utc>,
    modified_at: DateTime<Utc>,
}

impl ConnectionRow {
    /// The connection.
    pub fn connection(self) -> Result<Connection, StoreError> {
        let wrong = |error: String| StoreError::internal(error);
        Ok(Connection {
            id: ConnectionId(self.id),
            name: self.name.parse().map_err(wrong)?,
            prefix: self.prefix.map(|prefix| prefix.parse()).transpose().map_err(wrong)?,
            kind: self.kind.parse().map_err(wrong)?,
            profile: self.profile.map(|profile| profile.parse()).transpose().map_err(wrong)?,
            enabled: self.enabled,
            created_at: self.created_at,
            modified_at: self.modified_at,
        })
    }
}

statement! {
    /// Creates a connection. Answers the position of the row that tells of it.
    InsertConnection<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        name: &'a str => Text,
        name_key: &'a str => Text,
        prefix: Option<&'a str> => Nullable<Text>,
        kind: &'a str => Text,
        profile: Option<&'a str> => Nullable<Text>,
        enabled: bool => Bool,
        at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH done AS (INSERT INTO connections (tenant_id, id, name, name_key, prefix, kind, profile, enabled, created_at, \
        modified_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING id) \
        SELECT log_admin_action($10) FROM done"
}

statement! {
    /// Changes a connection that was last changed at an instant. No row if it was changed since, or is gone.
    UpdateConnection<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        read_at: DateTime<Utc> => Timestamptz,
        name: &'a str => Text,
        name_key: &'a str => Text,
        prefix: Option<&'a str> => Nullable<Text>,
        kind: &'a str => Text,
        profile: Option<&'a str> => Nullable<Text>,
        enabled: bool => Bool,
        at: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> BigInt,
    "WITH found AS (SELECT tenant_id, id FROM connections WHERE tenant_id = $1 AND id = $2 AND modified_at = $3 FOR UPDATE), \
        done AS (UPDATE connections c SET name = $4, name_key = $5, prefix = $6, kind = $7, profile = $8, enabled = $9, \
            modified_at = $10 FROM found WHERE c.tenant_id = found.tenant_id AND c.id = found.id RETURNING c.id) \
        SELECT log_admin_action($11) FROM done"
}

statement! {
    /// Removes a connection that has no credential which works still; those that ended keep their rows and lose the
    /// connection. Answers how many credentials work still, and whether it was removed. A credential that is made for it
    /// meanwhile is caught by the foreign key.
    DeleteConnection<'a> {
        tenant: Uuid => SqlUuid,
        id: Uuid => SqlUuid,
        now: DateTime<Utc> => Timestamptz,
        action: &'a Value => Json,
    } -> (BigInt, BigInt),
    "WITH live AS MATERIALIZED (SELECT count(*) AS n FROM credentials WHERE tenant_id = $1 AND connection_id = $2 \
            AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)), \
        freed AS (UPDATE credentials SET connection_id = NULL FROM live WHERE live.n = 0 AND tenant_id = $1 \
            AND connection_id = $2), \
        done AS (DELETE FROM connections USING live WHERE live.n = 0 AND tenant_id = $1 AND id = $2 RETURNING id), \
        told AS (SELECT log_admin_action($4) FROM done) \
        SELECT live.n, (SELECT count(*) FROM told) FROM live"
}

/// What became of a connection that was to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionDeleted {
    /// It is gone.
    Deleted,
    /// There is no such connection.
    NotFound,
    /// That many of its credentials work still.
    InUse(u64),
}

impl Store {
    /// Creates a connection of `tenant`.
    ///
    /// # Errors
    /// [`StoreError::Uniqueness`] of `name` or `prefix`, or that the database is away or at fault.
    pub async fn create_connection(
        &self,
        tenant: TenantId,
        connection: &Connection,
        action: &AdminAction,
    ) -> Result<(), StoreError> {
        let statement = InsertConnection {
            tenant: tenant.0,
            id: connection.id.0,
            name: connection.name.as_str(),
            name_key: &fold(connection.name.as_str()),
            prefix: connection.prefix.as_ref().map(|prefix| prefix.as_str()),
            kind: connection.kind.as_str(),
            profile: connection.profile.map(|profile| profile.as_str()),
            enabled: connection.enabled,
            at: connection.created_at,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let _: Vec<i64> = self.save(statement).await?;
        Ok(())
    }

    /// Gives a connection of `tenant` the content of `connection`, if it was last changed at `read_at`. Answers whether it was.
    ///
    /// # Errors
    /// As [`Store::create_connection`].
    pub async fn update_connection(
        &self,
        tenant: TenantId,
        connection: &Connection,
        read_at: DateTime<Utc>,
        action: &AdminAction,
    ) -> Result<bool, StoreError> {
        let statement = UpdateConnection {
            tenant: tenant.0,
            id: connection.id.0,
            read_at,
            name: connection.name.as_str(),
            name_key: &fold(connection.name.as_str()),
            prefix: connection.prefix.as_ref().map(|prefix| prefix.as_str()),
            kind: connection.kind.as_str(),
            profile: connection.profile.map(|profile| profile.as_str()),
            enabled: connection.enabled,
            at: connection.modified_at,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let told: Vec<i64> = self.save(statement).await?;
        Ok(!told.is_empty())
    }

    /// Removes a connection of `tenant`, unless a credential of it works still.
    ///
    /// # Errors
    /// That the database is away or at fault; [`StoreError::Conflict`] if a credential was made for it in the same moment.
    pub async fn delete_connection(
        &self,
        tenant: TenantId,
        id: ConnectionId,
        action: &AdminAction,
    ) -> Result<ConnectionDeleted, StoreError> {
        let statement = DeleteConnection {
            tenant: tenant.0,
            id: id.0,
            now: action.at,
            action: &action.to_json(),
            lifetime: PhantomData,
        };
        let rows: Vec<(i64, i64)> = self.save(statement).await?;
        Ok(match rows.first() {
            Some((0, 0)) | None => ConnectionDeleted::NotFound,
            Some((0, _)) => ConnectionDeleted::Deleted,
            Some((live, _)) => ConnectionDeleted::InUse(u64::try_from(*live).unwrap_or_default()),
        })
    }

    /// The connections of `tenant`, by name.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn connections(&self, tenant: TenantId) -> Result<Vec<Connection>, StoreError> {
        let query = connections::table
            .filter(connections::tenant_id.eq(tenant.0))
            .order(connections::name_key)
            .select(ConnectionRow::as_select());
        let rows: Vec<ConnectionRow> = self.read(query).await?;
        rows.into_iter().map(ConnectionRow::connection).collect()
    }

    /// The connections of `tenant` whose keys come behind `after`, by name, at most `limit` of them; each with its key.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn connections_page(
        &self,
        tenant: TenantId,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<(Connection, String)>, StoreError> {
        let query = connections::table
            .filter(connections::tenant_id.eq(tenant.0))
            .filter(connections::name_key.gt(after.unwrap_or_default()))
            .order(connections::name_key)
            .limit(limit)
            .select((ConnectionRow::as_select(), connections::name_key));
        let rows: Vec<(ConnectionRow, String)> = self.read(query).await?;
        rows.into_iter().map(|(row, key)| Ok((row.connection()?, key))).collect()
    }

    /// A connection of `tenant`.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn connection(&self, tenant: TenantId, id: ConnectionId) -> Result<Option<Connection>, StoreError> {
        let query = connections::table.find((tenant.0, id.0)).select(ConnectionRow::as_select());
        let rows: Vec<ConnectionRow> = self.read(query).await?;
        rows.into_iter().next().map(ConnectionRow::connection).transpose()
    }

    /// The connection of `tenant` that people name by its id, or else by its name without regard to case.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn find_connection(&self, tenant: TenantId, id_or_name: &str) -> Result<Option<Connection>, StoreError> {
        if let Ok(id) = id_or_name.parse()
            && let Some(found) = self.connection(tenant, id).await?
        {
            return Ok(Some(found));
        }
        let query = connections::table
            .filter(connections::tenant_id.eq(tenant.0))
            .filter(connections::name_key.eq(fold(id_or_name.trim())))
            .select(ConnectionRow::as_select());
        let rows: Vec<ConnectionRow> = self.read(query).await?;
        rows.into_iter().next().map(ConnectionRow::connection).transpose()
    }
}
