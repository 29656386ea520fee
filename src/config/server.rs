//! The options of a server.

use std::fmt::Display;
use std::net::{SocketAddr, ToSocketAddrs};
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use clap::Args;

use super::operations::{Operations, OperationsArgs};
use super::{OutboundArgs, OutboundConfig, Problems, PublicUrl, parse_duration, parse_size};
use crate::scim::list::PageSize;

/// For how long a key signs at least.
const SHORTEST_KEY_PERIOD: Duration = Duration::from_secs(2 * 86_400);

/// The flags of `scimgate serve`, as they were written. [`ServerArgs::check`] reads them, so that all problems are told
/// together.
#[derive(Debug, Clone, Args)]
pub struct ServerArgs {
    /// Address and port to listen on; give a certificate or put a proxy that ends TLS in front. Port 0 takes a free one
    #[arg(long, env = "SCIMGATE_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: String,

    /// URL under which clients reach this server; answers name resources by it [default: http:// and the address]
    #[arg(long, env = "SCIMGATE_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,

    /// Threads that serve requests, 1 to 256 [default: the number of processor cores, at least 2]
    #[arg(long, env = "SCIMGATE_WORKERS", value_name = "N")]
    workers: Option<String>,

    /// Connections of clients that each worker holds at once; more wait to be accepted
    #[arg(long, env = "SCIMGATE_MAX_CONNECTIONS", value_name = "N", default_value = "4096")]
    max_connections: String,

    /// Largest request body
    #[arg(long, env = "SCIMGATE_MAX_BODY", value_name = "SIZE", default_value = "1MiB")]
    max_body: String,

    /// Operations of a bulk request at most, up to 10000
    #[arg(long, env = "SCIMGATE_MAX_BULK_OPERATIONS", value_name = "N", default_value = "1000")]
    max_bulk_operations: String,

    /// Largest body of a bulk request; each operation in it is held to --max-body
    #[arg(long, env = "SCIMGATE_MAX_BULK_PAYLOAD", value_name = "SIZE", default_value = "8MiB")]
    max_bulk_payload: String,

    /// Largest file of people that can be imported over HTTP
    #[arg(long, env = "SCIMGATE_MAX_IMPORT", value_name = "SIZE", default_value = "256MiB")]
    max_import: String,

    /// Resources on a page when the client does not say how many
    #[arg(long, env = "SCIMGATE_PAGE_SIZE", value_name = "N", default_value = "100")]
    page_size: String,

    /// Resources on a page at most
    #[arg(long, env = "SCIMGATE_MAX_PAGE_SIZE", value_name = "N", default_value = "1000")]
    max_page_size: String,

    /// Time for a request's head to arrive
    #[arg(long, env = "SCIMGATE_HEAD_TIMEOUT", value_name = "TIME", default_value = "10s")]
    head_timeout: String,

    /// Time for a request's body to arrive
    #[arg(long, env = "SCIMGATE_BODY_TIMEOUT", value_name = "TIME", default_value = "30s")]
    body_timeout: String,

    /// Time to answer a request once it has arrived; later it gets 503
    #[arg(long, env = "SCIMGATE_REQUEST_TIMEOUT", value_name = "TIME", default_value = "30s")]
    request_timeout: String,

    /// Time after which no further operation of a bulk request is begun; those left are answered with 503
    #[arg(long, env = "SCIMGATE_BULK_TIMEOUT", value_name = "TIME", default_value = "60s")]
    bulk_timeout: String,

    /// Time for a file of people to arrive and to become a task
    #[arg(long, env = "SCIMGATE_IMPORT_TIMEOUT", value_name = "TIME", default_value = "10m")]
    import_timeout: String,

    /// How long a connection without a request is kept open
    #[arg(long, env = "SCIMGATE_KEEP_ALIVE", value_name = "TIME", default_value = "30s")]
    keep_alive: String,

    /// Time that requests in flight have to finish after SIGTERM; a bulk request begins operations for half of it
    #[arg(long, env = "SCIMGATE_SHUTDOWN_TIMEOUT", value_name = "TIME", default_value = "8s")]
    shutdown_timeout: String,

