//! What a workbook unpacks to, found out before anything is made of it.
//!
//! An XLSX file is a ZIP archive. What its directory says of sizes is a claim; so each part is unpacked once into nothing and
//! counted. That costs the time of unpacking and no memory.

use std::io::{self, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::error::ImportError;
use super::rows::Source;

/// What all parts of a workbook may have together, unpacked, in bytes. About twice of it may be in memory.
pub const MAX_UNPACKED: u64 = 256 << 20;
/// The parts of a workbook at most.
const MAX_PARTS: usize = 2_000;
/// From this size on, a part may not have been packed better than to one in [`MAX_RATIO`]. Sheets are packed to one in ten.
const LARGE: u64 = 4 << 20;
const MAX_RATIO: u64 = 200;

/// Refuses a workbook that is not what it says or too large.
pub fn check(source: &mut dyn Source) -> Result<(), ImportError> {
    let mut archive = ZipArchive::new(source).map_err(unreadable)?;
    if archive.len() > MAX_PARTS {
        return Err(ImportError::Workbook(format!("it has more than {MAX_PARTS} parts")));
    }
    let mut left = MAX_UNPACKED;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(unreadable)?;
        let (packed, claimed) = (part.compressed_size().max(1), part.size());
        if claimed > left {
            return Err(ImportError::Unpacked);
        }
        let unpacked = io::copy(&mut part.take(left + 1), &mut io::sink())
            .map_err(|error| ImportError::Workbook(error.to_string()))?;
        if unpacked > left {
            return Err(ImportError::Unpacked);
        }
        left -= unpacked;
        if unpacked > LARGE && unpacked / packed > MAX_RATIO {
            return Err(ImportError::Bomb(unpacked / packed));
        }
    }
    Ok(())
}

fn unreadable(error: ZipError) -> ImportError {
    match error {
        ZipError::Io(error) => error.into(),
        other => ImportError::Workbook(other.to_string()),
    }
}
