//! The database URL.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// Where the database is: a `postgresql://` URL or key-value text as libpq takes it, with several hosts if there are standbys.
/// `sslmode=require` means TLS with a certificate that the platform trusts. Anything less means no TLS: encryption without a
/// check of the other side would only look safe.
#[derive(Clone)]
pub struct ConnectConfig(Arc<Vec<Config>>);

/// The database URL cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the database URL cannot be used: {0}; write postgresql://USER:PASSWORD@HOST:PORT/DATABASE")]
pub struct InvalidDatabaseUrl(String);

/// How long one host may take for the whole handshake, so that a host that hangs is left in time.
const HOST_TIMEOUT: Duration = Duration::from_secs(1);

impl ConnectConfig {
    /// Reads a database URL.
    ///
    /// # Errors
    /// If it is no database URL, or names no host. The text of the URL is not repeated: it may hold a password.
    pub fn parse(url: &str) -> Result<Self, InvalidDatabaseUrl> {
        let all = Config::from_str(url).map_err(|error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            InvalidDatabaseUrl(if cause.is_empty() { error.to_string() } else { cause })
        })?;
        if all.get_hosts().is_empty() && all.get_hostaddrs().is_empty() {
            return Err(InvalidDatabaseUrl("it names no host".into()));
        }
        let hosts = one_by_one(&all)?;
        Ok(Self(Arc::new(hosts)))
    }

    /// One configuration for each host, in the order of the URL.
    pub(super) fn hosts(&self) -> &[Config] {
        &self.0
    }
}

/// Splits `all` into one configuration for each host. The driver itself never leaves a host that accepts and then hangs.
fn one_by_one(all: &Config) -> Result<Vec<Config>, InvalidDatabaseUrl> {
    let (hosts, addresses, ports) = (all.get_hosts(), all.get_hostaddrs(), all.get_ports());
    let count = hosts.len().max(addresses.len());
    if (!hosts.is_empty() && !addresses.is_empty() && hosts.len() != addresses.len())
        || (ports.len() > 1 && ports.len() != count)
    {
        return Err(InvalidDatabaseUrl("hosts, addresses and ports differ in number".into()));
    }
    let one = |index: usize| {
        let mut config = Config::new();
        if let Some(user) = all.get_user() {
            config.user(user);
        }
        if let Some(password) = all.get_password() {
            config.password(password);
        }
        if let Some(dbname) = all.get_dbname() {
            config.dbname(dbname);
        }
        config.application_name(all.get_application_name().unwrap_or("scimgate"));
        if let Some(options) = all.get_options() {
            config.options(options);
        }
        let mut unix = false;
        match hosts.get(index) {
            Some(Host::Tcp(host)) => drop(config.host(host)),
            #[cfg(unix)]
            Some(Host::Unix(path)) => {
                unix = true;
                config.host_path(path);
            }
            None => {}
        }
        if let Some(address) = addresses.get(index) {
            config.hostaddr(*address);
        }
        if let Some(port) = ports.get(index).or(ports.first()) {
            config.port(*port);
        }
        let tls = !unix && all.get_ssl_mode() == SslMode::Require;
        config.ssl_mode(if tls { SslMode::Require } else { SslMode::Disable });
        config.ssl_negotiation(all.get_ssl_negotiation()).channel_binding(all.get_channel_binding());
        config.connect_timeout(HOST_TIMEOUT).tcp_user_timeout(Duration::from_secs(6));
        config
            .keepalives_idle(Duration::from_secs(30))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3);
        config
    };
    Ok((0..count).map(one).collect())
}

impl fmt::Debug for ConnectConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<_> = self.0.iter().map(|config| (config.get_hosts(), config.get_ports())).collect();
        f.debug_struct("ConnectConfig").field("hosts", &hosts).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_host_gets_its_own_port() {
        let config = ConnectConfig::parse("postgresql://app:secret@a:1,b:2/db").unwrap();
        let ports: Vec<_> = config.hosts().iter().map(|host| host.get_ports().to_vec()).collect();
        assert_eq!(ports, [[1], [2]]);
        assert!(config.hosts().iter().all(|host| host.get_dbname() == Some("db") && host.get_user() == Some("app")));
    }

    #[test]
    fn tls_is_required_or_not_used_and_unix_sockets_need_none() {
        let mode = |url: &str| ConnectConfig::parse(url).unwrap().hosts().first().unwrap().get_ssl_mode();
        assert_eq!(mode("postgresql://app@db/x?sslmode=require"), SslMode::Require);
        assert_eq!(mode("postgresql://app@db/x"), SslMode::Disable);
        assert_eq!(mode("host=/run/postgresql user=postgres sslmode=require"), SslMode::Disable);
    }

    #[test]
    fn a_password_is_in_no_text() {
        let config = ConnectConfig::parse("postgresql://app:secret@a/db").unwrap();
        assert!(!format!("{config:?}").contains("secret"));
        let refused = ConnectConfig::parse("postgresql://app:secret@a:port/db").unwrap_err().to_string();
        assert!(!refused.contains("secret"), "{refused}");
        assert_eq!(
            ConnectConfig::parse("postgresql:///db").unwrap_err().to_string(),
            "the database URL cannot be used: it names no host; write postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
        );
    }
}
