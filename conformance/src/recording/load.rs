//! Reading scenarios from text or from a folder.

use std::path::{Path, PathBuf};

use super::Scenario;

/// A recording that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file or folder cannot be read.
    #[error("cannot read {path}: {cause}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The text is not a scenario.
    #[error("{name} is not a scenario: {cause}")]
    Parse {
        /// The file.
        name: String,
        /// Where and why.
        cause: serde_json::Error,
    },
}

/// Reads one scenario; `name` is only for the error.
///
/// # Errors
/// The text is not JSON of this form, a matcher among it cannot be read, or an unknown field is there.
pub fn parse(name: &str, text: &str) -> Result<Scenario, LoadError> {
    serde_json::from_str(text).map_err(|cause| LoadError::Parse { name: name.to_owned(), cause })
}

/// Reads every `*.json` below `root`, in the order of their paths.
///
/// # Errors
/// A file or folder cannot be read, or a file is not a scenario.
pub fn directory(root: &Path) -> Result<Vec<Scenario>, LoadError> {
    let mut files = Vec::new();
    collect(root, &mut files)?;
    files.sort();
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).map_err(|cause| LoadError::Read { path: path.clone(), cause })?;
        parse(&path.display().to_string(), &text)
    };
    files.iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), LoadError> {
    let failed = |cause| LoadError::Read { path: folder.to_owned(), cause };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(())
}
