//! The URL under which clients reach the server.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

const BASE_PATH: &str = "/scim/v2";

/// The URL under which clients reach the server, without a slash at its end and without `/scim/v2`. Every `location` and
/// `$ref` is built from it, never from a request's `Host` header, which the client chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Reads `https://scim.example.com`, with a path if the server stands behind one.
    pub fn parse(text: &str) -> Result<Self, String> {
        let trimmed = text.trim_end_matches('/');
        let trimmed = trimmed.strip_suffix(BASE_PATH).unwrap_or(trimmed);
        let host = trimmed.strip_prefix("https://").or_else(|| trimmed.strip_prefix("http://"));
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}?#@".contains(&byte);
        match host {
            Some(host) if !host.is_empty() && !host.starts_with('/') && host.bytes().all(plain) => {
                Ok(Self(trimmed.to_owned()))
            }
            _ => {
                Err("is no base URL; write for example https://scim.example.com, without user, query and fragment"
                    .into())
            }
        }
    }

    /// The URL of a server that clients reach at its own address.
    pub fn of_address(address: SocketAddr, tls: bool) -> Self {
        let scheme = if tls { "https" } else { "http" };
        Self(format!("{scheme}://{address}"))
    }

    /// Whether it is an https URL.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Its host: a name, an IPv4 address, or an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        match authority.split_once(']') {
            Some((address, _)) => &authority[..=address.len()],
            None => authority.split(':').next().unwrap_or_default(),
        }
    }

    /// The base URL of the SCIM endpoints, as identity providers ask for it.
    pub fn scim_base(&self) -> String {
        format!("{}{BASE_PATH}", self.0)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a URL leads over plain HTTP to this machine alone, where nobody else can listen.
pub fn is_http_on_loopback(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    if let Ok(address) = authority.parse::<SocketAddr>() {
        return address.ip().is_loopback();
    }
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_path_stands_there_once() {
        for text in ["https://id.example.com", "https://id.example.com/", "https://id.example.com/scim/v2/"] {
            assert_eq!(PublicUrl::parse(text).unwrap().scim_base(), "https://id.example.com/scim/v2");
        }
        assert_eq!(PublicUrl::parse("http://h:81/x").unwrap().scim_base(), "http://h:81/x/scim/v2");
        assert_eq!(PublicUrl::of_address(([127, 0, 0, 1], 80).into(), false).to_string(), "http://127.0.0.1:80");
    }

    #[test]
    fn the_host_stands_without_its_port() {
        let host = |text| PublicUrl::parse(text).unwrap().host().to_owned();
        assert_eq!(host("https://id.example.com:8443/x"), "id.example.com");
        assert_eq!(host("http://[::1]:80"), "[::1]");
        assert_eq!(host("http://h"), "h");
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for near in ["http://127.0.0.1:8080/scim/v2", "http://localhost", "http://localhost:1", "http://[::1]:80/x"] {
            assert!(is_http_on_loopback(near), "{near}");
        }
        for far in ["https://localhost", "http://localhost.example.com", "http://10.0.0.1:8080", "http://[2001:db8::1]"]
        {
            assert!(!is_http_on_loopback(far), "{far}");
        }
    }

    #[test]
    fn what_could_break_out_of_an_answer_is_refused() {
        for text in [
            "",
            "id.example.com",
            "ftp://x",
            "https://",
            "https:///x",
            "https://a b",
            "https://a\"b",
            "https://u:p@h",
            "https://h?x",
            "https://h#x",
        ] {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
    }
}
