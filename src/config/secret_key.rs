//! The key that seals secrets which the database keeps: it lies outside the database, so that a dump alone is of no use.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use clap::Args;
use rand::CryptoRng;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretBox};

const BYTES: usize = 32;
/// The key itself, for those who hand secrets over in the environment.
const VARIABLE: &str = "SCIMGATE_SECRET_KEY";
/// The file that is made in the data directory of the embedded PostgreSQL.
const GENERATED: &str = "secret.key";

/// Flags that tell where the key is.
#[derive(Debug, Clone, Default, Args)]
pub struct SecretKeyArgs {
    /// File with the key that seals secrets in the database, the same for every server: `openssl rand -base64 32`
    ///
    /// The key itself may stand in SCIMGATE_SECRET_KEY instead. A line for each key: the first one seals, the others open what
    /// they sealed before. The embedded PostgreSQL needs none: a key is made in its data directory
    #[arg(long, global = true, help_heading = "Database", env = "SCIMGATE_SECRET_KEY_FILE", value_name = "FILE")]
    pub secret_key_file: Option<PathBuf>,
}

/// Keys of 256 bits, at least one. The first one seals, all of them open.
pub struct SecretKey(SecretBox<Vec<[u8; BYTES]>>);

/// Why there is no key. No part of a key is in it.
#[derive(Debug, thiserror::Error)]
pub enum SecretKeyError {
    /// It is told twice.
    #[error("the secret key is told twice, by --secret-key-file and by SCIMGATE_SECRET_KEY; leave one of them out")]
    Twice,
    /// The text is no key.
    #[error("{place} holds no key: {why}; make one with `openssl rand -base64 32`")]
    Invalid {
        /// Where the text stands.
        place: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The file cannot be used.
    #[error("cannot use the secret key in {}: {cause}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's word.
        cause: io::Error,
    },
}

impl SecretKeyArgs {
    /// The key that is told, or else the one in `data_dir`, where the embedded PostgreSQL has its files; made there if it is
    /// missing. `None` if nothing is told and the database is one of the user's own.
    ///
    /// # Errors
    /// [`SecretKeyError`]
    pub fn read(&self, data_dir: Option<&Path>, rng: &mut impl CryptoRng) -> Result<Option<SecretKey>, SecretKeyError> {
        let told = std::env::var_os(VARIABLE).map(|text| Zeroizing::new(text.to_string_lossy().into_owned()));
        match (&self.secret_key_file, told, data_dir) {
            (Some(_), Some(_), _) => Err(SecretKeyError::Twice),
            (Some(path), None, _) => SecretKey::of_file(path).map(Some),
            (None, Some(text), _) => SecretKey::parse(&text).map_err(invalid(VARIABLE.to_owned())).map(Some),
            (None, None, Some(folder)) => SecretKey::kept_in(folder, rng).map(Some),
            (None, None, None) => Ok(None),
        }
    }
}

impl SecretKey {
    /// Reads keys in base 64, one a line.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut keys = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let text = line.trim_end_matches('=').replace('-', "+").replace('_', "/");
            let bytes = STANDARD_NO_PAD.decode(text).map(Zeroizing::new).map_err(|_| "it is not base 64")?;
            let key: [u8; BYTES] = bytes[..].try_into().map_err(|_| "it does not have 32 bytes")?;
            if key.iter().all(|byte| *byte == key[0]) {
                return Err("it is one byte repeated, which is not random");
            }
            keys.push(key);
        }
        if keys.is_empty() { Err("it is empty") } else { Ok(Self(SecretBox::new(Box::new(keys)))) }
    }

    /// The keys, the one that seals first.
    pub fn expose(&self) -> &[[u8; BYTES]] {
        self.0.expose_secret()
    }

    fn of_file(path: &Path) -> Result<Self, SecretKeyError> {
        let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(file(path))?;
        Self::parse(&text).map_err(invalid(path.display().to_string()))
    }

    /// The key in a file of `folder`, which only its owner may read. Of several processes that make it at once one wins.
    fn kept_in(folder: &Path, rng: &mut impl CryptoRng) -> Result<Self, SecretKeyError> {
        let path = folder.join(GENERATED);
        if !path.try_exists().map_err(file(&path))? {
            generate(folder, &path, rng).map_err(file(&path))?;
        }
        Self::of_file(&path)
    }
}

