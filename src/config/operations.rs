//! The options of a server that concern those who run it: TLS, proxies, limits, what it tells of itself, and its end.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::proxies::{ForwardedHeader, TrustedProxies};
use super::server::{address, number};
use super::{Problems, parse_duration};

/// Where metrics are served unless another place is asked for.
const OPS_LISTEN: &str = "127.0.0.1:9464";

/// The flags of `scimgate serve` that concern its operation, as they were written.
#[derive(Debug, Clone, Args)]
pub struct OperationsArgs {
    /// Certificate chain in PEM form; with it the server speaks HTTPS. A changed file is taken up within seconds
    #[arg(long, help_heading = "TLS and proxies", env = "SCIMGATE_TLS_CERT", value_name = "FILE")]
    tls_cert: Option<PathBuf>,

    /// Private key of the certificate in PEM form
    #[arg(long, help_heading = "TLS and proxies", env = "SCIMGATE_TLS_KEY", value_name = "FILE")]
    tls_key: Option<PathBuf>,

    /// Networks of the proxies in front, such as 10.0.0.0/8,::1; only what they say of a client's address is believed
    #[arg(long, help_heading = "TLS and proxies", env = "SCIMGATE_TRUSTED_PROXY", value_name = "CIDR,...")]
    trusted_proxy: Option<String>,

    /// The header in which those proxies name the client: x-forwarded-for or forwarded
    #[arg(
        long,
        help_heading = "TLS and proxies",
        env = "SCIMGATE_FORWARDED_HEADER",
        value_name = "NAME",
        default_value = "x-forwarded-for"
    )]
    forwarded_header: String,

    /// Requests a second that each tenant may send to this node, or off
    #[arg(long, help_heading = "Limits", env = "SCIMGATE_RATE_LIMIT", value_name = "N", default_value = "500")]
    rate_limit: String,

    /// Requests that a tenant may send at once after a pause [default: three times --rate-limit]
    #[arg(long, help_heading = "Limits", env = "SCIMGATE_RATE_BURST", value_name = "N")]
    rate_burst: Option<String>,

    /// Requests a second with one credential, or off [default: as --rate-limit]
    #[arg(long, help_heading = "Limits", env = "SCIMGATE_CREDENTIAL_RATE_LIMIT", value_name = "N")]
    credential_rate_limit: Option<String>,

    /// Requests at once with one credential [default: three times its rate]
    #[arg(long, help_heading = "Limits", env = "SCIMGATE_CREDENTIAL_RATE_BURST", value_name = "N")]
    credential_rate_burst: Option<String>,

    /// Wrong credentials a minute from one address, and for one credential, before they are answered with 429; or off
    #[arg(long, help_heading = "Limits", env = "SCIMGATE_FAILED_AUTH_LIMIT", value_name = "N", default_value = "10")]
    failed_auth_limit: String,

    /// Address and port for /metrics, /healthz and /readyz without TLS, or off; the default is left out if it is taken
    /// [default: 127.0.0.1:9464]
    #[arg(long, help_heading = "Observation", env = "SCIMGATE_OPS_LISTEN", value_name = "ADDRESS")]
    ops_listen: Option<String>,

    /// The form of the access log: text, json (then every line of the log is a JSON object) or off
    #[arg(
        long,
        help_heading = "Observation",
        env = "SCIMGATE_ACCESS_LOG",
        value_name = "FORM",
        default_value = "text"
    )]
    access_log: String,

    /// Time between SIGTERM, when /readyz begins to answer 503, and the end of service for new connections
    #[arg(long, env = "SCIMGATE_DRAIN_DELAY", value_name = "TIME", default_value = "500ms")]
    drain_delay: String,
}

/// How a server is operated.
#[derive(Debug, Clone)]
pub struct Operations {
    /// The files to speak TLS with.
    pub tls: Option<TlsFiles>,
    /// Whose word about a client's address counts.
    pub proxies: TrustedProxies,
    /// How many requests are served.
    pub rates: Rates,
    /// Wrong credentials a minute; `None` for any number.
    pub failed_auth: Option<NonZeroU32>,
    /// Where metrics are served.
    pub ops_listen: OpsListen,
    /// The form of the access log.
    pub access_log: AccessLog,
    /// How long everything is served as before once the end is announced.
    pub drain: Duration,
}

