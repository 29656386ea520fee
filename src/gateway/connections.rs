//! Creating, changing and removing connections. Each is written together with the row that tells who did it.

use serde_json::{Map, Value, json};

use super::details::differences;
use super::{Gateway, ROUNDS};
use crate::model::{
    AdminAction, Connection, ConnectionId, ConnectionKind, ConnectionPrefix, Label, Origin, Profile, TenantId,
};
use crate::store::{ConnectionDeleted, StoreError};

/// What a new connection is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConnection {
    /// Its name.
    pub name: Label,
    /// Its prefix.
    pub prefix: Option<ConnectionPrefix>,
    /// What is at the other end.
    pub kind: ConnectionKind,
    /// Whose expectations to meet; `None` for those of the tenant.
    pub profile: Option<Profile>,
}

/// What is to become of a connection; `None` leaves a thing as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConnectionChange {
    /// The name.
    pub name: Option<Label>,
    /// The prefix, or that there is to be none.
    pub prefix: Option<Option<ConnectionPrefix>>,
    /// What is at the other end.
    pub kind: Option<ConnectionKind>,
    /// Whose expectations to meet, or that it is those of the tenant.
    pub profile: Option<Option<Profile>>,
    /// Whether its credentials work.
    pub enabled: Option<bool>,
}

/// Why a connection stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The tenant has none of that id.
    #[error("there is no connection with the id {0}")]
    NotFound(ConnectionId),
    /// Another one has the name.
    #[error("there is a connection of this name already; choose another name")]
    NameTaken,
    /// Another one has the prefix.
    #[error("another connection has this prefix already; choose another one")]
    PrefixTaken,
    /// Credentials of it work still.
    #[error("{0} of its credentials work still; revoke them, or disable the connection instead of removing it")]
    InUse(u64),
    /// The database is away or at fault.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ConnectionError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Uniqueness { attribute: "name" } => Self::NameTaken,
            StoreError::Uniqueness { attribute: "prefix" } => Self::PrefixTaken,
            error => Self::Store(error),
        }
    }
}

impl Gateway {
    /// Creates a connection, which is enabled.
    ///
    /// # Errors
    /// [`ConnectionError`]; then nothing was written.
    pub async fn create_connection(
        &self,
        tenant: TenantId,
        new: NewConnection,
        origin: &Origin,
    ) -> Result<Connection, ConnectionError> {
        let now = self.clock.now();
        let NewConnection { name, prefix, kind, profile } = new;
        let id = ConnectionId::new(now);
        let connection =
            Connection { id, name, prefix, kind, profile, enabled: true, created_at: now, modified_at: now };
        let action = self.told(tenant, &connection, "connection.create", Value::Object(shown(&connection)), origin);
        self.store.create_connection(tenant, &connection, &action).await?;
        Ok(connection)
    }

    /// Changes a connection. One that stays as it is is not written, and nothing is told.
    ///
    /// # Errors
    /// [`ConnectionError`]; then nothing was written.
    pub async fn change_connection(
        &self,
        tenant: TenantId,
        id: ConnectionId,
        change: ConnectionChange,
        origin: &Origin,
    ) -> Result<Connection, ConnectionError> {
        for _ in 0..ROUNDS {
            let before = self.store.connection(tenant, id).await?.ok_or(ConnectionError::NotFound(id))?;
            let mut after = change.applied(&before);
            let details = differences(shown(&before), &shown(&after));
            if details.is_empty() {
                return Ok(before);
            }
            // Later than what was read in any case: it is what tells that nobody else changed it meanwhile.
            after.modified_at = self.clock.now().max(before.modified_at + chrono::TimeDelta::microseconds(1));
            let action = match (details.len(), before.enabled, after.enabled) {
                (1, false, true) => "connection.enable",
                (1, true, false) => "connection.disable",
                _ => "connection.change",
            };
            let action = self.told(tenant, &after, action, Value::Object(details), origin);
            if self.store.update_connection(tenant, &after, before.modified_at, &action).await? {
                return Ok(after);
            }
        }
        Err(ConnectionError::Store(StoreError::Conflict))
    }

    /// Removes a connection of which no credential works any more. The credentials that ended stay known; what came through
    /// the connection stays.
    ///
    /// # Errors
    /// [`ConnectionError`]; then nothing was written.
    pub async fn delete_connection(
        &self,
        tenant: TenantId,
        id: ConnectionId,
        origin: &Origin,
    ) -> Result<(), ConnectionError> {
        let connection = self.store.connection(tenant, id).await?.ok_or(ConnectionError::NotFound(id))?;
        let action = self.told(tenant, &connection, "connection.delete", Value::Object(shown(&connection)), origin);
        match self.store.delete_connection(tenant, id, &action).await? {
            ConnectionDeleted::Deleted => Ok(()),
            ConnectionDeleted::NotFound => Err(ConnectionError::NotFound(id)),
            ConnectionDeleted::InUse(live) => Err(ConnectionError::InUse(live)),
        }
    }

    fn told(
        &self,
        tenant: TenantId,
        connection: &Connection,
        action: &'static str,
        details: Value,
        origin: &Origin,
    ) -> AdminAction {
        AdminAction {
            tenant: Some(tenant),
            at: self.clock.now(),
            origin: origin.clone(),
            action,
            succeeded: true,
            target: ("connection", Some(connection.id.to_string()), connection.name.as_str().to_owned()),
            details,
        }
    }
}

impl ConnectionChange {
    fn applied(&self, before: &Connection) -> Connection {
        let Self { name, prefix, kind, profile, enabled } = self.clone();
        Connection {
            name: name.unwrap_or_else(|| before.name.clone()),
            prefix: prefix.unwrap_or_else(|| before.prefix.clone()),
            kind: kind.unwrap_or(before.kind),
            profile: profile.unwrap_or(before.profile),
            enabled: enabled.unwrap_or(before.enabled),
            ..before.clone()
        }
    }
}

/// What people may change of a connection.
fn shown(connection: &Connection) -> Map<String, Value> {
    let Connection { name, prefix, kind, profile, enabled, .. } = connection;
    let shown = json!({ "name": name, "prefix": prefix, "kind": kind, "profile": profile, "enabled": enabled });
    shown.as_object().cloned().unwrap_or_default()
}
