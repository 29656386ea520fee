//! Whose rights the PostgreSQL programs get: PostgreSQL refuses to run as root, so root lends it the user `postgres`.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::LocalError;

const SERVICE_USER: &str = "postgres";

/// The operating system user that the PostgreSQL programs run as.
pub(super) struct Account {
    /// User and group to change to; `None` where the caller's own are right.
    change_to: Option<(u32, u32)>,
}

impl Account {
    /// The caller's own account, or `postgres` if the caller is root.
    pub fn of_caller() -> Result<Self, LocalError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self { change_to: None });
        }
        let (Some(uid), Some(gid)) = (ask_id("-u"), ask_id("-g")) else { return Err(LocalError::NoAccount) };
        Ok(Self { change_to: Some((uid, gid)) })
    }

    /// A command that runs as this account, sees none of the caller's environment and holds no folder busy.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C.UTF-8").env("PATH", "/usr/local/bin:/usr/bin:/bin").current_dir("/");
        if let Some((uid, gid)) = self.change_to {
            // std drops the supplementary groups of root here too.
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Makes `path`, already created by the caller, this account's own.
    pub fn take(&self, path: &Path) -> Result<(), LocalError> {
        let Some((uid, gid)) = self.change_to else { return Ok(()) };
        std::os::unix::fs::chown(path, Some(uid), Some(gid)).map_err(LocalError::io("giving away", path))
    }

    /// The user id that owns what PostgreSQL writes.
    pub fn uid(&self) -> u32 {
        self.change_to.map_or_else(|| rustix::process::geteuid().as_raw(), |(uid, _)| uid)
    }

    /// Fails if this account cannot enter `folder`, naming the first folder on the way that is closed to it.
    ///
    /// A process of that account tries it, as mode bits alone do not tell (there are access control lists).
    pub fn check_entry(&self, folder: &Path) -> Result<(), LocalError> {
        if self.change_to.is_none() {
            return Ok(());
        }
        let mut way: Vec<&Path> = folder.ancestors().collect();
        way.reverse();
        let tried = self
            .command(Path::new("/bin/sh"))
            .args(["-c", r#"for d; do cd -- "$d" 2>/dev/null || { printf %s "$d"; exit 1; }; done"#, "sh"])
            .args(way)
            .stdin(Stdio::null())
            .output()
            .map_err(LocalError::io("entering", folder))?;
        if tried.status.success() {
            return Ok(());
        }
        let closed = PathBuf::from(String::from_utf8_lossy(&tried.stdout).into_owned());
        Err(LocalError::NotTraversable { folder: closed, account: SERVICE_USER.to_owned() })
    }
}

/// What `id` says about the service user, so that every source of accounts counts, not only `/etc/passwd`.
fn ask_id(flag: &str) -> Option<u32> {
    let answer = Command::new("id").args([flag, SERVICE_USER]).stdin(Stdio::null()).output().ok()?;
    String::from_utf8(answer.stdout).ok()?.trim().parse().ok()
}
