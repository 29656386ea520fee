//! How a tenant's connections do: their credentials, and when these were last used.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::error::ConsoleError;
use super::{Place, Visit};
use crate::app::refusals::Refused;
use crate::model::{Connection, ConnectionId, Credential, CredentialId, CredentialUse};

/// An end within this time is soon.
pub const SOON: TimeDelta = TimeDelta::days(30);

/// The credentials of a tenant and their last uses.
pub struct Uses {
    credentials: Vec<Credential>,
    last: HashMap<CredentialId, CredentialUse>,
    refused: HashMap<CredentialId, Refused>,
    /// When the last secret of a client ends.
    secrets_end: HashMap<CredentialId, DateTime<Utc>>,
    now: DateTime<Utc>,
}

/// How a connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing can come.
    Disabled,
    /// There is nothing that could be used.
    NoCredential,
    /// Nothing has come yet.
    Silent,
    /// The last request failed, then.
    Refused(DateTime<Utc>),
    /// The last request succeeded, then.
    InUse(DateTime<Utc>),
}

impl Uses {
    /// Those of a tenant.
    pub async fn of(visit: &Visit<'_>, place: &Place) -> Result<Self, ConsoleError> {
        let credentials = visit.app.store.credentials(place.tenant.id).await?;
        let last = visit.app.store.credential_uses(place.tenant.id).await?;
        let refusals = &visit.app.process.refusals;
        let refused = credentials.iter().filter_map(|one| Some((one.id, refusals.of(one.id)?))).collect();
        let last = last.into_iter().map(|last| (last.credential, last)).collect();
        let mut secrets_end = HashMap::new();
        for client in visit.app.store.clients(place.tenant.id).await? {
            let live = client.secrets.iter().filter(|secret| secret.is_live(visit.now));
            if let Some(end) = live.map(|secret| secret.expires_at).max() {
                secrets_end.insert(client.credential.id, end);
            }
        }
        Ok(Self { credentials, last, refused, secrets_end, now: visit.now })
    }

    /// The credentials of a connection.
    pub fn credentials(&self, connection: ConnectionId) -> impl Iterator<Item = &Credential> {
        self.credentials.iter().filter(move |credential| credential.connection == Some(connection))
    }

    /// Those that work.
    pub fn live(&self, connection: ConnectionId) -> impl Iterator<Item = &Credential> {
        self.credentials(connection).filter(|credential| self.works(credential))
    }

    /// Those of all connections, and of none, that work.
    pub fn all_live(&self) -> impl Iterator<Item = &Credential> {
        self.credentials.iter().filter(|credential| self.works(credential))
    }

    fn works(&self, credential: &Credential) -> bool {
        credential.is_live(self.now) && credential.disabled_at.is_none()
    }

    /// Those that end soon.
    pub fn expiring(&self, connection: ConnectionId) -> impl Iterator<Item = &Credential> {
        self.live(connection).filter(|credential| self.ends_soon(credential))
    }

    /// Those of all connections, and of none, that end soon.
    pub fn all_expiring(&self) -> impl Iterator<Item = &Credential> {
        self.all_live().filter(|credential| self.ends_soon(credential))
    }

    /// When a credential ends by itself; a client does with the last of its secrets.
    pub fn end(&self, credential: &Credential) -> Option<DateTime<Utc>> {
        credential.expires_at.or_else(|| self.secrets_end.get(&credential.id).copied())
    }

    /// Whether a credential ends soon and nothing takes its place yet.
    pub fn ends_soon(&self, credential: &Credential) -> bool {
        credential.rotated_to.is_none() && self.end(credential).is_some_and(|end| end <= self.now + SOON)
    }

    /// The last use of a credential.
    pub fn of_credential(&self, credential: CredentialId) -> Option<&CredentialUse> {
        self.last.get(&credential)
    }

    /// When a credential of the connection was last used.
    pub fn last_used(&self, connection: ConnectionId) -> Option<DateTime<Utc>> {
        self.of_connection(connection).map(|last| last.last_used_at).max()
    }

    /// When a request of the connection last succeeded.
    pub fn last_success(&self, connection: ConnectionId) -> Option<DateTime<Utc>> {
        self.of_connection(connection).filter_map(|last| last.last_success_at).max()
    }

    /// When a request of the connection last failed.
    pub fn last_failure(&self, connection: ConnectionId) -> Option<DateTime<Utc>> {
        self.of_connection(connection).filter_map(|last| last.last_failure_at).max()
    }

    fn of_connection(&self, connection: ConnectionId) -> impl Iterator<Item = &CredentialUse> {
        self.credentials(connection).filter_map(|credential| self.last.get(&credential.id))
    }

    /// What the rate limits refused of a connection, or of credentials without one; none if nothing.
    pub fn refused(&self, connection: Option<ConnectionId>) -> Option<Refused> {
        let own = self.credentials.iter().filter(|credential| credential.connection == connection);
        own.filter_map(|credential| self.refused.get(&credential.id).copied()).reduce(Refused::and)
    }

    /// How a connection does.
    pub fn state(&self, connection: &Connection) -> State {
        let (success, failure) = (self.last_success(connection.id), self.last_failure(connection.id));
        match (connection.enabled, self.live(connection.id).next(), success, failure) {
            (false, ..) => State::Disabled,
            (true, _, success, Some(failure)) if success.is_none_or(|success| success < failure) => {
                State::Refused(failure)
            }
            (true, None, ..) => State::NoCredential,
            (true, Some(_), Some(success), _) => State::InUse(success),
            (true, Some(_), None, _) => State::Silent,
        }
    }
}