    /// How long a key signs access tokens of OAuth clients until the next one does, at least 2d
    #[arg(long, env = "SCIMGATE_SIGNING_KEY_PERIOD", value_name = "TIME", default_value = "90d")]
    signing_key_period: String,

    /// How long a task waits for a node that has died, until another one goes on with it; at least 1s
    #[arg(long, env = "SCIMGATE_TASK_LEASE", value_name = "TIME", default_value = "15s")]
    task_lease: String,

    /// Bytes of a request with many users at most, such as those that make a task
    #[arg(long, env = "SCIMGATE_MAX_RECORDS_PAYLOAD", value_name = "SIZE", default_value = "16MiB")]
    max_records_payload: String,

    #[command(flatten)]
    operations: OperationsArgs,

    #[command(flatten)]
    outbound: OutboundArgs,
}

/// What a server runs by.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where clients reach it, if that is not the address it listens on.
    pub public_url: Option<PublicUrl>,
    /// Threads that serve requests.
    pub workers: usize,
    /// What a request may be at most.
    pub limits: Limits,
    /// How long things may take.
    pub timeouts: Timeouts,
    /// How it is operated.
    pub operations: Operations,
    /// How long a key signs access tokens until the next one does.
    pub signing_key_period: Duration,
    /// What goes out, and how.
    pub outbound: OutboundConfig,
}

/// What a request may be at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Client connections of one worker.
    pub connections: usize,
    /// Bytes of a body.
    pub body: usize,
    /// Operations of a bulk request.
    pub bulk_operations: usize,
    /// Bytes of a bulk request.
    pub bulk_payload: usize,
    /// Bytes of a request with many records.
    pub records_payload: usize,
    /// Bytes of a file of people.
    pub import: usize,
    /// Resources on a page.
    pub page: PageSize,
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a request's head to arrive.
    pub head: Duration,
    /// For a request's body to arrive.
    pub body: Duration,
    /// For the answer.
    pub request: Duration,
    /// For the operations of a bulk request to begin.
    pub bulk: Duration,
    /// For a file of people to arrive and to become a task.
    pub import: Duration,
    /// For a connection without a request.
    pub keep_alive: Duration,
    /// For requests in flight after a signal to stop.
    pub shutdown: Duration,
    /// For a sign of life of the node that works on a task.
    pub task_lease: Duration,
}

impl ServerArgs {
    /// Reads the flags, or tells everything that is wrong with them.
    pub fn check(&self) -> Result<Config, Problems> {
        let mut problems = Problems::default();
        let listen = problems.read("listen", &self.listen, address);
        let public_url = self.public_url.as_deref().map(|text| problems.read("public-url", text, PublicUrl::parse));
        let workers = match &self.workers {
            Some(text) => problems.read("workers", text, |text| number(text, 1..=256)),
            None => Some(std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2))),
        };
        let limits = self.limits(&mut problems);
        let timeouts = self.timeouts(&mut problems);
        let operations = self.operations.check(&mut problems);
        let period = problems.read("signing-key-period", &self.signing_key_period, signing_key_period);
        let outbound = self.outbound.check(&mut problems);
        let config = (|| {
            Some(Config {
                listen: listen?,
                public_url: public_url.flatten(),
                workers: workers?,
                limits: limits?,
                timeouts: timeouts?,
                operations: operations?,
                signing_key_period: period?,
                outbound: outbound?,
            })
        })();
        problems.unless_any(config)
    }

    /// Whether the log is to be JSON, before the flags are checked.
    pub fn logs_json(&self) -> bool {
        self.operations.logs_json()
    }

    fn limits(&self, problems: &mut Problems) -> Option<Limits> {
        let connections = problems.read("max-connections", &self.max_connections, |text| number(text, 1..=1_000_000));
        let body = problems.read("max-body", &self.max_body, parse_size);
        let bulk_operations =
            problems.read("max-bulk-operations", &self.max_bulk_operations, |text| number(text, 1..=10_000));
        let bulk_payload = problems.read("max-bulk-payload", &self.max_bulk_payload, parse_size);
        let records_payload = problems.read("max-records-payload", &self.max_records_payload, parse_size);
        let import = problems.read("max-import", &self.max_import, parse_size);
        let page = problems.read("page-size", &self.page_size, |text| number(text, 1..=100_000));
        let max_page = problems.read("max-page-size", &self.max_page_size, |text| number(text, 1..=100_000));
        if let (Some(page), Some(max_page)) = (page, max_page)
            && page > max_page
        {
            problems
                .note("page-size", &format!("{page} is more than --max-page-size {max_page}; lower it or raise that"));
        }
        Some(Limits {
            connections: connections?,
            body: body?,
            bulk_operations: bulk_operations?,
            bulk_payload: bulk_payload?,
            import: import?,
            records_payload: records_payload?,
            page: PageSize { default: page?, max: max_page? },
        })
    }

    fn timeouts(&self, problems: &mut Problems) -> Option<Timeouts> {
        let head = problems.read("head-timeout", &self.head_timeout, parse_duration);
        let body = problems.read("body-timeout", &self.body_timeout, parse_duration);
        let request = problems.read("request-timeout", &self.request_timeout, parse_duration);
        let bulk = problems.read("bulk-timeout", &self.bulk_timeout, parse_duration);
        let import = problems.read("import-timeout", &self.import_timeout, parse_duration);
        let keep_alive = problems.read("keep-alive", &self.keep_alive, parse_duration);
        let shutdown = problems.read("shutdown-timeout", &self.shutdown_timeout, parse_duration);
        let task_lease = problems.read("task-lease", &self.task_lease, task_lease);
        Some(Timeouts {
            head: head?,
            body: body?,
            request: request?,
            bulk: bulk?,
            import: import?,
            keep_alive: keep_alive?,
            shutdown: shutdown?,
            task_lease: task_lease?,
        })
    }
}

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    let found = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    found.ok_or_else(|| "is no address and port; write for example 127.0.0.1:8080 or 0.0.0.0:8080".into())
}

