//! Figures for those who watch over the server. Each list has an end, however many tenants there are.

use std::marker::PhantomData;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::statement::statement;
use super::{QueueDepth, Store, StoreError};
use crate::model::CredentialId;

/// How many connections and credentials are told at most: those that need it most.
const MOST: i64 = 200;
/// How far ahead of its end a credential is told.
const AHEAD: TimeDelta = TimeDelta::days(90);
/// How long after it.
const BEHIND: TimeDelta = TimeDelta::days(30);

/// What the database knows.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// How many counts wait to be folded.
    pub unfolded_counts: i64,
    /// What tasks wait.
    pub tasks: QueueDepth,
    /// When each enabled connection last succeeded, those without success and the oldest first.
    pub connections: Vec<ConnectionSuccess>,
    /// The credentials that end next, or ended lately, the first first.
    pub ends: Vec<CredentialEnd>,
}

/// When a connection last succeeded.
#[derive(Debug, Clone)]
pub struct ConnectionSuccess {
    /// Its tenant's name.
    pub tenant: String,
    /// Its own name.
    pub connection: String,
    /// When a request with one of its credentials was last answered with success.
    pub at: Option<DateTime<Utc>>,
}

/// When a credential ends.
#[derive(Debug, Clone)]
pub struct CredentialEnd {
    /// Its tenant's name.
    pub tenant: String,
    /// Its id.
    pub id: CredentialId,
    /// Its name.
    pub label: String,
    /// When.
    pub at: DateTime<Utc>,
}

statement! {
    /// How many rows the folding of counts has before it.
    Unfolded<'a> {} -> BigInt,
    "SELECT count(*) FROM resource_counts WHERE NOT folded"
}

statement! {
    /// When connections last succeeded.
    Successes<'a> {
        most: i64 => BigInt,
    } -> (Text, Text, Nullable<Timestamptz>),
    "SELECT t.slug, c.name, max(u.last_success_at) FROM connections c JOIN tenants t ON t.id = c.tenant_id \
        LEFT JOIN credentials k ON k.tenant_id = c.tenant_id AND k.connection_id = c.id \
        LEFT JOIN credential_uses u ON u.tenant_id = k.tenant_id AND u.credential_id = k.id \
        WHERE c.enabled GROUP BY t.slug, c.tenant_id, c.id, c.name ORDER BY 3 NULLS FIRST, 1, 2 LIMIT $1"
}

statement! {
    /// The credentials that end between two instants and were not revoked; an OAuth client ends with the last of its secrets.
    Ends<'a> {
        from: DateTime<Utc> => Timestamptz,
        to: DateTime<Utc> => Timestamptz,
        most: i64 => BigInt,
    } -> (Text, SqlUuid, Text, Timestamptz),
    "WITH ends AS (SELECT k.tenant_id, k.id, k.label, coalesce((SELECT max(s.expires_at) FROM client_secrets s \
            WHERE s.tenant_id = k.tenant_id AND s.credential_id = k.id AND s.revoked_at IS NULL), k.expires_at) AS expires_at \
            FROM credentials k WHERE k.revoked_at IS NULL) \
        SELECT t.slug, e.id, e.label, e.expires_at FROM ends e JOIN tenants t ON t.id = e.tenant_id \
        WHERE e.expires_at BETWEEN $1 AND $2 ORDER BY e.expires_at, e.id LIMIT $3"
}

impl Store {
    /// The figures at `now`.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn figures(&self, now: DateTime<Utc>) -> Result<Figures, StoreError> {
        let unfolded: Vec<i64> = self.search(Unfolded { lifetime: PhantomData }).await?;
        let successes: Vec<(String, String, Option<DateTime<Utc>>)> =
            self.search(Successes { most: MOST, lifetime: PhantomData }).await?;
        let connections =
            successes.into_iter().map(|(tenant, connection, at)| ConnectionSuccess { tenant, connection, at });
        Ok(Figures {
            unfolded_counts: unfolded.first().copied().unwrap_or_default(),
            tasks: self.queue_depth().await?,
            connections: connections.collect(),
            ends: self.credential_ends(now).await?,
        })
    }

    /// The credentials that end within three months, or ended within the last one, the first first.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn credential_ends(&self, now: DateTime<Utc>) -> Result<Vec<CredentialEnd>, StoreError> {
        let ends = Ends { from: now - BEHIND, to: now + AHEAD, most: MOST, lifetime: PhantomData };
        let ends: Vec<(String, Uuid, String, DateTime<Utc>)> = self.search(ends).await?;
        let end = |(tenant, id, label, at)| CredentialEnd { tenant, id: CredentialId(id), label, at };
        Ok(ends.into_iter().map(end).collect())
    }
}
