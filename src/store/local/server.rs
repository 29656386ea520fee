//! A share in a running server: joining it or starting it, its URL, and letting go.

use std::fs::TryLockError;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Instant;

use super::account::Account;
use super::error::LocalError;
use super::hold::{self, Hold};
use super::place::Place;
use super::postmaster::Postmaster;
use super::programs::{self, Programs};
use super::{DATABASE, LocalOptions, PATIENCE, POLL, SUPERUSER, cluster, launch};

/// A share in a running embedded PostgreSQL. Dropping the last share, in whichever process, stops the server.
pub struct LocalPostgres {
    place: Place,
    socket_folder: PathBuf,
    hold: Option<Hold>,
    /// The guard, if this process started it.
    guard: Option<Child>,
}

impl LocalPostgres {
    /// Joins the PostgreSQL that runs on the data directory, or starts it, making the cluster if there is none.
    ///
    /// Blocks until connections are taken. Any number of processes and threads may call it for the same directory at once:
    /// one starts the server, the others join it.
    pub fn start_or_attach(options: &LocalOptions) -> Result<LocalPostgres, LocalError> {
        let deadline = Instant::now() + PATIENCE;
        let account = Account::of_caller()?;
        let place = Place::open(&options.data_dir, &account)?;
        let lock = place.lock_file()?;
        loop {
            if let Some(hold) = Hold::join(&place, deadline)? {
                return Self::attach(place, hold, deadline);
            }
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(LocalError::io("locking", &place.root)(error)),
            }
            if Instant::now() > deadline {
                return Err(place.deadline("ready"));
            }
            std::thread::sleep(POLL);
        }
        // Somebody may have started it between the look and the lock.
        match Hold::join(&place, deadline)? {
            Some(hold) => Self::attach(place, hold, deadline),
            None => Self::start(place, &account, options, deadline),
        }
    }

    fn start(
        place: Place,
        account: &Account,
        options: &LocalOptions,
        deadline: Instant,
    ) -> Result<LocalPostgres, LocalError> {
        account.check_entry(&place.run)?;
        let folders = programs::folders(options.bin_dir.as_deref(), options.search_path.as_deref());
        let existing = cluster::version(&place.data)?;
        let programs = Programs::choose(account, &folders, existing, &place.data)?;
        if existing.is_none() {
            cluster::create(&place, account, &programs, options.durability)?;
        }
        let (hold, guard) = launch::launch(&place, account, &programs, options.durability, deadline)?;
        log::info!(
            "using the embedded PostgreSQL {} at {} (log: {}); give --database-url to use your own",
            programs.major,
            place.root.display(),
            place.log.display()
        );
        let socket_folder = place.socket_folder(account)?;
        Ok(LocalPostgres { place, socket_folder, hold: Some(hold), guard: Some(guard) })
    }

    fn attach(place: Place, hold: Hold, deadline: Instant) -> Result<LocalPostgres, LocalError> {
        loop {
            if let Some(server) = Postmaster::guarded_and_ready(&place) {
                log::info!("using the embedded PostgreSQL that already runs at {}", place.root.display());
                return Ok(LocalPostgres { place, socket_folder: server.socket_folder, hold: Some(hold), guard: None });
            }
            if !hold::is_guarded(&place) {
                return Err(place.failed_start(0));
            }
            if Instant::now() > deadline {
                return Err(place.deadline("ready"));
            }
            std::thread::sleep(POLL);
        }
    }

    /// The URL of the database `scimgate`, over the Unix socket, as its owner.
    pub fn database_url(&self) -> String {
        self.url_of(DATABASE)
    }

    /// The URL of another database of this server; `database` is its name, of ASCII letters, digits and `_`.
    pub fn url_of(&self, database: &str) -> String {
        format!("postgresql://{SUPERUSER}@{}/{database}", percent_encode(&self.socket_folder))
    }

    /// Whether the server already ran. It may be older than this process and outlive it.
    pub fn attached(&self) -> bool {
        self.guard.is_none()
    }

    /// The log file.
    pub fn log(&self) -> &Path {
        &self.place.log
    }

    /// Lets go of the server and, if nobody else holds it, waits until it has shut down.
    pub fn stop(mut self) -> Result<(), LocalError> {
        self.release()
    }

    fn release(&mut self) -> Result<(), LocalError> {
        let Some(hold) = self.hold.take() else { return Ok(()) };
        drop(hold);
        if hold::is_held(&self.place) {
            return Ok(());
        }
        let deadline = Instant::now() + PATIENCE;
        // Not by our own guard's end: it may have ended long ago, and another process have started the server again.
        while hold::is_guarded(&self.place) {
            if Instant::now() > deadline {
                return Err(self.place.deadline("stopped"));
            }
            std::thread::sleep(POLL);
        }
        match &mut self.guard {
            Some(guard) => guard.wait().map(drop).map_err(LocalError::io("waiting for the guard of", &self.place.data)),
            None => Ok(()),
        }
    }
}

impl Drop for LocalPostgres {
    fn drop(&mut self) {
        if let Err(error) = self.release() {
            log::error!("{error}");
        }
    }
}

/// A path as the host of a URL.
fn percent_encode(path: &Path) -> String {
    let encode = |&byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    path.as_os_str().as_bytes().iter().map(encode).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn any_socket_folder_survives_the_url() {
        let folder = Path::new("/d ä/a@b:c,d?e#f%g/run");
        let url = format!("postgresql://postgres@{}/scimgate", percent_encode(folder));
        let config: tokio_postgres::Config = url.parse().unwrap();
        assert_eq!(config.get_hosts(), [tokio_postgres::config::Host::Unix(folder.to_owned())]);
        assert_eq!(config.get_dbname(), Some("scimgate"));
        assert_eq!(config.get_user(), Some("postgres"));
    }
}
