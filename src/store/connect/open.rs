//! Opening a connection to the host that takes writes.

use std::time::Duration;

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};

use super::{ConnectConfig, tls};
use crate::store::StoreError;

/// How long one host may take for the whole handshake and the question whether it takes writes.
const HOST_TIMEOUT: Duration = Duration::from_secs(1);
/// How long all hosts together may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The settings of all connections but those for migrations.
macro_rules! quick {
    () => {
        "-c enable_seqscan=off -c jit=off -c max_parallel_workers_per_gather=0 -c statement_timeout=5s -c lock_timeout=2s \
            -c idle_in_transaction_session_timeout=10s -c client_min_messages=warning"
    };
}

/// What a connection is for; it decides the session's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Purpose {
    /// Statements that are prepared once and have one sensible plan, whatever their values are. To plan an array of ids anew for
    /// each length costs a change of members half of its time.
    Fixed,
    /// Statements made for one filter, which are planned for its values.
    Search,
    /// Migrations. They take as long as they need, and wait for the node that is at it already.
    Migration,
}

impl Purpose {
    /// No statement of ours is meant for a sequential scan: planned on an empty table, it would keep one while the table grows.
    /// JIT and parallel workers cost more than they give to statements of less than a millisecond.
    fn settings(self) -> &'static str {
        match self {
            Self::Fixed => concat!(quick!(), " -c plan_cache_mode=force_generic_plan"),
            Self::Search => quick!(),
            Self::Migration => "-c statement_timeout=0 -c lock_timeout=0 -c client_min_messages=warning",
        }
    }
}

/// What every connection begins with. A host that is read-only is an error. Messages are asked for in English, since Diesel
/// tells some errors by nothing else; a role that may not choose has the language of the server.
const GREETING: &str = "DO $$ BEGIN \
    IF current_setting('transaction_read_only')::boolean THEN \
        RAISE 'this host is read-only' USING ERRCODE = 'read_only_sql_transaction'; \
    END IF; \
    PERFORM set_config('lc_messages', 'C', false); \
    EXCEPTION WHEN insufficient_privilege THEN NULL; \
    END $$";

/// Connects to the first host that takes writes.
///
/// # Errors
/// [`StoreError::Unavailable`] if there is none, with the last host's reason.
pub(in crate::store) async fn connect(
    config: &ConnectConfig,
    purpose: Purpose,
) -> Result<AsyncPgConnection, StoreError> {
    let settings = purpose.settings();
    let first_writable = async {
        let mut refusal = StoreError::unavailable("no host takes writes");
        for host in config.hosts() {
            match timeout(HOST_TIMEOUT, connect_rw(host, settings)).await {
                Ok(Ok(connection)) => return Ok(connection),
                Ok(Err(error)) => refusal = error,
                Err(_) => refusal = StoreError::unavailable("the host did not answer within 1 s"),
            }
        }
        Err(refusal)
    };
    timeout(CONNECT_TIMEOUT, first_writable)
        .await
        .unwrap_or_else(|_| Err(StoreError::unavailable("no host answered within 3 s")))
}

/// Connects to one host and makes sure that it takes writes.
async fn connect_rw(host: &Config, settings: &str) -> Result<AsyncPgConnection, StoreError> {
    let mut host = host.clone();
    let own = host.get_options().map(|own| format!("{settings} {own}"));
    host.options(own.as_deref().unwrap_or(settings));
    let mut connection = if host.get_ssl_mode() == SslMode::Disable {
        let (client, connection) = host.connect(NoTls).await.map_err(StoreError::unavailable)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    } else {
        let (client, connection) = host.connect(tls::connector()?).await.map_err(StoreError::unavailable)?;
        AsyncPgConnection::try_from_client_and_connection(client, connection).await
    }
    .map_err(StoreError::unavailable)?;
    connection.batch_execute(GREETING).await.map_err(StoreError::unavailable)?;
    Ok(connection)
}
