//! The folders and files of one embedded PostgreSQL, all below one data directory.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::PATIENCE;
use super::account::Account;
use super::error::LocalError;

/// The longest path of a Unix socket that every system takes, in bytes.
const SOCKET_PATH_LIMIT: usize = 107;
/// What PostgreSQL calls its socket in the socket folder.
const SOCKET_NAME: &str = ".s.PGSQL.5432";
/// A log that has grown beyond this many bytes is put aside at the next start.
const LOG_LIMIT: u64 = 10 * 1024 * 1024;

/// Where everything of one embedded PostgreSQL is.
pub(super) struct Place {
    /// The data directory itself, absolute.
    pub root: PathBuf,
    /// The cluster, PostgreSQL's own data directory. Exists only when complete.
    pub data: PathBuf,
    /// Closed to other users: the socket (if its path is short enough) and what the guard and its holders tell each other.
    pub run: PathBuf,
    /// Everything that PostgreSQL and its guard print.
    pub log: PathBuf,
}

impl Place {
    /// Creates what is missing of the data directory `root`, except the cluster.
    pub fn open(root: &Path, account: &Account) -> Result<Place, LocalError> {
        DirBuilder::new().recursive(true).mode(0o755).create(root).map_err(LocalError::io("creating", root))?;
        let root = std::fs::canonicalize(root).map_err(LocalError::io("finding", root))?;
        let place = Place { data: root.join("data"), run: root.join("run"), log: root.join("postgresql.log"), root };
        // Not where it is somebody else's: root may join a server that another user runs.
        if owner(&place.run).is_none_or(|owner| owner == rustix::process::geteuid().as_raw()) {
            create_private(&place.run, account)?;
        }
        Ok(place)
    }

    /// The lock that whoever creates or starts the cluster holds meanwhile.
    pub fn lock_file(&self) -> Result<File, LocalError> {
        let path = self.root.join("start.lock");
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true).mode(0o600);
        options.open(&path).map_err(LocalError::io("opening", &path))
    }

    /// The log, opened to append to, and its length so far.
    pub fn open_log(&self) -> Result<(File, u64), LocalError> {
        if std::fs::metadata(&self.log).is_ok_and(|log| log.len() > LOG_LIMIT) {
            let aside = self.log.with_extension("log.1");
            std::fs::rename(&self.log, &aside).map_err(LocalError::io("renaming", &self.log))?;
        }
        // Statements that fail are logged whole, so the log is as private as the data.
        let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(&self.log);
        let log = opened.map_err(LocalError::io("opening", &self.log))?;
        let length = log.metadata().map_err(LocalError::io("reading", &self.log))?.len();
        Ok((log, length))
    }

    /// The last three lines of the log, of what was written after its first `since` bytes.
    pub fn log_tail(&self, since: u64) -> String {
        let read = || -> std::io::Result<Vec<u8>> {
            let mut log = File::open(&self.log)?;
            let start = since.max(log.metadata()?.len().saturating_sub(8192));
            log.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            log.read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map(|bytes| last_lines(&String::from_utf8_lossy(&bytes))).unwrap_or_default()
    }

    /// The error for a server that is not yet `wanted` (`ready` or `stopped`) though [`PATIENCE`] is over.
    pub fn deadline(&self, wanted: &'static str) -> LocalError {
        let (data, log, tail) = (self.data.clone(), self.log.clone(), self.log_tail(0));
        LocalError::Deadline { data, wanted, seconds: PATIENCE.as_secs(), log, tail }
    }

    /// The error for a server that ended while it was started, with the last of the log after its first `since` bytes.
    pub fn failed_start(&self, since: u64) -> LocalError {
        LocalError::Start { data: self.data.clone(), log: self.log.clone(), tail: self.log_tail(since) }
    }

    /// The folder for the socket: `run`, or a short one under `/tmp` if the socket's path would be too long.
    pub fn socket_folder(&self, account: &Account) -> Result<PathBuf, LocalError> {
        if fits_a_socket(&self.run) {
            return Ok(self.run.clone());
        }
        let name: String =
            Sha256::digest(self.root.as_os_str().as_bytes())[..6].iter().map(|b| format!("{b:02x}")).collect();
        let folder = PathBuf::from(format!("/tmp/scimgate-{name}"));
        // Fails if somebody else took the name: everybody may write to /tmp.
        create_private(&folder, account)?;
        Ok(folder)
    }
}

fn fits_a_socket(folder: &Path) -> bool {
    folder.as_os_str().len() + 1 + SOCKET_NAME.len() <= SOCKET_PATH_LIMIT
}

fn owner(path: &Path) -> Option<u32> {
    std::fs::symlink_metadata(path).ok().map(|found| found.uid())
}

/// Makes sure of a folder that only `account` (and root) can enter.
///
/// One that is there already is taken if it is closed to others and is the account's, or still the caller's, who may have
/// been killed before it gave it away.
pub(super) fn create_private(folder: &Path, account: &Account) -> Result<(), LocalError> {
    if let Err(error) = DirBuilder::new().mode(0o700).create(folder) {
        let owners = [account.uid(), rustix::process::geteuid().as_raw()];
        let ours = std::fs::symlink_metadata(folder)
            .is_ok_and(|found| found.is_dir() && owners.contains(&found.uid()) && found.mode() & 0o077 == 0);
        if error.kind() != std::io::ErrorKind::AlreadyExists || !ours {
            return Err(LocalError::io("creating", folder)(error));
        }
    }
    account.take(folder)
}

/// The last three lines of `text` that say something.
pub(super) fn last_lines(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).rev().take(3).collect();
    lines.reverse();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_path_has_at_most_107_bytes() {
        let longest = format!("/{}", "d".repeat(107 - 1 - 1 - SOCKET_NAME.len()));
        assert!(fits_a_socket(Path::new(&longest)));
        assert!(!fits_a_socket(Path::new(&format!("{longest}d"))));
    }

    #[test]
    fn the_last_three_lines_are_those_with_words() {
        assert_eq!(last_lines("one\ntwo\n\nthree\nfour\n\n"), "two\nthree\nfour");
        assert_eq!(last_lines(""), "");
    }
}
