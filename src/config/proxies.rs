//! Which proxies stand in front of the server, and what they say of a client's address.

use std::net::IpAddr;

use ipnet::IpNet;

/// The header in which proxies name the client. One alone is read: a proxy writes one of them, and passes the other on as
/// the client wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For: client, proxy`
    XForwardedFor,
    /// `Forwarded: for=client, for=proxy` (RFC 7239)
    Forwarded,
}

/// The proxies whose word about a client's address counts.
#[derive(Debug, Clone)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    header: ForwardedHeader,
}

impl ForwardedHeader {
    /// Reads the header's name.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "x-forwarded-for" => Ok(Self::XForwardedFor),
            "forwarded" => Ok(Self::Forwarded),
            _ => Err("is no header that is read here; choose x-forwarded-for or forwarded".into()),
        }
    }

    /// The header's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }

    /// The address that one element of the header names.
    fn address(self, element: &str) -> Option<IpAddr> {
        let node = match self {
            Self::XForwardedFor => element.trim(),
            Self::Forwarded => {
                let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
                let mut nodes = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
                nodes.next()?.1.trim().trim_matches('"')
            }
        };
        node_address(node)
    }
}

/// The address of a node with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn node_address(node: &str) -> Option<IpAddr> {
    let bare = match node.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => match node.split_once(':') {
            Some((host, port)) if !port.contains(':') => host,
            _ => node,
        },
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

impl TrustedProxies {
    /// Proxies in these networks, which name clients in that header.
    pub(super) fn new(networks: Vec<IpNet>, header: ForwardedHeader) -> Self {
        Self { networks, header }
    }

    /// Reads networks and single addresses with commas between them.
    pub(super) fn parse_networks(text: &str) -> Result<Vec<IpNet>, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let network = |part: &str| part.parse::<IpNet>().ok().or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from));
        parts
            .map(network)
            .collect::<Option<_>>()
            .ok_or_else(|| "is no list of networks; write for example 10.0.0.0/8,192.0.2.7".into())
    }

    /// The header that is read, if any proxy is trusted.
    pub fn header(&self) -> Option<ForwardedHeader> {
        (!self.networks.is_empty()).then_some(self.header)
    }

    /// Whether the word of this address counts.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// The client's address: that of the connection, unless it is a trusted proxy's. Then the header's lines are read from
    /// the right, where the nearest proxy wrote, up to the first address that is no trusted proxy's. What stands left of it
    /// anybody may have written. Where an element is no address, the last proxy that said something is the client to us.
    pub fn client<'a>(&self, peer: IpAddr, lines: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
        let mut client = peer.to_canonical();
        for element in lines.rev().flat_map(|line| line.rsplit(',')) {
            if !self.trusts(client) {
                return client;
            }
            match self.header.address(element) {
                Some(address) => client = address,
                None => return client,
            }
        }
        client
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn proxies(header: ForwardedHeader) -> TrustedProxies {
        TrustedProxies::new(TrustedProxies::parse_networks("10.0.0.0/8, 2001:db8::/32,192.0.2.7").unwrap(), header)
    }

    fn client(header: ForwardedHeader, peer: &str, lines: &[&str]) -> String {
        proxies(header).client(peer.parse().unwrap(), lines.iter().copied()).to_string()
    }

    #[test]
    fn the_nearest_address_that_is_no_proxy_is_the_client() {
        let client = |peer, lines: &[&str]| client(ForwardedHeader::XForwardedFor, peer, lines);
        assert_eq!(client("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["198.51.100.1, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["198.51.100.1, 203.0.113.9, 10.2.3.4"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["198.51.100.1", "203.0.113.9", "10.2.3.4"]), "203.0.113.9");
        assert_eq!(client("192.0.2.7", &["[2001:db8::1]:80 , 10.2.3.4:81"]), "2001:db8::1");
        assert_eq!(client("::ffff:10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn nobody_else_s_word_counts() {
        let client = |peer, lines: &[&str]| client(ForwardedHeader::XForwardedFor, peer, lines);
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["198.51.100.1, unknown, 10.2.3.4"]), "10.2.3.4");
        assert_eq!(client("10.0.0.1", &["198.51.100.1,"]), "10.0.0.1");
        let nobody = TrustedProxies::new(Vec::new(), ForwardedHeader::XForwardedFor);
        assert_eq!(nobody.header(), None);
        assert_eq!(nobody.client([10, 0, 0, 1].into(), ["1.2.3.4"].into_iter()).to_string(), "10.0.0.1");
    }

    #[test]
    fn the_header_of_the_standard_is_read_too() {
        let client = |lines: &[&str]| client(ForwardedHeader::Forwarded, "10.0.0.1", lines);
        assert_eq!(client(&["for=198.51.100.1, for=203.0.113.9;proto=https;by=10.0.0.1"]), "203.0.113.9");
        assert_eq!(client(&["For=\"[2001:db9::7]:4711\""]), "2001:db9::7");
        assert_eq!(client(&["for=_hidden, for=10.1.1.1"]), "10.1.1.1");
        assert_eq!(client(&["198.51.100.1"]), "10.0.0.1");
    }

    proptest! {
        /// Whatever a client writes itself, the address that the proxy adds is taken.
        #[test]
        fn a_client_cannot_choose_its_address(own in "[ -~]{0,60}") {
            let line = format!("{own}, 203.0.113.9");
            prop_assert_eq!(client(ForwardedHeader::XForwardedFor, "10.0.0.1", &[&line]), "203.0.113.9");
        }
    }
}
