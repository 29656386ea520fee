//! Mail over SMTP (RFC 5321, RFC 3207, RFC 8314).

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::{Error, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret;

use super::MailError;
use crate::config::{SmtpConfig, SmtpTls};

/// Time for each step of the conversation.
const STEP: Duration = Duration::from_secs(10);
/// Time for all of it.
const TOTAL: Duration = Duration::from_secs(60);

/// Gives a message to the server. A connection for each: mails are few.
pub(super) async fn send(server: &SmtpConfig, message: Message) -> Result<(), MailError> {
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.host.as_str())
        .port(server.port)
        .timeout(Some(STEP))
        .pool_config(PoolConfig::new().min_idle(0).max_size(1))
        .tls(tls(server)?);
    if let Some((user, password)) = &server.login {
        transport = transport.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
    }
    let transport = transport.build();
    let sent = tokio::time::timeout(TOTAL, transport.send(message)).await;
    transport.shutdown().await;
    match sent {
        Ok(outcome) => outcome.map(|_| ()).map_err(|error| told(&error)),
        Err(_) => Err(MailError::NotNow(format!("it did not take it within {} s", TOTAL.as_secs()))),
    }
}

fn tls(server: &SmtpConfig) -> Result<Tls, MailError> {
    let parameters = || TlsParameters::new(server.host.clone()).map_err(|error| told(&error));
    Ok(match server.tls {
        SmtpTls::FromTheStart => Tls::Wrapper(parameters()?),
        SmtpTls::StartTls => Tls::Required(parameters()?),
        SmtpTls::None => Tls::None,
    })
}

/// The server's own words, as far as it said any, on one line.
fn told(error: &Error) -> MailError {
    let text = error.to_string().replace(char::is_control, " ");
    if error.is_permanent() { MailError::Refused(text) } else { MailError::NotNow(text) }
}
