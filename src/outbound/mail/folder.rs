//! Mails as files, for those who try scimgate out or have another program that sends them.

use std::fs::{DirBuilder, OpenOptions, rename};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

use super::MailError;

/// Puts a message into `folder` as a file that any mail program opens. It is there whole or not at all, and nobody else may
/// read it: mails hold links that open doors.
pub(super) fn put(folder: &Path, message: &[u8], now: DateTime<Utc>) -> Result<(), MailError> {
    write(folder, message, now).map_err(|error| MailError::Folder(folder.to_owned(), error))
}

fn write(folder: &Path, message: &[u8], now: DateTime<Utc>) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    let id = Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()));
    let path = folder.join(format!("{}-{}.eml", now.format("%Y%m%dT%H%M%SZ"), id.simple()));
    let partial = path.with_extension("partial");
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
    file.write_all(message)?;
    file.sync_all()?;
    rename(&partial, &path)
}
