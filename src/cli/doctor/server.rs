//! What is looked at in the configuration of the server and on its machine.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use rustix::process::{Resource, getrlimit};

use crate::cli::finding::{Finding, fail, ok, warn};
use crate::config::Config;
use crate::http::tls::Pair;

/// A certificate that ends sooner is told.
const SOON: TimeDelta = TimeDelta::days(21);
/// Files and sockets beside those of clients.
const BESIDE: u64 = 256;

/// Whether clients can reach the server under its URL, and only unread by others.
pub fn public_url(config: &Config) -> Finding {
    const CHECK: &str = "public_url";
    let Some(url) = &config.public_url else {
        let what = "no public URL is set: answers name resources by the address that the server listens on";
        return warn(
            CHECK,
            what,
            "set --public-url to the URL that identity providers use, such as https://scim.example.com",
        );
    };
    let host = url.host();
    if is_local(host) {
        let what = format!("{url} names this machine alone, so no identity provider can reach it");
        return warn(CHECK, what, "set --public-url to a name that the internet knows");
    }
    if !url.is_https() {
        let what = format!("{url} is not https: tokens and people's data can be read on the way");
        return fail(CHECK, what, "give a certificate with --tls-cert and --tls-key, or put a proxy with TLS in front");
    }
    if host.contains('_') {
        let what = format!("{url} has an underscore in its name, which Okta does not accept");
        return warn(CHECK, what, "use a name of letters, digits and hyphens");
    }
    ok(CHECK, format!("clients reach the server at {url}"))
}

fn is_local(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback() || address.is_unspecified())
}

/// Whether the certificate can be used, and for how long.
pub fn certificate(config: &Config, now: DateTime<Utc>) -> Finding {
    const CHECK: &str = "certificate";
    let Some(files) = &config.operations.tls else {
        return ok(CHECK, "the server speaks no TLS itself");
    };
    let pair = match Pair::read(files) {
        Ok(pair) => pair,
        Err(error) => return fail(CHECK, error.to_string(), "put certificate chain and key there, both in PEM form"),
    };
    if let Some(url) = &config.public_url
        && !pair.is_for(url.host())
    {
        let what = format!("the certificate is not for {}: clients refuse it", url.host());
        return fail(CHECK, what, "get a certificate for the name in --public-url");
    }
    let Some(end) = pair.ends() else {
        return warn(CHECK, "when the certificate ends cannot be read", "look at it with openssl x509 -enddate");
    };
    let told = end.format("%Y-%m-%d");
    if end <= now {
        fail(CHECK, format!("the certificate ended on {told}"), "renew it; the server takes up the new file by itself")
    } else if end - now < SOON {
        warn(CHECK, format!("the certificate ends on {told}"), "renew it; the server takes up the new file by itself")
    } else {
        ok(CHECK, format!("the certificate is good until {told}"))
    }
}

/// Whether the addresses of clients are known behind a proxy.
pub fn proxies(config: &Config) -> Finding {
    const CHECK: &str = "proxies";
    let is_behind = config.operations.tls.is_none() && config.public_url.as_ref().is_some_and(|url| url.is_https());
    if is_behind && config.operations.proxies.header().is_none() {
        let what = "a proxy ends TLS and is not trusted: its address stands for all clients, in the log, in limits and in address lists";
        return warn(CHECK, what, "name its network with --trusted-proxy");
    }
    ok(CHECK, "the addresses of clients are known")
}

/// How many requests a second Microsoft Entra ID sends.
const ENTRA: u32 = 25;

/// Whether the limits that protect the server are on, and let identity providers work.
pub fn limits(config: &Config) -> Finding {
    const CHECK: &str = "limits";
    let operations = &config.operations;
    if operations.failed_auth.is_none() {
        let what = "wrong credentials are not limited: anybody can try as many as this server can look up";
        return warn(CHECK, what, "leave --failed-auth-limit at a number");
    }
    let Some(rate) = operations.rates.tenant else {
        let what = "requests of a tenant are not limited: one client can take all of this server";
        return warn(CHECK, what, "leave --rate-limit at a number");
    };
    let least = operations.rates.credential.map_or(rate.per_second, |one| one.per_second.min(rate.per_second)).get();
    if least < ENTRA {
        let what =
            format!("{least} requests a second are allowed, and Entra sends {ENTRA}, which 429 throws out of step");
        return warn(CHECK, what, "leave --rate-limit and --credential-rate-limit at 100 or more");
    }
    ok(CHECK, "requests and failed sign-ins are limited")
}

