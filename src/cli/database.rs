//! The database that a command works on.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use tokio::runtime::Runtime;

use crate::auth::Sealer;
use crate::config::{DatabaseArgs, SecretKeyArgs};
use crate::gateway::Gateway;
use crate::model::SystemClock;
use crate::store::local::{self, Durability, LocalOptions, LocalPostgres};
use crate::store::{ConnectConfig, Store, migrate, pending_migrations};

/// What a command says that cannot do without a sealer.
const NO_SECRET_KEY: &str = "no secret key is configured to seal secrets with; make one with `openssl rand -base64 32`, \
    keep it in a file that every server has, and name that file with --secret-key-file (or put the key into SCIMGATE_SECRET_KEY)";

/// A database, and the embedded PostgreSQL that runs it, if that is ours to hold.
pub struct Database {
    /// How to connect to it.
    pub connect: ConnectConfig,
    local: Option<LocalPostgres>,
    /// Where the embedded PostgreSQL has its files.
    data_dir: Option<PathBuf>,
    secret_key: SecretKeyArgs,
}

impl Database {
    /// The database that the flags choose. The embedded PostgreSQL is joined if it runs, else started.
    pub fn open(args: &DatabaseArgs) -> anyhow::Result<Self> {
        if let Some(url) = &args.database_url {
            let connect = ConnectConfig::parse(url.expose())?;
            return Ok(Self { connect, local: None, data_dir: None, secret_key: args.secret_key.clone() });
        }
        let surroundings = args.surroundings();
        let default = || local::default_data_dir(surroundings.xdg_data_home.as_deref(), surroundings.home.as_deref());
        let data_dir = args.data_dir.clone().or_else(default);
        let data_dir =
            data_dir.context("there is no home directory to keep data in; choose a folder with --data-dir")?;
        let options = LocalOptions {
            data_dir: std::path::absolute(data_dir)?,
            bin_dir: args.pg_bin.clone(),
            search_path: surroundings.path,
            durability: Durability::Durable,
        };
        let local = LocalPostgres::start_or_attach(&options)?;
        Ok(Self {
            connect: ConnectConfig::parse(&local.database_url())?,
            local: Some(local),
            data_dir: Some(options.data_dir),
            secret_key: args.secret_key.clone(),
        })
    }

    /// Where mails go without a server for them, beside the files of the embedded PostgreSQL.
    pub fn mail_dir(&self) -> Option<PathBuf> {
        self.data_dir.as_ref().map(|folder| folder.join("mail"))
    }

    /// Runs the migrations that are missing.
    pub fn migrate(&self, runtime: &Runtime) -> anyhow::Result<Vec<String>> {
        Ok(runtime.block_on(migrate(&self.connect))?)
    }

    /// A store for a command. The embedded database is brought up to date; one of the user's own is not changed unasked.
    pub fn store(&self, runtime: &Runtime) -> anyhow::Result<Store> {
        if self.local.is_some() {
            self.migrate(runtime)?;
        } else if let Some(first) = runtime.block_on(pending_migrations(&self.connect))?.first() {
            bail!(
                "the database is not up to date (it lacks {first}); run `scimgate migrate` with the same --database-url"
            );
        }
        Ok(Store::new(self.connect.clone(), "")?)
    }

    /// What seals secrets for this database. `None` if it is one of the user's own and no key is configured.
    pub fn sealer(&self) -> anyhow::Result<Option<Arc<Sealer>>> {
        let key = self.secret_key.read(self.data_dir.as_deref(), &mut rand::rng())?;
        Ok(key.map(|key| Sealer::new(&key)).transpose()?.map(Arc::new))
    }

    /// Lets go of the embedded PostgreSQL; without another holder it shuts down.
    pub fn close(self) -> anyhow::Result<()> {
        self.local.map_or(Ok(()), LocalPostgres::stop).map_err(Into::into)
    }
}

/// Does a command's work on the database that the flags choose.
pub fn with_store<T>(args: &DatabaseArgs, work: impl AsyncFnOnce(&Store) -> anyhow::Result<T>) -> anyhow::Result<T> {
    with_database(args, async |_, store| work(store).await)
}

/// As [`with_store`], for work that seals secrets where there is a secret key.
pub fn with_sealing<T>(
    args: &DatabaseArgs,
    work: impl AsyncFnOnce(&Store, Option<Arc<Sealer>>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    with_database(args, async |database, store| work(store, database.sealer()?).await)
}

/// As [`with_store`], for work that seals or opens secrets. Without a secret key it is not begun.
pub fn with_sealer<T>(
    args: &DatabaseArgs,
    work: impl AsyncFnOnce(&Store, Arc<Sealer>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    with_database(args, async |database, store| work(store, database.sealer()?.context(NO_SECRET_KEY)?).await)
}

fn with_database<T>(
    args: &DatabaseArgs,
    work: impl AsyncFnOnce(&Database, &Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let database = Database::open(args)?;
    let runtime = runtime()?;
    let store = database.store(&runtime)?;
    let outcome = runtime.block_on(work(&database, &store));
    drop(store);
    drop(runtime);
    database.close()?;
    outcome
}

/// The use cases of a command.
pub fn gateway(store: &Store) -> Gateway {
    Gateway::new(store.clone(), Arc::new(SystemClock))
}

/// A runtime for work beside the server.
pub fn runtime() -> anyhow::Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?)
}
