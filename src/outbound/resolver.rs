//! The resolver of the guarded client: an address that may not be reached is not even an answer.
//!
//! The client connects to the addresses that it gets here and asks nobody else, so a name that means another address a moment
//! later (DNS rebinding) gains nothing.

use std::error::Error;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_public;
use crate::config::PrivateOutbound;

/// What a look-up ends with.
pub type LookingUp = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Where names are looked up.
pub trait Lookup: Send + Sync + 'static {
    /// The addresses of a host.
    fn lookup(&self, host: &str) -> LookingUp;
}

/// The machine's resolver.
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, host: &str) -> LookingUp {
        let host = host.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect()) })
    }
}

/// The host has no address that may be reached.
#[derive(Debug, thiserror::Error)]
#[error("no public address")]
pub struct NoPublicAddress;

/// Lets only those addresses through that may be reached.
pub struct GuardedResolver<L> {
    lookup: L,
    private: PrivateOutbound,
}

impl<L: Lookup> GuardedResolver<L> {
    /// Guards what `lookup` answers.
    pub fn new(lookup: L, private: PrivateOutbound) -> Self {
        Self { lookup, private }
    }
}

impl<L: Lookup> Resolve for GuardedResolver<L> {
    fn resolve(&self, name: Name) -> Resolving {
        let (looking_up, private) = (self.lookup.lookup(name.as_str()), self.private);
        Box::pin(async move {
            let found = looking_up.await?;
            let allowed: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| private == PrivateOutbound::Allowed || is_public(*address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if allowed.is_empty() {
                return Err(Box::new(NoPublicAddress) as Box<dyn Error + Send + Sync>);
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Answers what it was given, in that order.
    struct Script(Mutex<Vec<Vec<&'static str>>>);

    impl Lookup for Script {
        fn lookup(&self, _: &str) -> LookingUp {
            let answer = self.0.lock().unwrap().remove(0);
            Box::pin(async move { Ok(answer.iter().map(|address| address.parse().unwrap()).collect()) })
        }
    }

    async fn answers(private: PrivateOutbound, script: &[&[&'static str]]) -> Vec<Option<Vec<String>>> {
        let script = script.iter().map(|answer| answer.to_vec()).collect::<Vec<_>>();
        let rounds = script.len();
        let resolver = GuardedResolver::new(Script(Mutex::new(script)), private);
        let mut answers = Vec::new();
        for _ in 0..rounds {
            let found = resolver.resolve("login.example.com".parse().unwrap()).await.ok();
            answers.push(found.map(|found| found.map(|address| address.ip().to_string()).collect()));
        }
        answers
    }

    #[tokio::test]
    async fn private_addresses_are_no_answer() {
        let script: &[&[&str]] = &[&["10.0.0.1"], &["::1", "127.0.0.1"], &["::ffff:169.254.169.254"], &[]];
        assert_eq!(answers(PrivateOutbound::Refused, script).await, [None, None, None, None]);
    }

    #[tokio::test]
    async fn of_mixed_answers_the_public_ones_are_left() {
        let script: &[&[&str]] = &[&["127.0.0.1", "8.8.8.8", "fd00::1"]];
        assert_eq!(answers(PrivateOutbound::Refused, script).await, [Some(vec!["8.8.8.8".to_owned()])]);
    }

    #[tokio::test]
    async fn a_name_that_becomes_private_is_refused_when_it_is_asked_again() {
        let script: &[&[&str]] = &[&["8.8.8.8"], &["127.0.0.1"]];
        assert_eq!(answers(PrivateOutbound::Refused, script).await, [Some(vec!["8.8.8.8".to_owned()]), None]);
    }

    #[tokio::test]
    async fn they_are_answers_where_that_is_configured() {
        let script: &[&[&str]] = &[&["127.0.0.1"]];
        assert_eq!(answers(PrivateOutbound::Allowed, script).await, [Some(vec!["127.0.0.1".to_owned()])]);
    }
}