/// Whether enough files may be open for the connections of clients.
pub fn open_files(config: &Config) -> Finding {
    let most = getrlimit(Resource::Nofile).current;
    files(most, u64::try_from(config.workers * config.limits.connections).unwrap_or(u64::MAX))
}

fn files(most: Option<u64>, clients: u64) -> Finding {
    const CHECK: &str = "open_files";
    let needed = clients.saturating_add(BESIDE);
    match most {
        Some(most) if most < needed => warn(
            CHECK,
            format!(
                "{most} files may be open, and {clients} connections of clients are allowed: the rest will be refused"
            ),
            format!("set LimitNOFILE={needed} (systemd) or ulimit -n, or lower --max-connections"),
        ),
        _ => ok(CHECK, format!("enough files may be open for {clients} connections of clients")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::finding::State;
    use crate::config::ServerArgs;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        server: ServerArgs,
    }

    fn config(flags: &[&str]) -> Config {
        Line::parse_from([&["doctor"], flags].concat()).server.check().unwrap()
    }

    #[test]
    fn a_public_url_is_https_and_reachable() {
        for (url, state) in [
            ("https://scim.example.com", State::Ok),
            ("https://scim.example.com:8443/x", State::Ok),
            ("http://scim.example.com", State::Fail),
            ("https://scim_test.example.com", State::Warn),
            ("http://127.0.0.1:8080", State::Warn),
            ("https://[::1]:8443", State::Warn),
            ("http://localhost", State::Warn),
        ] {
            assert_eq!(public_url(&config(&["--public-url", url])).state, state, "{url}");
        }
        assert_eq!(public_url(&config(&[])).state, State::Warn);
    }

    #[test]
    fn limits_protect_the_server_and_let_identity_providers_work() {
        for (flags, told) in [
            (&["--failed-auth-limit=off"][..], Some("wrong credentials are not limited")),
            (&["--rate-limit=off"], Some("requests of a tenant are not limited")),
            (&["--rate-limit=10"], Some("10 requests a second are allowed")),
            (&["--credential-rate-limit=20"], Some("20 requests a second are allowed")),
            (&[], None),
        ] {
            let found = limits(&config(flags));
            assert_eq!(found.state, if told.is_some() { State::Warn } else { State::Ok }, "{flags:?}");
            assert!(found.what.starts_with(told.unwrap_or_default()), "{}", found.what);
        }
    }

    #[test]
    fn a_proxy_has_to_be_trusted_to_name_clients() {
        let https = ["--public-url=https://scim.example.com"];
        assert_eq!(proxies(&config(&https)).state, State::Warn);
        assert_eq!(proxies(&config(&[https[0], "--trusted-proxy=10.0.0.0/8"])).state, State::Ok);
        assert_eq!(proxies(&config(&[])).state, State::Ok);
    }

    #[test]
    fn limits_that_are_off_are_told() {
        assert_eq!(limits(&config(&[])).state, State::Ok);
        assert_eq!(limits(&config(&["--rate-limit=off"])).state, State::Warn);
        assert_eq!(limits(&config(&["--failed-auth-limit=off"])).state, State::Warn);
    }

    #[test]
    fn files_are_counted_against_connections() {
        assert_eq!(files(Some(1_024), 8_192).state, State::Warn);
        assert_eq!(files(Some(65_536), 8_192).state, State::Ok);
        assert_eq!(files(None, 8_192).state, State::Ok);
    }

    #[test]
    fn a_certificate_that_is_not_there_fails() {
        let config = config(&["--tls-cert=/nowhere/cert.pem", "--tls-key=/nowhere/key.pem"]);
        let found = certificate(&config, DateTime::UNIX_EPOCH);
        assert_eq!(found.state, State::Fail);
        assert!(found.what.starts_with("/nowhere/cert.pem cannot be read"), "{}", found.what);
    }
}
