//! The options of what goes out: requests to other servers, and mail.

use std::path::PathBuf;

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::Problems;
use crate::model::{MailAddress, PlainHttp};

/// Whether requests may go to private addresses, and over plain http.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateOutbound {
    /// Public addresses and https alone.
    Refused,
    /// Everywhere.
    Allowed,
}

/// The flags for what goes out, as they were written.
#[derive(Debug, Clone, Args)]
pub struct OutboundArgs {
    #[command(flatten)]
    private: PrivateOutboundArgs,

    /// Mail server: smtp://user:password@host:587 uses STARTTLS, smtps:// TLS from the start; ?tls=none sends in the clear.
    /// Without one, mails are put into --mail-dir
    #[arg(long, env = "SCIMGATE_SMTP_URL", value_name = "URL", hide_env_values = true)]
    smtp_url: Option<SecretString>,

    /// Whom mails are from
    #[arg(long, env = "SCIMGATE_MAIL_FROM", value_name = "ADDRESS", default_value = "scimgate <scimgate@localhost>")]
    mail_from: String,

    /// The folder that mails are put into without --smtp-url [default: mail in --data-dir; none, and so no mail, with a
    /// database of your own]
    #[arg(long, env = "SCIMGATE_MAIL_DIR", value_name = "DIR")]
    mail_dir: Option<PathBuf>,
}

/// The flag that opens private networks; some commands fetch as the server does.
#[derive(Debug, Clone, Copy, Args)]
pub struct PrivateOutboundArgs {
    /// Let requests to issuers of tokens go to private addresses and over plain http; for closed networks and tests
    #[arg(long, env = "SCIMGATE_ALLOW_PRIVATE_OUTBOUND")]
    allow_private_outbound: bool,
}

impl PrivateOutbound {
    /// Whether the URLs of issuers may be of the scheme `http`.
    pub fn plain_http(self) -> PlainHttp {
        match self {
            Self::Refused => PlainHttp::Refused,
            Self::Allowed => PlainHttp::Allowed,
        }
    }
}

impl PrivateOutboundArgs {
    /// What the flag says.
    pub fn policy(self) -> PrivateOutbound {
        if self.allow_private_outbound { PrivateOutbound::Allowed } else { PrivateOutbound::Refused }
    }
}

/// What goes out, and how.
#[derive(Debug, Clone)]
pub struct OutboundConfig {
    /// Where requests may go.
    pub private: PrivateOutbound,
    /// How mail is sent.
    pub mail: MailConfig,
}

/// How mail is sent.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// Whom it is from.
    pub from: MailAddress,
    /// The server that takes it.
    pub smtp: Option<SmtpConfig>,
    /// The folder it is put into if there is no server.
    pub dir: Option<PathBuf>,
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// User and password.
    pub login: Option<(String, SecretString)>,
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// TLS from the first byte.
    FromTheStart,
    /// STARTTLS, and nothing is sent without.
    StartTls,
    /// Not at all.
    None,
}

impl OutboundArgs {
    /// Reads what was written.
    pub(super) fn check(&self, problems: &mut Problems) -> Option<OutboundConfig> {
        let from = problems.read("mail-from", &self.mail_from, |text| text.parse::<MailAddress>());
        // The text holds a password, so it is not repeated.
        let smtp = self
            .smtp_url
            .as_ref()
            .map(|url| smtp(url.expose_secret()).map_err(|why| problems.note("smtp-url", &why)).ok());
        let mail = match smtp {
            Some(None) => None,
            smtp => from.map(|from| MailConfig { from, smtp: smtp.flatten(), dir: self.mail_dir.clone() }),
        };
        Some(OutboundConfig { private: self.private.policy(), mail: mail? })
    }
}

fn smtp(text: &str) -> Result<SmtpConfig, String> {
    let url = Url::parse(text).map_err(|error| format!("it is no URL ({error}); {EXAMPLE}"))?;
    let queries: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let queries: Vec<(&str, &str)> = queries.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let tls = match (url.scheme(), queries.as_slice()) {
        ("smtps", []) => SmtpTls::FromTheStart,
        ("smtp", []) => SmtpTls::StartTls,
        ("smtp", [("tls", "none")]) => SmtpTls::None,
        _ => return Err(format!("it is no address of a mail server; {EXAMPLE}")),
    };
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| format!("it names no host; {EXAMPLE}"))?;
    let login = match url.password() {
        Some(password) => Some((decoded(url.username())?, decoded(password)?.into())),
        None if url.username().is_empty() => None,
        None => return Err("it has a user and no password".into()),
    };
    let is_here = match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    };
    if tls == SmtpTls::None && login.is_some() && !is_here {
        return Err("it would send the password in the clear; leave ?tls=none out, or the password".into());
    }
    let port = url.port().unwrap_or(match tls {
        SmtpTls::FromTheStart => 465,
        SmtpTls::StartTls => 587,
        SmtpTls::None => 25,
    });
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Ok(SmtpConfig { host, port, tls, login })
}

const EXAMPLE: &str = "write for example smtp://user:password@mail.example.com:587";

/// Text with `%40` and the like in it.
fn decoded(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.ok_or("a % in the user or the password is not written as %25")?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).map_err(|_| "the user or the password is not UTF-8".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_is_read_from_its_url() {
        let server = smtp("smtp://ann%40example.com:p%25w%3A@mail.example.com").unwrap();
        assert_eq!((server.host.as_str(), server.port, server.tls), ("mail.example.com", 587, SmtpTls::StartTls));
        let (user, password) = server.login.as_ref().unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("ann@example.com", "p%w:"));
        assert!(!format!("{server:?}").contains("p%w"));
        assert_eq!(smtp("smtps://mail.example.com").unwrap().port, 465);
        assert_eq!(smtp("smtp://127.0.0.1:2525?tls=none").unwrap().port, 2525);
        assert_eq!(smtp("smtp://[::1]?tls=none").unwrap().host, "::1");
        assert!(smtp("smtp://u:p@localhost?tls=none").is_ok());
    }

    #[test]
    fn a_mail_server_that_cannot_be_is_refused_without_its_password() {
        for (url, told) in [
            ("mail.example.com", "no URL"),
            ("http://mail.example.com", "no address"),
            ("smtp://mail.example.com?tls=maybe", "no address"),
            ("smtps://mail.example.com?tls=none", "no address"),
            ("smtp://u:hunter2@mail.example.com?tls=none", "in the clear"),
            ("smtp://u@mail.example.com", "no password"),
            ("smtp://u:hunter2%zz@mail.example.com", "%25"),
            ("smtp://", "no"),
        ] {
            let error = smtp(url).unwrap_err();
            assert!(error.contains(told) && !error.contains("hunter2"), "{url}: {error}");
        }
    }
}
