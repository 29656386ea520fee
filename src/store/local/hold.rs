//! Holding a server: the pipe whose last holder's end stops PostgreSQL, whether that end is orderly or `kill -9`.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

use super::POLL;
use super::account::Account;
use super::error::LocalError;
use super::place::Place;

/// A newcomer repeats its name this often, as the line is lost when the guard starts a killed server again just then.
const REPEAT: Duration = Duration::from_millis(50);

/// One holder's share of a server: dropping the last one stops it.
pub(super) struct Hold {
    /// Kept open; nothing more is written.
    _pipe: File,
}

fn pipe_path(place: &Place) -> PathBuf {
    place.run.join("hold")
}

impl Hold {
    /// Makes the pipe and takes the first hold; also returns the end for the guard to read. The caller holds the start lock.
    ///
    /// A pipe that exists is used again, so that holders of a server that has died hold the next one too.
    pub fn create(place: &Place, account: &Account) -> Result<(Hold, File), LocalError> {
        let path = pipe_path(place);
        if !path.exists() {
            // The program and not the system call, which rustix does not have on macOS.
            let mkfifo =
                account.command("mkfifo".as_ref()).args(["-m", "600"]).arg(&path).stdin(Stdio::null()).output();
            mkfifo.map_err(LocalError::io("creating", &path))?;
        }
        let end = open(&path, true).map_err(LocalError::io("opening", &path))?;
        let pipe = open(&path, false).map_err(LocalError::io("opening", &path))?;
        rustix::fs::fcntl_setfl(&end, OFlags::empty())
            .map_err(|error| LocalError::io("opening", &path)(error.into()))?;
        Ok((Hold { _pipe: pipe }, end))
    }

    /// Takes a hold on the server that runs in `place`; `None` if no guard runs there, or it ended before it counted us.
    ///
    /// Opening the pipe is not enough, for its previous holders may have gone the moment before and the guard be about to
    /// stop the server: the guard has to answer.
    pub fn join(place: &Place, deadline: Instant) -> Result<Option<Hold>, LocalError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let path = pipe_path(place);
        let mut pipe = match open(&path, false) {
            Ok(pipe) => pipe,
            Err(error) if is_unread(&error) => return Ok(None),
            Err(error) => return Err(LocalError::io("opening", &path)(error)),
        };
        let name = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let answer = place.run.join(format!("held.{name}"));
        let _left_by_a_namesake = std::fs::remove_file(&answer);
        let mut told: Option<Instant> = None;
        loop {
            if std::fs::remove_file(&answer).is_ok() {
                return Ok(Some(Hold { _pipe: pipe }));
            }
            if told.is_none_or(|at| at.elapsed() > REPEAT) {
                match pipe.write_all(format!("{name}\n").as_bytes()) {
                    Ok(()) => told = Some(Instant::now()),
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(None),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(error) => return Err(LocalError::io("writing to", &path)(error)),
                }
            }
            if Instant::now() > deadline {
                return Err(place.deadline("ready"));
            }
            std::thread::sleep(POLL);
        }
    }
}

/// Whether anybody holds the server of `place`. May swallow a newcomer's line, which it repeats.
pub(super) fn is_held(place: &Place) -> bool {
    let Ok(mut end) = open(&pipe_path(place), true) else { return false };
    match end.read(&mut [0; 64]) {
        Ok(length) => length > 0,
        Err(error) => error.kind() == ErrorKind::WouldBlock,
    }
}

/// Whether the guard of `place` still runs.
pub(super) fn is_guarded(place: &Place) -> bool {
    open(&pipe_path(place), false).is_ok()
}

fn open(path: &std::path::Path, for_reading: bool) -> std::io::Result<File> {
    // Without waiting for the other side: to write, that is an error while nobody reads.
    let nonblock = OFlags::NONBLOCK.bits().cast_signed();
    OpenOptions::new().read(for_reading).write(!for_reading).custom_flags(nonblock).open(path)
}

/// There is no pipe, or nobody reads it.
fn is_unread(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::NotFound || error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error())
}
