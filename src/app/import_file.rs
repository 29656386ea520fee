//! A file that is imported, read some rows ahead of those that are being written.

use std::fs::File;

use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinHandle;

use crate::import::{ImportError, Row, Survey, read_rows};

/// Rows of a chunk at most, and about how many bytes they may have.
const CHUNK: usize = 1_000;
const CHUNK_BYTES: usize = 1 << 20;
/// Chunks that are read ahead.
const AHEAD: usize = 2;

/// Reads the rows of a file that was surveyed, in a thread of its own, chunk by chunk. Whoever takes no more of them stops it. The
/// handle tells whether all of the file was read.
pub fn read_ahead(mut file: File, survey: Survey) -> (Receiver<Vec<Row>>, JoinHandle<Result<(), ImportError>>) {
    let (sender, receiver) = channel(AHEAD);
    let reading = tokio::task::spawn_blocking(move || {
        let (mut chunk, mut bytes) = (Vec::new(), 0);
        let read = read_rows(&mut file, &survey, |row: Row| -> Result<(), Option<ImportError>> {
            bytes += row.size();
            chunk.push(row);
            if chunk.len() == CHUNK || bytes >= CHUNK_BYTES {
                bytes = 0;
                sender.blocking_send(std::mem::take(&mut chunk)).map_err(|_| None)?;
            }
            Ok(())
        });
        match read {
            Err(Some(error)) => Err(error),
            // Nobody takes them any more.
            Err(None) => Ok(()),
            Ok(()) => {
                let _ = sender.blocking_send(chunk);
                Ok(())
            }
        }
    });
    (receiver, reading)
}