/// A key is published for a day before it signs, so that none can sign for less.
fn signing_key_period(text: &str) -> Result<Duration, String> {
    let period = parse_duration(text)?;
    if period < SHORTEST_KEY_PERIOD { Err("is less than 2d".into()) } else { Ok(period) }
}

/// A busy database answers slowly, and a node that is only slow must not lose its task all the time.
fn task_lease(text: &str) -> Result<Duration, String> {
    let lease = parse_duration(text)?;
    if lease < Duration::from_secs(1) { Err("is less than 1s".into()) } else { Ok(lease) }
}

pub(super) fn number<T: FromStr + PartialOrd + Display>(text: &str, range: RangeInclusive<T>) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("is no whole number from {} to {}", range.start(), range.end()))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        server: ServerArgs,
    }

    fn check(flags: &[&str]) -> Result<Config, Problems> {
        Line::parse_from([&["serve"], flags].concat()).server.check()
    }

    #[test]
    fn the_defaults_are_the_documented_limits() {
        let config = check(&[]).unwrap();
        assert_eq!(config.listen, ([127, 0, 0, 1], 8080).into());
        assert!(config.workers >= 2);
        assert_eq!((config.limits.body, config.limits.page), (1 << 20, PageSize { default: 100, max: 1000 }));
        assert_eq!((config.limits.bulk_operations, config.limits.bulk_payload), (1_000, 8 << 20));
        assert_eq!(config.timeouts.head, Duration::from_secs(10));
    }

    #[test]
    fn every_problem_is_told_together() {
        let flags = ["--listen", "nowhere", "--max-body", "1MB", "--page-size", "5000", "--request-timeout", "30"];
        let problems = check(&flags).unwrap_err().to_string();
        assert_eq!(
            problems.lines().collect::<Vec<_>>(),
            [
                "the configuration cannot be used:",
                "  --listen (SCIMGATE_LISTEN): \"nowhere\" is no address and port; write for example 127.0.0.1:8080 or 0.0.0.0:8080",
                "  --max-body (SCIMGATE_MAX_BODY): \"1MB\" is no size; write for example 65536, 64KiB or 1MiB",
                "  --page-size (SCIMGATE_PAGE_SIZE): 5000 is more than --max-page-size 1000; lower it or raise that",
                "  --request-timeout (SCIMGATE_REQUEST_TIMEOUT): \"30\" is no duration; write for example 500ms, 30s, 5m, 12h or 90d",
            ]
        );
    }
}
