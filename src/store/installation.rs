//! What the database server tells of itself, for a check of the installation.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Bool, Double, Nullable, Text, Timestamptz};

use super::statement::statement;
use super::{Store, StoreError};

/// What the database server tells of itself.
#[derive(Debug, Clone)]
pub struct Installation {
    /// Its version as a number: 150004.
    pub version: i64,
    /// Its clock.
    pub now: DateTime<Utc>,
    /// The settings that were asked for.
    pub settings: Vec<Setting>,
    /// Standbys that follow, and those of them that a commit waits for.
    pub standbys: (i64, i64),
    /// Connections that are open now, everybody's.
    pub connections: i64,
    /// Whether the own role may do everything.
    pub is_superuser: bool,
    /// The tables that were changed much since they were last analysed: name, rows, changed rows.
    pub stale: Vec<(String, i64, i64)>,
    /// The oldest transaction that is open, in seconds.
    pub oldest_transaction: Option<f64>,
}

/// A setting of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Installation {
    /// The value of a setting, `""` if it was not asked for.
    pub fn setting(&self, name: &str) -> &str {
        self.settings.iter().find(|setting| setting.name == name).map_or("", |setting| &setting.value)
    }
}

statement! {
    /// What can be said in one row.
    Overview<'a> {} -> (BigInt, Timestamptz, BigInt, BigInt, BigInt, Bool, Nullable<Double>),
    "SELECT current_setting('server_version_num')::bigint, clock_timestamp(), \
        (SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'), \
        (SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum')), \
        (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'), \
        (SELECT rolsuper FROM pg_roles WHERE rolname = current_user), \
        (SELECT extract(epoch FROM max(clock_timestamp() - xact_start))::float8 FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid())"
}

statement! {
    /// The settings that matter.
    Settings<'a> {} -> (Text, Text),
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', \
        'synchronous_standby_names', 'max_connections', 'superuser_reserved_connections', 'autovacuum', 'track_counts')"
}

statement! {
    /// Large tables of which more than a third changed since they were analysed.
    Stale<'a> {} -> (Text, BigInt, BigInt),
    "SELECT relname::text, n_live_tup, n_mod_since_analyze FROM pg_stat_user_tables \
        WHERE n_live_tup > 10000 AND n_mod_since_analyze > n_live_tup / 3 ORDER BY 1"
}

impl Store {
    /// Asks the database server about itself.
    ///
    /// # Errors
    /// That the database is away or at fault.
    pub async fn installation(&self) -> Result<Installation, StoreError> {
        type Row = (i64, DateTime<Utc>, i64, i64, i64, bool, Option<f64>);
        let overview: Vec<Row> = self.read(Overview { lifetime: PhantomData }).await?;
        let (version, now, standbys, synchronous, connections, is_superuser, oldest_transaction) = overview
            .into_iter()
            .next()
            .ok_or_else(|| StoreError::internal("the database server tells nothing of itself"))?;
        let settings: Vec<(String, String)> = self.read(Settings { lifetime: PhantomData }).await?;
        Ok(Installation {
            version,
            now,
            settings: settings.into_iter().map(|(name, value)| Setting { name, value }).collect(),
            standbys: (standbys, synchronous),
            connections,
            is_superuser,
            stale: self.read(Stale { lifetime: PhantomData }).await?,
            oldest_transaction,
        })
    }
}
