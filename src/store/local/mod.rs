//! The embedded PostgreSQL: a private server of this machine's own PostgreSQL programs, for whoever gives no database URL.
//!
//! [`LocalPostgres`] makes a cluster in a data directory, runs it, and hands out a URL. Whoever asks while it runs shares it;
//! it stops with its last holder, however that ends. Nothing about tables belongs here.
//!
//! ```text
//! DIR/data             the cluster, complete or absent    DIR/postgresql.log   what PostgreSQL prints
//! DIR/data.new.PID     a cluster in the making            DIR/start.lock       held by whoever makes or starts it
//! DIR/run              mode 0700: the socket, the pipe `hold`, and the notes of the guard
//! DIR/secret.key       not ours: the key that seals secrets in the database, made by `config::SecretKeyArgs`
//! ```
//!
//! # Why a shell script stands between us and `postgres`
//!
//! PostgreSQL must not outlive the process that it serves, even after `kill -9`, or the next start finds a database that
//! nobody watches. A parent-death signal is set between fork and exec, which is `unsafe`; it fires when the *thread* that
//! forked ends, and macOS has none. A second copy of our own program in the role of a guard would not work in test
//! binaries, whose `main` is not ours. `sh` is everywhere, and a pipe's end of file is the one notice that the kernel gives
//! however its holder died: so `guard.sh` starts `postgres`, reads the pipe, and stops it at the end. As the pipe has a
//! name, later commands can hold it too, and no one command's end takes the database from another. As it is there anyhow,
//! it also starts a server again that was killed, say for want of memory.

mod account;
mod cluster;
mod error;
mod hold;
mod launch;
mod place;
mod postmaster;
mod programs;
mod server;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use self::error::LocalError;
pub use self::programs::MINIMUM_MAJOR;
pub use self::server::LocalPostgres;

/// The database that every cluster is made with.
const DATABASE: &str = "scimgate";
/// The role that owns it; the socket's folder is what keeps others out.
const SUPERUSER: &str = "postgres";
/// How often a condition is looked at that nothing reports.
const POLL: Duration = Duration::from_millis(5);
/// How long a start may take, recovery after a crash included, and how long a stop.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a crash of the machine may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing that was acknowledged.
    Durable,
    /// Everything: nothing is synced to disk. For tests.
    Scratch,
}

/// Which embedded PostgreSQL is wanted.
#[derive(Debug, Clone)]
pub struct LocalOptions {
    /// Where its data, socket and log are; created if missing. See [`default_data_dir`].
    pub data_dir: PathBuf,
    /// The one folder to take the programs from (`SCIMGATE_PG_BIN`); `None` looks where packages install them.
    pub bin_dir: Option<PathBuf>,
    /// The value of `PATH`, to look along where no package has installed the programs in its usual place.
    pub search_path: Option<OsString>,
    /// Applies when the server is started, not when one is joined that already runs.
    pub durability: Durability,
}

/// The data directory for a caller that names none: `/var/lib/scimgate/pg` for root, as `postgres` has to be able to enter
/// it, else `scimgate/pg` in `xdg_data_home` or in `~/.local/share`. `None` if neither is known.
pub fn default_data_dir(xdg_data_home: Option<&Path>, home: Option<&Path>) -> Option<PathBuf> {
    if rustix::process::geteuid().is_root() {
        return Some(PathBuf::from("/var/lib/scimgate/pg"));
    }
    user_data_dir(xdg_data_home, home)
}

fn user_data_dir(xdg_data_home: Option<&Path>, home: Option<&Path>) -> Option<PathBuf> {
    // The XDG base directory specification has relative values ignored.
    let xdg = xdg_data_home.filter(|path| path.is_absolute()).map(Path::to_owned);
    let base = xdg.or_else(|| home.filter(|path| path.is_absolute()).map(|home| home.join(".local/share")))?;
    Some(base.join("scimgate/pg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_s_data_are_below_the_xdg_folder_or_home() {
        let home = Some(Path::new("/home/ann"));
        let usual = Some(PathBuf::from("/home/ann/.local/share/scimgate/pg"));
        assert_eq!(user_data_dir(Some(Path::new("/xdg")), home), Some(PathBuf::from("/xdg/scimgate/pg")));
        assert_eq!(user_data_dir(None, home), usual);
        assert_eq!(user_data_dir(Some(Path::new("")), home), usual);
        assert_eq!(user_data_dir(Some(Path::new("relative")), home), usual);
        assert_eq!(user_data_dir(None, Some(Path::new(""))), None);
        assert_eq!(user_data_dir(None, None), None);
    }
}
