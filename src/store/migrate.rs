//! The database's form: the migrations in `migrations/` are part of the program.

use std::marker::PhantomData;

use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_types::Text;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio::task::spawn_blocking;

use super::connect::{Purpose, connect};
use super::statement::statement;
use super::{ConnectConfig, Store, StoreError};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// The advisory lock under which one node at a time migrates.
const LOCK: &str = "SELECT pg_advisory_lock(hashtextextended('scimgate migrations', 0))";

type Connection = AsyncConnectionWrapper<AsyncPgConnection>;

/// Runs the migrations that the database has not seen, each in a transaction of its own, and answers their names. Waits while
/// another node is at it.
///
/// # Errors
/// [`StoreError::Unavailable`] if the database cannot be reached; [`StoreError::Internal`] if a migration fails.
pub async fn migrate(config: &ConnectConfig) -> Result<Vec<String>, StoreError> {
    let mut connection = connect(config, Purpose::Migration).await?;
    connection.batch_execute(LOCK).await.map_err(StoreError::from)?;
    on_own_thread(connection, |connection| {
        let names = missing(connection)?;
        connection.run_pending_migrations(MIGRATIONS).map_err(StoreError::internal)?;
        Ok(names)
    })
    .await
}

/// The names of the migrations that the database has not seen, in order.
///
/// # Errors
/// As [`migrate`].
pub async fn pending_migrations(config: &ConnectConfig) -> Result<Vec<String>, StoreError> {
    let connection = connect(config, Purpose::Migration).await?;
    on_own_thread(connection, missing).await
}

fn missing(connection: &mut Connection) -> Result<Vec<String>, StoreError> {
    let pending = connection.pending_migrations(MIGRATIONS).map_err(StoreError::internal)?;
    Ok(pending.iter().map(|migration| migration.name().to_string()).collect())
}

/// The names of all migrations of this program, in order; with their text they tell one form of the database from another.
///
/// # Errors
/// [`StoreError::Internal`] if the embedded migrations cannot be read.
pub fn known_migrations() -> Result<Vec<String>, StoreError> {
    let migrations: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations().map_err(StoreError::internal)?;
    Ok(migrations.iter().map(|migration| migration.name().to_string()).collect())
}

statement! {
    /// The versions of the migrations that the database has seen.
    Seen<'a> {} -> Text,
    "SELECT version::text FROM __diesel_schema_migrations"
}

impl Store {
    /// The first migration that the database has not seen. It may have seen more than this program knows: those of a newer one.
    ///
    /// # Errors
    /// That the database is away or at fault; at fault is also one that was never migrated.
    pub async fn lacks_migration(&self) -> Result<Option<String>, StoreError> {
        let seen: Vec<String> = self.read(Seen { lifetime: PhantomData }).await?;
        let migrations: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS.migrations().map_err(StoreError::internal)?;
        let lacking = migrations.iter().find(|one| !seen.contains(&one.name().version().to_string()));
        Ok(lacking.map(|migration| migration.name().to_string()))
    }
}

/// The migration harness blocks, so it gets a thread that may.
async fn on_own_thread<T: Send + 'static>(
    connection: AsyncPgConnection,
    work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    spawn_blocking(move || work(&mut Connection::from(connection))).await.map_err(StoreError::internal)?
}
