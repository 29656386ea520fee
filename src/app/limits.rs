//! How many requests a tenant and a credential may send.
//!
//! One table for all workers of the process: a client's connections are spread over them. Nodes do not count together, so
//! behind a balancer a tenant may send as many times its rate as there are nodes. Only those who were authenticated come
//! into the tables, so their size is bounded by the credentials that exist, and who was silent for a while is forgotten.

use std::hash::Hash;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::config::{Rate, Rates};
use crate::model::{CredentialId, TenantId};

/// The limits of one process.
pub struct RateLimits {
    tenant: Option<Buckets<TenantId>>,
    credential: Option<Buckets<CredentialId>>,
}

/// A bucket for each key.
type Buckets<K> = RateLimiter<K, DashMapStateStore<K>, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

/// Too many requests came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Whose requests.
    pub of: Of,
    /// Whole seconds until the next one is welcome, 1 at least.
    pub seconds: u64,
}

/// Whose requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// All of a tenant.
    Tenant,
    /// Those with one credential.
    Credential,
}

impl Of {
    /// The one who sends, in a sentence.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "the tenant",
            Self::Credential => "this credential",
        }
    }
}

impl RateLimits {
    /// Limits at these rates.
    pub fn new(rates: Rates) -> Self {
        Self {
            // A credential that may send all that its tenant may need not be counted.
            credential: rates.credential.filter(|rate| !includes(*rate, rates.tenant)).map(buckets),
            tenant: rates.tenant.map(buckets),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// When the next one is welcome, if this one is too many.
    pub fn admit(&self, tenant: TenantId, credential: CredentialId) -> Result<(), Exceeded> {
        if let Some(buckets) = &self.credential {
            take(buckets, &credential).map_err(|seconds| Exceeded { of: Of::Credential, seconds })?;
        }
        if let Some(buckets) = &self.tenant {
            take(buckets, &tenant).map_err(|seconds| Exceeded { of: Of::Tenant, seconds })?;
        }
        Ok(())
    }

    /// Forgets who was silent long enough to have all requests at once again.
    pub fn forget_the_silent(&self) {
        if let Some(buckets) = &self.tenant {
            buckets.retain_recent();
        }
        if let Some(buckets) = &self.credential {
            buckets.retain_recent();
        }
    }
}

/// Whether `rate` never refuses what `other` admits.
fn includes(rate: Rate, other: Option<Rate>) -> bool {
    other.is_some_and(|other| rate.per_second >= other.per_second && rate.burst >= other.burst)
}

fn buckets<K: Hash + Eq + Clone>(rate: Rate) -> Buckets<K> {
    let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
    RateLimiter::new(quota, DashMapStateStore::default(), MonotonicClock)
}

fn take<K: Hash + Eq + Clone>(buckets: &Buckets<K>, key: &K) -> Result<(), u64> {
    buckets.check_key(key).map_err(|refused| seconds(refused.wait_time_from(MonotonicClock.now())))
}

/// A wait in whole seconds, never too short.
fn seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use chrono::DateTime;

    use super::*;

    fn rate(per_second: u32, burst: u32) -> Option<Rate> {
        let number = |n| NonZeroU32::new(n).unwrap();
        Some(Rate { per_second: number(per_second), burst: number(burst) })
    }

    fn ids() -> (TenantId, CredentialId) {
        (TenantId::new(DateTime::UNIX_EPOCH), CredentialId::new(DateTime::UNIX_EPOCH))
    }

    #[test]
    fn a_tenant_s_credentials_are_counted_together_and_tenants_apart() {
        let limits = RateLimits::new(Rates { tenant: rate(1, 3), credential: rate(1, 3) });
        let ((tenant, first), (other, second)) = (ids(), ids());
        assert!(limits.admit(tenant, first).is_ok() && limits.admit(tenant, second).is_ok());
        assert!(limits.admit(tenant, first).is_ok());
        assert_eq!(limits.admit(tenant, second), Err(Exceeded { of: Of::Tenant, seconds: 1 }));
        assert!(limits.admit(other, second).is_ok());
    }

    #[test]
    fn one_credential_leaves_the_others_their_share() {
        let limits = RateLimits::new(Rates { tenant: rate(10, 10), credential: rate(1, 2) });
        let ((tenant, first), (_, second)) = (ids(), ids());
        assert!(limits.admit(tenant, first).is_ok() && limits.admit(tenant, first).is_ok());
        assert_eq!(limits.admit(tenant, first), Err(Exceeded { of: Of::Credential, seconds: 1 }));
        assert!(limits.admit(tenant, second).is_ok());
    }

    #[test]
    fn without_limits_everything_is_admitted() {
        let limits = RateLimits::new(Rates::default());
        let (tenant, credential) = ids();
        assert!((0..10_000).all(|_| limits.admit(tenant, credential).is_ok()));
    }

    #[test]
    fn waits_are_whole_seconds_and_never_too_short() {
        assert_eq!(seconds(Duration::ZERO), 1);
        assert_eq!(seconds(Duration::from_millis(10)), 1);
        assert_eq!(seconds(Duration::from_millis(1_001)), 2);
        assert_eq!(seconds(Duration::from_secs(3)), 3);
    }
}
