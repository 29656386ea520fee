//! `scimgate migrate`

use clap::Args;

use super::database::{Database, runtime};
use crate::config::DatabaseArgs;
use crate::store::pending_migrations;

/// The flags of `scimgate migrate`.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Tell what is missing and change nothing
    #[arg(long, env = "SCIMGATE_DRY_RUN")]
    dry_run: bool,
}

/// Brings the tables up to date, or tells what is missing.
pub fn run(args: &DatabaseArgs, command: &Migrate) -> anyhow::Result<()> {
    let database = Database::open(args)?;
    let runtime = runtime()?;
    let (names, done) = if command.dry_run {
        (runtime.block_on(pending_migrations(&database.connect))?, "missing")
    } else {
        (database.migrate(&runtime)?, "applied")
    };
    if names.is_empty() {
        println!("the database is up to date");
    }
    for name in names {
        println!("{done}: {name}");
    }
    drop(runtime);
    database.close()
}
