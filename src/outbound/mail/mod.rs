//! Mail: over SMTP, or into a folder where there is no server for it.
//!
//! What a mail is made of is typed ([`Mail`]), so no name or subject can add a header. A mail that was not taken is reported;
//! whether and when to try again is for the caller to decide.

mod digest;
mod folder;
mod letters;
mod message;
mod smtp;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

use crate::auth::SealError;
use crate::config::{MailConfig, SmtpConfig};
use crate::model::{Mail, MailAddress};
pub use digest::digest_mail;
pub use letters::{Letter, LetterLink, LetterList, Sender, compose};

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Neither a server nor a folder is configured.
    #[error("there is no way to send mail; start the server with --smtp-url or --mail-dir")]
    NotConfigured,
    /// Nobody has the address, says the server.
    #[error("the mail server does not know the address: {0}")]
    NoSuchAddress(String),
    /// The server refuses it, and will again.
    #[error("the mail server refuses the mail: {0}")]
    Refused(String),
    /// The server is away, or asks to be tried later.
    #[error("the mail server does not take the mail now: {0}")]
    NotNow(String),
    /// The folder cannot be written.
    #[error("the mail cannot be put into {0}")]
    Folder(PathBuf, #[source] std::io::Error),
    /// What opens a door in it does not open.
    #[error("the link of the mail cannot be read: {0}")]
    Sealed(#[from] SealError),
    /// It could not be made.
    #[error("the mail cannot be written: {0}")]
    Message(String),
}

/// Sends mail.
#[derive(Debug, Clone)]
pub struct Mailer {
    from: MailAddress,
    way: Way,
}

#[derive(Debug, Clone)]
enum Way {
    Server(SmtpConfig),
    Folder(PathBuf),
    None,
}

impl Mailer {
    /// A mailer that goes the way that is configured.
    pub fn new(config: &MailConfig) -> Self {
        let way = match (&config.smtp, &config.dir) {
            (Some(server), _) => Way::Server(server.clone()),
            (None, Some(folder)) => Way::Folder(folder.clone()),
            (None, None) => Way::None,
        };
        Self { from: config.from.clone(), way }
    }

    /// Whether mails only lie here, for people to look at.
    pub fn only_catches(&self) -> bool {
        !matches!(self.way, Way::Server(_))
    }

    /// Sends a mail that is dated `now`. Once this has ended well the server has taken it, or it lies in the folder.
    ///
    /// # Errors
    /// [`MailError`]; of them [`MailError::NotNow`] and [`MailError::Folder`] may end well another time.
    pub async fn send(&self, mail: &Mail, now: DateTime<Utc>) -> Result<(), MailError> {
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        let id = Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()));
        self.send_as(id, mail, now).await
    }

    /// Sends a mail under an id, which is the same whenever it is tried: who gets it twice can tell.
    ///
    /// # Errors
    /// As [`Mailer::send`].
    pub async fn send_as(&self, id: Uuid, mail: &Mail, now: DateTime<Utc>) -> Result<(), MailError> {
        let message = message::of(&self.from, mail, id, now)?;
        match &self.way {
            Way::Server(server) => smtp::send(server, message).await,
            Way::Folder(folder) => folder::put(folder, &message.formatted(), now),
            Way::None => Err(MailError::NotConfigured),
        }
    }
}
