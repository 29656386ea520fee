//! Making the cluster: `initdb` in a folder beside, moved into place when complete.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::account::Account;
use super::error::LocalError;
use super::place::{Place, create_private, last_lines};
use super::programs::Programs;
use super::{DATABASE, Durability, PATIENCE, POLL, SUPERUSER};

/// What the cluster's own configuration file gets; its administrator may change it there.
const SETTINGS: &str =
    "\n# Set by scimgate when it made this cluster.\nmax_connections = 200\nshared_buffers = 128MB\n";

/// The major version of the cluster in `data`; `None` if there is no cluster.
pub(super) fn version(data: &Path) -> Result<Option<u32>, LocalError> {
    let path = data.join("PG_VERSION");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(LocalError::io("reading", &path)(error)),
    };
    match text.trim().parse() {
        Ok(major) => Ok(Some(major)),
        Err(_) => Err(LocalError::Create {
            data: data.to_owned(),
            reason: format!("{} says {:?}, which is no version", path.display(), text.trim()),
        }),
    }
}

/// Makes the cluster of `place`, with the empty database [`DATABASE`] in it.
///
/// An interrupted call leaves a folder that is never taken for a cluster. The caller holds the start lock.
pub(super) fn create(
    place: &Place,
    account: &Account,
    programs: &Programs,
    durability: Durability,
) -> Result<(), LocalError> {
    remove_unfinished(place)?;
    // A name of its own, as an initdb whose caller was killed may still be writing to the previous one.
    let fresh = place.root.join(format!("data.new.{}", std::process::id()));
    create_private(&fresh, account)?;
    let failed = |reason| LocalError::Create { data: place.data.clone(), reason };
    let mut initdb = account.command(&programs.path("initdb"));
    initdb.arg("-D").arg(&fresh).arg(format!("--username={SUPERUSER}"));
    initdb.args(["--locale=C.UTF-8", "--encoding=UTF8", "--data-checksums"]);
    // The socket's folder is closed to other users, which is the protection; the network is not listened on.
    initdb.args(["--auth-local=trust", "--auth-host=reject", "--no-sync"]);
    run(initdb, b"").map_err(failed)?;
    append_settings(&fresh.join("postgresql.conf"))?;
    let mut single = account.command(&programs.path("postgres"));
    single.args(["--single", "-F", "-D"]).arg(&fresh);
    single.args(["-c", "exit_on_error=true", "-c", "log_checkpoints=off", SUPERUSER]);
    run(single, format!("CREATE DATABASE {DATABASE}\n").as_bytes()).map_err(failed)?;
    if durability == Durability::Durable {
        let mut sync = account.command(&programs.path("initdb"));
        sync.arg("--sync-only").arg("-D").arg(&fresh);
        run(sync, b"").map_err(failed)?;
    }
    std::fs::rename(&fresh, &place.data).map_err(LocalError::io("moving a new cluster to", &place.data))?;
    File::open(&place.root).and_then(|folder| folder.sync_all()).map_err(LocalError::io("syncing", &place.root))
}

fn remove_unfinished(place: &Place) -> Result<(), LocalError> {
    let entries = std::fs::read_dir(&place.root).map_err(LocalError::io("reading", &place.root))?;
    let unfinished = |path: &PathBuf| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("data.new."));
    for path in entries.flatten().map(|entry| entry.path()).filter(unfinished) {
        let deadline = Instant::now() + PATIENCE;
        // An initdb whose caller was killed may go on for a moment, until it misses its files and removes the rest itself.
        while let Err(error) = std::fs::remove_dir_all(&path) {
            match error.kind() {
                ErrorKind::NotFound if !path.exists() => break,
                ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty if Instant::now() < deadline => {}
                _ => return Err(LocalError::io("removing", &path)(error)),
            }
            std::thread::sleep(POLL);
        }
    }
    Ok(())
}

fn append_settings(path: &Path) -> Result<(), LocalError> {
    let opened = OpenOptions::new().append(true).open(path);
    opened.and_then(|mut file| file.write_all(SETTINGS.as_bytes())).map_err(LocalError::io("writing", path))
}

/// Runs a program to its end; the error is the last of what it said.
fn run(mut command: Command, input: &[u8]) -> Result<(), String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = command.spawn().and_then(|mut child| {
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input).or_else(|error| match error.kind() {
                // It ended before it read everything; what it printed tells why.
                ErrorKind::BrokenPipe => Ok(()),
                _ => Err(error),
            })?;
        }
        child.wait_with_output()
    });
    match output {
        Err(error) => Err(format!("{} cannot be run: {error}", command.get_program().display())),
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            Err(format!("{} ended with {}:\n{}", command.get_program().display(), output.status, last_lines(&said)))
        }
    }
}
