//! Sign-ins with credentials that were proved and refused all the same: revoked, expired, disabled, from a wrong address. Whose they
//! are is known, so their tenant is told: a token that expired weeks ago and is still sent is what administrators look for first.
//!
//! Whoever sends such a credential over and over is told of once a minute for each reason and address, a few times a minute for each
//! credential from however many addresses, and a bounded number of times for all of them, which bounds the memory too.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::Verified;
use super::failures::network;
use crate::model::CredentialId;

/// In which time the same is told once.
const PAUSE: TimeDelta = TimeDelta::minutes(1);
/// How often one credential is told of in that time.
const OF_CREDENTIAL: u32 = 5;
/// How often all credentials are.
const OF_PROCESS: usize = 200;

/// Why a credential that was proved was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// It was revoked.
    Revoked,
    /// Its time is over.
    Expired,
    /// It is disabled.
    Disabled,
    /// Its connection is disabled.
    ConnectionDisabled,
    /// It may not be used from there.
    Address,
    /// The user whose token it is was removed.
    UserGone,
    /// The user whose token it is may not sign in.
    UserInactive,
    /// The client's secret has expired or was revoked.
    SecretEnded,
}

impl Refusal {
    /// What those who administer the tenant are told.
    pub fn told(self) -> &'static str {
        match self {
            Self::Revoked => "sign-in refused: the credential was revoked",
            Self::Expired => "sign-in refused: the credential has expired",
            Self::Disabled => "sign-in refused: the credential is disabled",
            Self::ConnectionDisabled => "sign-in refused: the connection of the credential is disabled",
            Self::Address => "sign-in refused: the credential may not be used from this address",
            Self::UserGone => "sign-in refused: the user of the token does not exist any more",
            Self::UserInactive => "sign-in refused: the user of the token is inactive",
            Self::SecretEnded => "sign-in refused: the client secret has expired or was revoked",
        }
    }

    /// The status that was answered.
    pub fn status(self) -> u16 {
        if self == Self::Address { 403 } else { 401 }
    }
}

/// A sign-in that was refused and is to be told of.
pub struct RefusedSignIn {
    /// Whose it was, and would have been.
    pub whose: Verified,
    /// Why it was refused.
    pub why: Refusal,
}

/// What was told in this process.
#[derive(Default)]
pub struct RefusedSignIns(Mutex<State>);

#[derive(Default)]
struct State {
    since: DateTime<Utc>,
    told: HashSet<(CredentialId, Refusal, Option<IpAddr>)>,
    of_credential: HashMap<CredentialId, u32>,
}

impl RefusedSignIns {
    /// Whether one is to be told of now, which then counts as told.
    pub fn take(&self, credential: CredentialId, why: Refusal, address: Option<IpAddr>, now: DateTime<Utc>) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if (now - state.since).abs() >= PAUSE {
            *state = State { since: now, ..State::default() };
        }
        let of_credential = state.of_credential.get(&credential).copied().unwrap_or_default();
        if state.told.len() >= OF_PROCESS || of_credential >= OF_CREDENTIAL {
            return false;
        }
        let is_new = state.told.insert((credential, why, address.map(network)));
        if is_new {
            state.of_credential.insert(credential, of_credential + 1);
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: DateTime<Utc> = DateTime::UNIX_EPOCH;

    #[test]
    fn the_same_is_told_once_a_minute() {
        let (refused, one) = (RefusedSignIns::default(), CredentialId::new(START));
        let take = |why, address: &str, second| {
            refused.take(one, why, address.parse().ok(), START + TimeDelta::seconds(second))
        };
        assert!(take(Refusal::Expired, "192.0.2.1", 0) && !take(Refusal::Expired, "192.0.2.1", 0));
        assert!(take(Refusal::Disabled, "192.0.2.1", 1) && take(Refusal::Expired, "192.0.2.2", 1));
        assert!(!take(Refusal::Expired, "192.0.2.1", 59) && take(Refusal::Expired, "192.0.2.1", 60));
    }

    #[test]
    fn neither_many_addresses_nor_many_credentials_are_told_much_of() {
        let (refused, one) = (RefusedSignIns::default(), CredentialId::new(START));
        let mut told = 0;
        for last in 0..=255 {
            told += u32::from(refused.take(one, Refusal::Expired, Some(IpAddr::from([192, 0, 2, last])), START));
            // All of one network of IPv6 are one address.
            let address = format!("2001:db8::{last:x}").parse().ok();
            told += u32::from(refused.take(one, Refusal::Revoked, address, START));
        }
        assert_eq!(told, OF_CREDENTIAL);
        let many = (0..10_000).filter(|_| refused.take(CredentialId::new(START), Refusal::Revoked, None, START));
        assert!(many.count() < OF_PROCESS);
        assert!(refused.0.lock().unwrap().told.len() <= OF_PROCESS);
    }
}
