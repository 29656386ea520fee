//! The server that all tests share.

use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use scimgate::store::local::{Durability, LocalError, LocalOptions, LocalPostgres};
use sha2::{Digest, Sha256};

/// Held, where it is our own, for as long as this process runs.
pub enum Server {
    /// Below the target directory, or below `/var/tmp`.
    Own(LocalPostgres),
    /// At the URL in `TEST_DATABASE_URL`.
    Given(String),
}

impl Server {
    pub fn get() -> &'static Server {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| match std::env::var_os("TEST_DATABASE_URL") {
            Some(url) => Server::Given(url.into_string().expect("TEST_DATABASE_URL is not Unicode")),
            None => Server::Own(own()),
        })
    }

    pub fn url_of(&self, database: &str) -> String {
        match self {
            Server::Own(server) => server.url_of(database),
            Server::Given(url) => with_database(url, database),
        }
    }

    /// Whether it is our own and was started by this process.
    pub fn is_just_started(&self) -> bool {
        matches!(self, Server::Own(server) if !server.attached())
    }
}

fn own() -> LocalPostgres {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let checkout: String =
        Sha256::digest(target.as_os_str().as_bytes())[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    // Each user its own, as one cannot open the other's; and each checkout.
    let user = rustix::process::geteuid().as_raw();
    let name = format!("scimgate-test-pg-{user}-{checkout}");
    if let Some(memory) = memory_folder() {
        return start(&memory.join(name)).unwrap_or_else(|error| panic!("{error}"));
    }
    match start(&target.join(format!("test-pg/{user}"))) {
        // Root's checkout may be where the user `postgres` cannot come to.
        Err(LocalError::NotTraversable { .. }) => start(&Path::new("/var/tmp").join(name)),
        decided => decided,
    }
    .unwrap_or_else(|error| panic!("{error}"))
}

/// A folder in memory, where there is one with room enough.
///
/// Copying a database creates 300 files, which takes 15 ms in memory, and on a disk that others are syncing to 400 ms.
pub fn memory_folder() -> Option<PathBuf> {
    let folder = PathBuf::from("/dev/shm");
    let system = rustix::fs::statvfs(&folder).ok()?;
    (system.f_bavail * system.f_frsize >= 2 << 30).then_some(folder)
}

/// Starts or joins the server in `dir`. What is there is worth nothing, so if it does not start it is thrown away: the
/// machine may have crashed, which data that are not synced do not survive, or PostgreSQL may be a new version.
fn start(dir: &Path) -> Result<LocalPostgres, LocalError> {
    let options = LocalOptions {
        data_dir: dir.to_owned(),
        bin_dir: std::env::var_os("SCIMGATE_PG_BIN").map(PathBuf::from),
        search_path: std::env::var_os("PATH"),
        durability: Durability::Scratch,
    };
    let try_it = || LocalPostgres::start_or_attach(&options);
    match try_it() {
        Err(LocalError::Start { .. } | LocalError::VersionMismatch { .. } | LocalError::TooOld { .. }) => {}
        decided => return decided,
    }
    // One process at a time, and each looks first whether another has already done it.
    let lock = File::create(dir.join("renew.lock")).unwrap();
    lock.lock().unwrap();
    try_it().or_else(|_| {
        std::fs::remove_dir_all(dir.join("data")).unwrap();
        try_it()
    })
}

/// The URL of another database of the same server.
fn with_database(url: &str, database: &str) -> String {
    let (address, parameters) = url.split_once('?').map_or((url, String::new()), |(a, p)| (a, format!("?{p}")));
    let (scheme, rest) = address.split_once("://").expect("TEST_DATABASE_URL is not a postgresql:// URL");
    let host = rest.split('/').next().unwrap();
    format!("{scheme}://{host}/{database}{parameters}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_of_a_given_url_changes() {
        let changed = |url| with_database(url, "t_1");
        assert_eq!(changed("postgresql://u:p@h:5432/db"), "postgresql://u:p@h:5432/t_1");
        assert_eq!(changed("postgres://h"), "postgres://h/t_1");
        assert_eq!(changed("postgres:///db?host=/run/pg&user=u"), "postgres:///t_1?host=/run/pg&user=u");
    }
}