/// Writes a file under another name, whole, and gives it its name unless that is taken.
fn generate(folder: &Path, path: &Path, rng: &mut impl CryptoRng) -> io::Result<()> {
    let mut key = Zeroizing::new([0; BYTES]);
    rng.fill_bytes(&mut *key);
    let draft = folder.join(format!("{GENERATED}.new.{}", std::process::id()));
    let written = (|| {
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&draft)?;
        writeln!(file, "{}", *Zeroizing::new(STANDARD.encode(*key)))?;
        if rustix::process::geteuid().is_root() {
            // The folder's owner is who will serve from it.
            let owner = std::fs::metadata(folder)?;
            chown(&draft, Some(owner.uid()), Some(owner.gid()))?;
        }
        file.sync_all()?;
        match std::fs::hard_link(&draft, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
            // Nothing may be sealed with a key that a power cut could take away.
            Ok(()) => File::open(folder)?.sync_all(),
        }
    })();
    let removed = std::fs::remove_file(&draft);
    written.and(removed)
}

fn file(path: &Path) -> impl FnOnce(io::Error) -> SecretKeyError {
    let path = path.to_owned();
    move |cause| SecretKeyError::File { path, cause }
}

fn invalid(place: String) -> impl FnOnce(&'static str) -> SecretKeyError {
    move |why| SecretKeyError::Invalid { place, why }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    #[test]
    fn a_key_is_32_bytes_in_base_64() {
        let read = |text: &str| SecretKey::parse(text).map(|key| key.expose().to_vec());
        assert_eq!(read(KEY), Ok(vec![*b"0123456789abcdef0123456789abcdef"]));
        assert_eq!(read(&format!(" {}\n", KEY.trim_end_matches('='))), read(KEY));
        assert_eq!(read(&format!("{KEY}\n\n{KEY}")).map(|keys| keys.len()), Ok(2));
        assert_eq!(read(" \n"), Err("it is empty"));
        assert_eq!(read("secret!"), Err("it is not base 64"));
        assert_eq!(read("c2VjcmV0"), Err("it does not have 32 bytes"));
        assert_eq!(read(&"A".repeat(43)), Err("it is one byte repeated, which is not random"));
    }

    #[test]
    fn a_key_is_made_once_and_kept_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let read = || SecretKeyArgs::default().read(Some(folder.path()), &mut rand::rng()).unwrap().unwrap();
        let first = read();
        assert_eq!(read().expose(), first.expose());
        let mode = std::fs::metadata(folder.path().join(GENERATED)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn processes_that_make_it_at_once_agree() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(GENERATED);
        generate(folder.path(), &path, &mut rand::rng()).unwrap();
        let first = std::fs::read(&path).unwrap();
        generate(folder.path(), &path, &mut rand::rng()).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), first);
    }

    #[test]
    fn without_a_file_of_our_own_there_is_no_key() {
        assert!(SecretKeyArgs::default().read(None, &mut rand::rng()).unwrap().is_none());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let args = SecretKeyArgs { secret_key_file: Some(path.clone()) };
        let told = |args: &SecretKeyArgs| args.read(None, &mut rand::rng()).err().unwrap().to_string();
        assert!(told(&args).starts_with(&format!("cannot use the secret key in {}: ", path.display())));
        std::fs::write(&path, "").unwrap();
        let wanted = format!("{} holds no key: it is empty; make one with `openssl rand -base64 32`", path.display());
        assert_eq!(told(&args), wanted);
    }
}
