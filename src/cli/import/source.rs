//! The files of an import: the one that is read, and those that are written beside it.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use secrecy::ExposeSecret;

use super::Done;
use crate::import::RejectWriter;
use crate::model::RecordOutcome;

/// Opens what is to be read. Standard input goes through a file without a name, since it is read twice.
pub fn open(path: &Path) -> anyhow::Result<File> {
    if path != Path::new("-") {
        return File::open(path).with_context(|| format!("cannot read {}", path.display()));
    }
    let mut file = tempfile::tempfile().context("cannot make a temporary file")?;
    io::copy(&mut io::stdin().lock(), &mut file).context("cannot keep what comes on standard input")?;
    Ok(file)
}

/// What is written beside. Each file is made when there is something to write.
pub struct Outputs {
    rejects: Option<PathBuf>,
    credentials: Option<PathBuf>,
    columns: Vec<String>,
    reject_writer: Option<RejectWriter<BufWriter<File>>>,
    credentials_file: Option<File>,
}

impl Outputs {
    /// Files for rows with these columns.
    pub fn new(rejects: Option<PathBuf>, credentials: Option<PathBuf>, columns: Vec<String>) -> Self {
        Self { rejects, credentials, columns, reject_writer: None, credentials_file: None }
    }

    /// Writes what has to be written of a chunk.
    pub fn add(&mut self, chunk: &[Done]) -> anyhow::Result<()> {
        for done in chunk {
            if let (RecordOutcome::Failed(failure), Some(path)) = (&done.outcome, &self.rejects) {
                let writer = match &mut self.reject_writer {
                    Some(writer) => writer,
                    none => none.insert(RejectWriter::new(BufWriter::new(create(path)?), &self.columns)?),
                };
                writer.write(&done.row.cells, &failure.message)?;
            }
            if let (Some(credentials), Some(path)) = (&done.credentials, &self.credentials) {
                let file = match &mut self.credentials_file {
                    Some(file) => file,
                    none => none.insert(create(path)?),
                };
                // Row by row: what was made and not written is lost.
                let mut csv = csv::Writer::from_writer(Vec::new());
                csv.write_record([credentials.user_name.as_str(), credentials.password.expose_secret()])?;
                file.write_all(&csv.into_inner().map_err(|error| io::Error::other(error.to_string()))?)?;
            }
        }
        Ok(())
    }

    /// Ends the files.
    pub fn finish(self) -> anyhow::Result<()> {
        if let Some(writer) = self.reject_writer {
            writer.finish()?.flush()?;
        }
        Ok(())
    }
}

/// A new file that nobody else may read: people stand in it.
pub fn create(path: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create_new(true).mode(0o600);
    options.open(path).with_context(|| format!("cannot write to {}", path.display()))
}
