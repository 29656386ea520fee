//! Starting `postgres` below its guard, and waiting until it takes connections.

use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use super::account::Account;
use super::error::LocalError;
use super::hold::Hold;
use super::place::Place;
use super::postmaster::Postmaster;
use super::programs::Programs;
use super::{Durability, POLL};

/// See the script itself, and the head of [`super`] for why there is one.
const GUARD: &str = include_str!("guard.sh");

/// Everything that makes a server fast and loses it when the machine stops.
const SCRATCH: [&str; 9] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=128MB",
    "min_wal_size=32MB",
    "max_connections=500",
];

/// Starts the cluster of `place` and waits until it is ready. The caller holds the start lock.
pub(super) fn launch(
    place: &Place,
    account: &Account,
    programs: &Programs,
    durability: Durability,
    deadline: Instant,
) -> Result<(Hold, Child), LocalError> {
    loop {
        let (hold, mut guard, log_start) = spawn(place, account, programs, durability)?;
        match wait_until_ready(place, &mut guard, log_start, deadline) {
            Ok(()) => return Ok((hold, guard)),
            // The processes of a killed server let go of its shared memory a moment after it.
            Err(LocalError::Start { tail, .. }) if tail.contains("pre-existing shared memory block") => {}
            Err(error) => return Err(error),
        }
        std::thread::sleep(POLL * 10);
    }
}

/// Starts the guard; also returns the length of the log so far.
fn spawn(
    place: &Place,
    account: &Account,
    programs: &Programs,
    durability: Durability,
) -> Result<(Hold, Child, u64), LocalError> {
    let (log, log_start) = place.open_log()?;
    let (hold, end) = Hold::create(place, account)?;
    for note in ["server", "stop"] {
        let _left_by_a_killed_guard = std::fs::remove_file(place.run.join(note));
    }
    let socket_folder = place.socket_folder(account)?;
    let mut command = account.command(Path::new("/bin/sh"));
    command.args(["-c", GUARD, "scimgate-pg-guard"]).arg(&place.run);
    command.arg(if socket_folder == place.run { Path::new("") } else { &socket_folder });
    command.arg(programs.path("postgres")).arg("-D").arg(&place.data);
    set(&mut command, "listen_addresses=");
    set(&mut command, "unix_socket_permissions=0700");
    set(&mut command, "logging_collector=off");
    command.arg("-c").arg(std::ffi::OsString::from_vec(
        [b"unix_socket_directories=".as_slice(), &list_item(&socket_folder)].concat(),
    ));
    if durability == Durability::Scratch {
        SCRATCH.iter().for_each(|setting| set(&mut command, setting));
    }
    let errors = log.try_clone().map_err(LocalError::io("opening", &place.log))?;
    // A group of its own: Ctrl-C in the terminal is for the caller alone, who still needs the database to finish.
    command.process_group(0).stdin(Stdio::from(end)).stdout(log).stderr(errors);
    let guard = command.spawn().map_err(LocalError::io("starting the guard of", &place.data))?;
    Ok((hold, guard, log_start))
}

fn set(command: &mut Command, setting: &str) {
    command.args(["-c", setting]);
}

/// The path as one item of a PostgreSQL list setting: quoted, as it may contain commas and blanks.
fn list_item(path: &Path) -> Vec<u8> {
    let mut item = vec![b'"'];
    for &byte in path.as_os_str().as_bytes() {
        if byte == b'"' {
            item.push(byte);
        }
        item.push(byte);
    }
    item.push(b'"');
    item
}

fn wait_until_ready(place: &Place, guard: &mut Child, log_start: u64, deadline: Instant) -> Result<(), LocalError> {
    while Postmaster::guarded_and_ready(place).is_none() {
        let ended = guard.try_wait().map_err(LocalError::io("waiting for the guard of", &place.data))?;
        if ended.is_some() {
            return Err(why_it_ended(place, log_start));
        }
        if Instant::now() > deadline {
            return Err(place.deadline("ready"));
        }
        std::thread::sleep(POLL);
    }
    Ok(())
}

fn why_it_ended(place: &Place, log_start: u64) -> LocalError {
    match (place.failed_start(log_start), Postmaster::read(&place.data)) {
        (LocalError::Start { tail, .. }, Some(other))
            if tail.contains("lock file \"postmaster.pid\" already exists") =>
        {
            LocalError::SecondInstance { data: place.data.clone(), pid: other.pid }
        }
        (error, _) => error,
    }
}
