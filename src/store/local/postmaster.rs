//! What a running PostgreSQL says about itself in `postmaster.pid`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use super::place::Place;

/// The lines of `postmaster.pid` that matter here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Postmaster {
    /// Line 1: the process.
    pub pid: u32,
    /// Line 5: the folder of its socket.
    pub socket_folder: PathBuf,
    /// Line 8 is `ready`.
    pub ready: bool,
}

impl Postmaster {
    /// Reads the file of the cluster in `data`; `None` if there is none, or not enough of it yet.
    pub fn read(data: &Path) -> Option<Postmaster> {
        Self::parse(&std::fs::read(data.join("postmaster.pid")).ok()?)
    }

    fn parse(text: &[u8]) -> Option<Postmaster> {
        let mut lines = text.split(|&byte| byte == b'\n');
        let pid = std::str::from_utf8(lines.next()?).ok()?.trim().parse().ok()?;
        let socket_folder = PathBuf::from(OsString::from_vec(lines.nth(3)?.to_vec()));
        let ready = lines.nth(2).is_some_and(|status| status.trim_ascii() == b"ready");
        Some(Postmaster { pid, socket_folder, ready })
    }

    /// The server of `place` if its guard started it and it takes connections.
    ///
    /// The file of a server that was killed stays behind, so the guard's own note of whom it started has to agree.
    pub fn guarded_and_ready(place: &Place) -> Option<Postmaster> {
        let noted: u32 = std::fs::read_to_string(place.run.join("server")).ok()?.trim().parse().ok()?;
        Self::read(&place.data).filter(|server| server.ready && server.pid == noted)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const LINES: &str = "4711\n/d/data\n1790000000\n5432\n/d/run\n\n  5432001    131072\n";

    #[test]
    fn ready_is_the_eighth_line() {
        let server = Postmaster::parse(format!("{LINES}ready   \n").as_bytes()).unwrap();
        assert_eq!(server, Postmaster { pid: 4711, socket_folder: PathBuf::from("/d/run"), ready: true });
    }

    #[test]
    fn starting_stopping_and_unfinished_files_are_not_ready() {
        for status in ["starting\n", "stopping\n", "standby \n", ""] {
            assert!(!Postmaster::parse(format!("{LINES}{status}").as_bytes()).unwrap().ready, "{status}");
        }
        assert_eq!(Postmaster::parse(b"4711\n/d/data\n"), None);
        assert_eq!(Postmaster::parse(b""), None);
    }
}
