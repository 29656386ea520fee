//! Mail over SMTP (RFC 5321, RFC 3207, RFC 8314).

use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::response::Category;
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
    match error.status() {
        // Whoever runs us can mend a login.
        Some(code) if error.is_permanent() && code.category == Category::Unspecified3 => MailError::NotNow(text),
        Some(code) if error.is_permanent() && names_nobody(&code.to_string(), &text) => MailError::NoSuchAddress(text),
        _ if error.is_permanent() => MailError::Refused(text),
        _ => MailError::NotNow(text),
    }
}

/// Whether an answer says that nobody has the address (RFC 5321, section 4.2.2; RFC 3463, sections 3.2 and 3.3). Where the server
/// says more than the three digits, that counts: 550 stands for its policies too.
fn names_nobody(code: &str, text: &str) -> bool {
    let detail = text.split(|c: char| c.is_whitespace() || matches!(c, ':' | ')' | '-')).find(|word| {
        let mut parts = word.split('.');
        parts.next() == Some("5") && parts.clone().count() == 2 && parts.all(|part| part.parse::<u16>().is_ok())
    });
    match detail {
        Some(detail) => detail.starts_with("5.1.") && !matches!(detail, "5.1.7" | "5.1.8") || detail == "5.2.1",
        None => matches!(code, "550" | "551" | "553"),
    }
}

#[cfg(test)]
mod tests {
    use super::names_nobody;

    #[test]
    fn what_the_server_says_of_the_address_is_told_apart_from_its_policies() {
        for text in ["permanent error (550): no such user", "permanent error (550): 5.1.1 unknown", "5.2.1 disabled"] {
            assert!(names_nobody("550", text), "{text}");
        }
        for text in ["permanent error (550): 5.7.1 relaying denied", "5.1.8 bad sender", "5.2.2 mailbox full"] {
            assert!(!names_nobody("550", text), "{text}");
        }
        assert!(!names_nobody("554", "permanent error (554): no"));
    }
}