/// Where certificate and key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate chain, the server's own first.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// How many requests are served, on this node alone: nodes do not count together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rates {
    /// Of one tenant.
    pub tenant: Option<Rate>,
    /// With one credential.
    pub credential: Option<Rate>,
}

/// A token bucket: it refills by so many a second and holds so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests a second.
    pub per_second: NonZeroU32,
    /// Requests at once.
    pub burst: NonZeroU32,
}

/// Where metrics are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpsListen {
    /// Nowhere.
    Off,
    /// At the usual place, if it is free.
    Usual(SocketAddr),
    /// There, and there has to be room.
    At(SocketAddr),
}

/// The form of the access log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessLog {
    /// Nothing is written.
    Off,
    /// One line of words a request.
    Text,
    /// One JSON object a request; all other lines of the log are objects too.
    Json,
}

impl OperationsArgs {
    /// Reads the flags; what is wrong goes to `problems`.
    pub(super) fn check(&self, problems: &mut Problems) -> Option<Operations> {
        let tls = self.tls(problems);
        let proxies = self.proxies(problems);
        let rates = self.rates(problems);
        let failed_auth = problems.read("failed-auth-limit", &self.failed_auth_limit, count_or_off);
        let ops_listen = match &self.ops_listen {
            Some(text) => problems.read("ops-listen", text, ops_listen),
            None => address(OPS_LISTEN).map(OpsListen::Usual).ok(),
        };
        let access_log = problems.read("access-log", &self.access_log, access_log);
        let drain = problems.read("drain-delay", &self.drain_delay, parse_duration);
        Some(Operations {
            tls: tls?,
            proxies: proxies?,
            rates: rates?,
            failed_auth: failed_auth?,
            ops_listen: ops_listen?,
            access_log: access_log?,
            drain: drain?,
        })
    }

    /// The form of the access log, for those who start the log before the flags are checked; what is wrong is told then.
    pub fn logs_json(&self) -> bool {
        self.access_log == "json"
    }

    fn tls(&self, problems: &mut Problems) -> Option<Option<TlsFiles>> {
        match (&self.tls_cert, &self.tls_key) {
            (Some(cert), Some(key)) => Some(Some(TlsFiles { cert: cert.clone(), key: key.clone() })),
            (None, None) => Some(None),
            (Some(_), None) => {
                problems.note("tls-key", "is missing; name the private key of --tls-cert");
                None
            }
            (None, Some(_)) => {
                problems.note("tls-cert", "is missing; name the certificate of --tls-key");
                None
            }
        }
    }

    fn proxies(&self, problems: &mut Problems) -> Option<TrustedProxies> {
        let networks = problems.read(
            "trusted-proxy",
            self.trusted_proxy.as_deref().unwrap_or_default(),
            TrustedProxies::parse_networks,
        );
        let header = problems.read("forwarded-header", &self.forwarded_header, ForwardedHeader::parse);
        Some(TrustedProxies::new(networks?, header?))
    }

    fn rates(&self, problems: &mut Problems) -> Option<Rates> {
        let tenant = rate(problems, "rate", &self.rate_limit, self.rate_burst.as_deref());
        let credential = match (&self.credential_rate_limit, &self.credential_rate_burst) {
            (None, None) => tenant,
            (limit, burst) => {
                let limit = limit.as_deref().unwrap_or(&self.rate_limit);
                rate(problems, "credential-rate", limit, burst.as_deref())
            }
        };
        Some(Rates { tenant: tenant?, credential: credential? })
    }
}

