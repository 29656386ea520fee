//! The address of the client that sent a request: the one place that tells it. The log, limits and lists of addresses all go
//! by it.

use std::net::IpAddr;

use actix_web::HttpRequest;

use crate::config::TrustedProxies;

/// The address at the other end of the connection; if that is a trusted proxy's, the one that the proxy names. A header of
/// that name from anybody else is not looked at.
pub fn of(http: &HttpRequest, proxies: &TrustedProxies) -> Option<IpAddr> {
    let peer = http.peer_addr()?.ip().to_canonical();
    let Some(header) = proxies.header().filter(|_| proxies.trusts(peer)) else { return Some(peer) };
    // What is not text is an element that nobody can read, at which the reading ends.
    let lines: Vec<_> = http.headers().get_all(header.name()).map(|line| line.to_str().unwrap_or("unknown")).collect();
    Some(proxies.client(peer, lines.into_iter()))
}
