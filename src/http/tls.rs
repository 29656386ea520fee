//! TLS towards clients: versions 1.2 and 1.3, HTTP/2 or HTTP/1.1 as the client likes, and a certificate that may change while
//! connections are open.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, client};
use tokio::time::{MissedTickBehavior, interval};
use tokio_rustls::TlsAcceptor;
use x509_cert::der::Decode;

use crate::config::TlsFiles;

/// How often the files are looked at. A change is taken up at the second look that finds it, when certificate and key have
/// both been written.
const LOOK: Duration = Duration::from_millis(500);

/// Why certificate and key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{} cannot be read: {why}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// There is no certificate in the file, or something else.
    #[error("{} holds no certificate in PEM form", .0.display())]
    NoCertificate(PathBuf),
    /// There is no key in the file, or something else.
    #[error("{} holds no unencrypted private key in PEM form", .0.display())]
    NoKey(PathBuf),
    /// They do not belong together, or are of a kind that is not supported.
    #[error("certificate and key cannot be used together: {0}")]
    Unfit(String),
}

/// A certificate and its key, as they were read.
pub struct Pair {
    key: Arc<CertifiedKey>,
}

impl Pair {
    /// Reads both files.
    ///
    /// # Errors
    /// Which of them cannot be used, and why.
    pub fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        Self::of(files, &Contents::read(files)?)
    }

    fn of(files: &TlsFiles, contents: &Contents) -> Result<Self, TlsError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&contents.cert)
            .collect::<Result<_, _>>()
            .map_err(|_| TlsError::NoCertificate(files.cert.clone()))?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate(files.cert.clone()));
        }
        let key = PrivateKeyDer::from_pem_slice(&contents.key).map_err(|_| TlsError::NoKey(files.key.clone()))?;
        let key = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
            .map_err(|error| TlsError::Unfit(error.to_string()))?;
        Ok(Self { key: Arc::new(key) })
    }

    /// When the certificate ends; `None` if that cannot be told.
    pub fn ends(&self) -> Option<DateTime<Utc>> {
        let certificate = x509_cert::Certificate::from_der(self.key.end_entity_cert().ok()?).ok()?;
        let end = certificate.tbs_certificate.validity.not_after.to_unix_duration();
        DateTime::from_timestamp(i64::try_from(end.as_secs()).ok()?, 0)
    }

    /// Whether the certificate was made for that host name or address.
    pub fn is_for(&self, host: &str) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let certificate = self.key.end_entity_cert().and_then(ParsedCertificate::try_from);
        match (certificate, ServerName::try_from(host)) {
            (Ok(certificate), Ok(name)) => client::verify_server_name(&certificate, &name).is_ok(),
            _ => false,
        }
    }
}

/// What both files hold.
#[derive(Clone, PartialEq, Eq)]
struct Contents {
    cert: Vec<u8>,
    key: Vec<u8>,
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a certificate and its key")
    }
}

impl Contents {
    fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let read = |path: &Path| {
            fs::read(path).map_err(|error| TlsError::Read { path: path.to_owned(), why: error.to_string() })
        };
        Ok(Self { cert: read(&files.cert)?, key: read(&files.key)? })
    }
}

/// The certificate that new connections are given.
#[derive(Debug)]
pub struct Certificate {
    files: TlsFiles,
    /// What was read first: whatever differs from it is a change, however soon it comes.
    loaded: Contents,
    current: RwLock<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

impl Certificate {
    /// The certificate in these files.
    ///
    /// # Errors
    /// As [`Pair::read`].
    pub fn load(files: &TlsFiles) -> Result<Arc<Self>, TlsError> {
        let loaded = Contents::read(files)?;
        let pair = Pair::of(files, &loaded)?;
        Ok(Arc::new(Self { files: files.clone(), loaded, current: RwLock::new(pair.key) }))
    }

    fn current(&self) -> Arc<CertifiedKey> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// When it ends; `None` if that cannot be told.
    pub fn ends(&self) -> Option<DateTime<Utc>> {
        Pair { key: self.current() }.ends()
    }

    /// What takes connections with it.
    ///
    /// # Errors
    /// If the cryptography at hand has neither of the versions.
    pub fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, TlsError> {
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| TlsError::Unfit(error.to_string()))?;
        let mut config = config.with_no_client_auth().with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Takes up changed files, for ever. What cannot be used is told once and changes nothing.
    pub async fn follow(self: Arc<Self>) {
        let mut seen = Ok(self.loaded.clone());
        let mut is_taken_up = true;
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let now = Contents::read(&self.files);
            if now != seen {
                (seen, is_taken_up) = (now, false);
            } else if !is_taken_up {
                self.take_up(&seen);
                is_taken_up = true;
            }
        }
    }

    fn take_up(&self, contents: &Result<Contents, TlsError>) {
        let pair = contents.as_ref().map_err(Clone::clone).and_then(|contents| Pair::of(&self.files, contents));
        match pair {
            Ok(pair) => {
                let end = pair.ends().map_or("at an unknown time".to_owned(), |end| end.to_rfc3339());
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = pair.key;
                log::info!("took up the changed certificate, which ends {end}");
            }
            Err(error) => log::error!("the changed certificate is not used, the old one goes on: {error}"),
        }
    }
}