/// The rate of two flags whose names begin with `name`.
fn rate(problems: &mut Problems, name: &str, limit: &str, burst: Option<&str>) -> Option<Option<Rate>> {
    let limit = problems.read(&format!("{name}-limit"), limit, count_or_off);
    let burst = match burst {
        Some(text) => problems.read(&format!("{name}-burst"), text, count).map(Some),
        None => Some(None),
    };
    let (limit, burst) = (limit?, burst?);
    Some(limit.map(|per_second| {
        let usual = per_second.saturating_mul(NonZeroU32::MIN.saturating_add(2));
        Rate { per_second, burst: burst.unwrap_or(usual) }
    }))
}

fn count(text: &str) -> Result<NonZeroU32, String> {
    number(text, 1..=1_000_000).map(|number: u32| NonZeroU32::MIN.saturating_add(number - 1))
}

fn count_or_off(text: &str) -> Result<Option<NonZeroU32>, String> {
    match text {
        "off" => Ok(None),
        text => count(text).map(Some).map_err(|why| format!("{why}, and not off")),
    }
}

fn ops_listen(text: &str) -> Result<OpsListen, String> {
    match text {
        "off" => Ok(OpsListen::Off),
        text => address(text).map(OpsListen::At),
    }
}

fn access_log(text: &str) -> Result<AccessLog, String> {
    match text {
        "text" => Ok(AccessLog::Text),
        "json" => Ok(AccessLog::Json),
        "off" => Ok(AccessLog::Off),
        _ => Err("is no form of the access log; choose text, json or off".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        operations: OperationsArgs,
    }

    fn check(flags: &[&str]) -> Result<Operations, String> {
        let mut problems = Problems::default();
        let found = Line::parse_from([&["serve"], flags].concat()).operations.check(&mut problems);
        problems.unless_any(found).map_err(|problems| problems.to_string())
    }

    fn some_rate(per_second: u32, burst: u32) -> Option<Rate> {
        Some(Rate { per_second: NonZeroU32::new(per_second).unwrap(), burst: NonZeroU32::new(burst).unwrap() })
    }

    #[test]
    fn the_defaults_are_generous_and_safe() {
        let operations = check(&[]).unwrap();
        assert_eq!(operations.rates, Rates { tenant: some_rate(500, 1500), credential: some_rate(500, 1500) });
        assert_eq!(operations.failed_auth.map(NonZeroU32::get), Some(10));
        assert_eq!(operations.ops_listen, OpsListen::Usual(([127, 0, 0, 1], 9464).into()));
        assert_eq!((operations.tls, operations.access_log), (None, AccessLog::Text));
        assert_eq!(operations.drain, Duration::from_millis(500));
    }

    #[test]
    fn limits_can_be_set_apart_and_switched_off() {
        let rates = |flags: &[&str]| check(flags).unwrap().rates;
        assert_eq!(rates(&["--rate-limit=off"]), Rates::default());
        assert_eq!(
            rates(&["--rate-limit=100", "--rate-burst=300", "--credential-rate-limit=25"]),
            Rates { tenant: some_rate(100, 300), credential: some_rate(25, 75) }
        );
        assert_eq!(rates(&["--credential-rate-limit=off"]), Rates { tenant: some_rate(500, 1500), credential: None });
        assert_eq!(check(&["--failed-auth-limit=off"]).unwrap().failed_auth, None);
        assert_eq!(check(&["--ops-listen=off"]).unwrap().ops_listen, OpsListen::Off);
    }

    #[test]
    fn what_is_wrong_is_told_with_what_to_write() {
        let told = check(&["--tls-cert=a.pem", "--rate-limit=0", "--trusted-proxy=10.0.0.0/33", "--access-log=xml"]);
        let told = told.unwrap_err();
        for part in [
            "--tls-key (SCIMGATE_TLS_KEY): is missing; name the private key of --tls-cert",
            "--rate-limit (SCIMGATE_RATE_LIMIT): \"0\" is no whole number from 1 to 1000000, and not off",
            "--trusted-proxy (SCIMGATE_TRUSTED_PROXY): \"10.0.0.0/33\" is no list of networks",
            "--access-log (SCIMGATE_ACCESS_LOG): \"xml\" is no form of the access log; choose text, json or off",
        ] {
            assert!(told.contains(part), "{told} lacks {part}");
        }
    }
}
