//! From where a credential may be used.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Serialize, Serializer};

/// How many networks a list has at most.
const MAX: usize = 100;

/// A list of networks; the empty one allows every address. An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) is
/// the IPv4 address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AllowedAddresses(Vec<IpNet>);

impl AllowedAddresses {
    /// Every address.
    pub const ANY: Self = Self(Vec::new());

    /// The networks with these names, for example `192.0.2.0/24` or `2001:db8::1`.
    ///
    /// # Errors
    /// Which of them is none, or that they are too many.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let networks = names.into_iter().map(network).collect::<Result<Vec<_>, _>>()?;
        if networks.len() > MAX {
            Err(format!("a token is bound to at most {MAX} networks"))
        } else {
            Ok(Self(networks))
        }
    }

    /// Whether every address is allowed.
    pub fn is_any(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a client at `address` is let in; one whose address is not known only if all are.
    pub fn allow(&self, address: Option<IpAddr>) -> bool {
        let address = address.map(|address| address.to_canonical());
        self.is_any() || address.is_some_and(|address| self.0.iter().any(|network| network.contains(&address)))
    }

    /// The networks as text.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

/// One network. Bits past its length would be ignored, and so mean something else than was meant.
fn network(name: &str) -> Result<IpNet, String> {
    let name = name.trim();
    let address = || name.parse::<IpAddr>().ok().map(|address| IpNet::from(address.to_canonical()));
    let found: IpNet = name.parse().ok().or_else(address).ok_or_else(|| {
        format!("\"{name}\" is no network; write an address, or one with a length as in 192.0.2.0/24 or 2001:db8::/32")
    })?;
    if found.addr() == found.network() {
        Ok(found)
    } else {
        Err(format!("\"{name}\" has bits past its length; write {}", found.trunc()))
    }
}

impl FromStr for AllowedAddresses {
    type Err = String;

    /// Names separated by commas or blanks.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text.split([',', ' ']).filter(|name| !name.is_empty()))
    }
}

impl fmt::Display for AllowedAddresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_any() { f.write_str("any") } else { f.write_str(&self.names().join(", ")) }
    }
}

/// A list of networks.
impl Serialize for AllowedAddresses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(text: &str) -> AllowedAddresses {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn an_address_in_one_of_the_networks_is_let_in() {
        let office = list("192.0.2.0/24, 2001:db8::/32,198.51.100.7");
        for inside in ["192.0.2.0", "192.0.2.255", "::ffff:192.0.2.9", "2001:db8::9", "198.51.100.7"] {
            assert!(office.allow(at(inside)), "{inside}");
        }
        for outside in ["192.0.3.1", "198.51.100.8", "2001:db9::1", "::192.0.2.1", "127.0.0.1"] {
            assert!(!office.allow(at(outside)), "{outside}");
        }
        assert!(!office.allow(None), "who hides the address is not let in");
    }

    #[test]
    fn without_a_list_everybody_is_let_in() {
        assert!(AllowedAddresses::ANY.allow(None) && list("").allow(at("203.0.113.1")));
    }

    #[test]
    fn what_is_no_network_is_told() {
        let told = |text: &str| text.parse::<AllowedAddresses>().unwrap_err();
        for wrong in ["x", "192.0.2.0/33", "192.0.2", "192.0.2.0/-1", "[::1]"] {
            assert!(told(wrong).contains("is no network; write an address"), "{}", told(wrong));
        }
        assert_eq!(told("192.0.2.9/24"), "\"192.0.2.9/24\" has bits past its length; write 192.0.2.0/24");
        assert_eq!(told(&"192.0.2.1 ".repeat(101)), "a token is bound to at most 100 networks");
    }

    proptest! {
        #[test]
        fn a_list_comes_back_from_its_text(addresses in prop::collection::vec(any::<IpAddr>(), 0..5)) {
            let addresses: Vec<IpAddr> = addresses.iter().map(IpAddr::to_canonical).collect();
            let text = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let parsed = list(&text);
            prop_assert!(addresses.iter().all(|address| parsed.allow(Some(*address))));
            prop_assert_eq!(AllowedAddresses::parse(parsed.names().iter().map(String::as_str)), Ok(parsed.clone()));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = text.parse::<AllowedAddresses>();
        }
    }
}
