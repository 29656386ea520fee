//! What is counted of requests.
//!
//! Each worker counts for itself in a table of its own, made once for every combination that there can be, so that counting
//! takes no lock, looks nothing up by name and moves no bytes between threads. Who wants to see the figures adds up the
//! workers'. No label comes from a request: a flood of made-up paths or names changes no memory.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::model::Profile;
use crate::store::Store;

/// The upper bounds of latencies, in microseconds; above the last is one more bucket.
pub const BOUNDS: [u64; 15] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000, 30_000_000,
];

/// The statuses that are counted by themselves; 0 stands for any other. In order.
pub const STATUSES: [u16; 27] = [
    0, 200, 201, 204, 302, 303, 304, 400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 414, 415, 422, 428, 429,
    431, 500, 501, 503,
];

macro_rules! labels {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$of])* $variant),+
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name as a label's value.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }
    };
}

labels! {
    /// What a path leads to.
    Route {
        /// `/scim/v2/Users`
        Users "users",
        /// `/scim/v2/Groups`
        Groups "groups",
        /// `/scim/v2/Me`
        Me "me",
        /// `/scim/v2/Bulk`
        Bulk "bulk",
        /// `.search` of any kind.
        Search "search",
        /// What describes the server.
        Discovery "discovery",
        /// Anything else below `/scim/v2`, above all a tenant's own resource types.
        Resources "resources",
        /// `/admin/v1`
        Admin "admin",
        /// `/api/v1`
        Api "api",
        /// `/oauth` and `/.well-known`
        Oauth "oauth",
        /// `/console`
        Console "console",
        /// Any other path.
        Other "other",
    }
}

labels! {
    /// A request's method.
    Method {
        /// GET, and HEAD.
        Get "GET",
        /// POST
        Post "POST",
        /// PUT
        Put "PUT",
        /// PATCH
        Patch "PATCH",
        /// DELETE
        Delete "DELETE",
        /// Any other.
        Other "other",
    }
}

labels! {
    /// Whose request it was: tenants by their profile, as their names are without bound.
    TenantClass {
        /// Nobody who was authenticated as a tenant's.
        None "none",
        /// Of a tenant with the profile `rfc`.
        Rfc "rfc",
        /// With the profile `entra`.
        Entra "entra",
        /// With the profile `okta`.
        Okta "okta",
        /// With the profile `strict`.
        Strict "strict",
    }
}

labels! {
    /// Why a request was refused with 429.
    Limit {
        /// Its tenant sent too many.
        Tenant "tenant",
        /// Too many came with its credential.
        Credential "credential",
        /// Too many wrong credentials came.
        FailedAuthentication "failed_authentication",
    }
}

impl Route {
    /// What a path's segments lead to, from the first.
    pub fn of(path: &str) -> Self {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        match segments.next() {
            Some("scim") => {}
            Some("admin") => return Self::Admin,
            Some("api") => return Self::Api,
            Some("oauth" | ".well-known") => return Self::Oauth,
            Some("console") | None => return Self::Console,
            Some(_) => return Self::Other,
        }
        if segments.next() != Some("v2") {
            return Self::Other;
        }
        let first = segments.next();
        if first == Some(".search") || segments.next() == Some(".search") {
            return Self::Search;
        }
        match first {
            Some("Users") => Self::Users,
            Some("Groups") => Self::Groups,
            Some("Me") => Self::Me,
            Some("Bulk") => Self::Bulk,
            Some("ServiceProviderConfig" | "ResourceTypes" | "Schemas") => Self::Discovery,
            _ => Self::Resources,
        }
    }
}

impl Method {
    /// The class of a method.
    pub fn of(method: &str) -> Self {
        match method {
            "GET" | "HEAD" => Self::Get,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            _ => Self::Other,
        }
    }
}

impl From<Profile> for TenantClass {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Rfc => Self::Rfc,
            Profile::Entra => Self::Entra,
            Profile::Okta => Self::Okta,
            Profile::Strict => Self::Strict,
        }
    }
}

/// A request that was answered.
#[derive(Debug, Clone, Copy)]
pub struct Answered {
    /// Where it led.
    pub route: Route,
    /// How it asked.
    pub method: Method,
    /// What it was answered with.
    pub status: u16,
    /// Whose it was.
    pub tenant: TenantClass,
    /// How long it took to the beginning of the answer.
    pub elapsed: Duration,
}

/// What one worker has counted.
pub struct Counts {
    requests: Box<[AtomicU64]>,
    /// For each route and method the buckets, and then the sum in microseconds.
    latencies: Box<[AtomicU64]>,
    limited: [AtomicU64; Limit::ALL.len()],
    unreadable: AtomicU64,
}

/// Cells of one histogram.
const HISTOGRAM: usize = BOUNDS.len() + 2;

impl Default for Counts {
    fn default() -> Self {
        let cells = |count: usize| (0..count).map(|_| AtomicU64::new(0)).collect();
        let kinds = Route::ALL.len() * Method::ALL.len();
        Self {
            requests: cells(kinds * STATUSES.len() * TenantClass::ALL.len()),
            latencies: cells(kinds * HISTOGRAM),
            limited: Default::default(),
            unreadable: AtomicU64::new(0),
        }
    }
}

fn kind(route: Route, method: Method) -> usize {
    route as usize * Method::ALL.len() + method as usize
}

fn cell(route: Route, method: Method, status: usize, tenant: TenantClass) -> usize {
    (kind(route, method) * STATUSES.len() + status) * TenantClass::ALL.len() + tenant as usize
}

impl Counts {
    /// Counts a request.
    pub fn answered(&self, answered: Answered) {
        let Answered { route, method, status, tenant, elapsed } = answered;
        let status = STATUSES.binary_search(&status).unwrap_or_default();
        self.requests[cell(route, method, status, tenant)].fetch_add(1, Ordering::Relaxed);
        let microseconds = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.partition_point(|bound| *bound < microseconds);
        let histogram = kind(route, method) * HISTOGRAM;
        self.latencies[histogram + bucket].fetch_add(1, Ordering::Relaxed);
        self.latencies[histogram + BOUNDS.len() + 1].fetch_add(microseconds, Ordering::Relaxed);
    }

    /// Counts a request that a limit refused; it is counted with the others besides.
    pub fn limited(&self, limit: Limit) {
        self.limited[limit as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts what could not be read as a request.
    pub fn unreadable(&self) {
        self.unreadable.fetch_add(1, Ordering::Relaxed);
    }
}

/// How long requests of one kind took.
pub struct Latency {
    /// How many fell into each bucket, and into the one above the last bound.
    pub buckets: [u64; BOUNDS.len() + 1],
    /// All together, in microseconds.
    pub sum: u64,
}

/// What all workers have counted, and their ways to the database.
#[derive(Default)]
pub struct Metrics(Mutex<Vec<(Arc<Counts>, Store)>>);

impl Metrics {
    /// The table of a new worker.
    pub fn join(&self, store: Store) -> Arc<Counts> {
        let counts = Arc::new(Counts::default());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((counts.clone(), store));
        counts
    }

    /// The workers' stores.
    pub fn stores(&self) -> Vec<Store> {
        self.each(|_, store| store.clone())
    }

    fn each<T>(&self, of: impl Fn(&Counts, &Store) -> T) -> Vec<T> {
        let workers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        workers.iter().map(|(counts, store)| of(counts, store)).collect()
    }

    fn sum(&self, of: impl Fn(&Counts) -> &AtomicU64) -> u64 {
        self.each(|counts, _| of(counts).load(Ordering::Relaxed)).iter().sum()
    }

    /// How many requests of that kind were answered so.
    pub fn requests(&self, route: Route, method: Method, status: usize, tenant: TenantClass) -> u64 {
        self.sum(|counts| &counts.requests[cell(route, method, status, tenant)])
    }

    /// How long requests of that kind took.
    pub fn latency(&self, route: Route, method: Method) -> Latency {
        let histogram = kind(route, method) * HISTOGRAM;
        let sum = |at: usize| self.sum(|counts| &counts.latencies[histogram + at]);
        Latency { buckets: std::array::from_fn(sum), sum: sum(BOUNDS.len() + 1) }
    }

    /// How many requests that limit refused.
    pub fn limited(&self, limit: Limit) -> u64 {
        self.sum(|counts| &counts.limited[limit as usize])
    }

    /// How many times something came that is no request.
    pub fn unreadable(&self) -> u64 {
        self.sum(|counts| &counts.unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ConnectConfig;

    fn workers() -> (Metrics, Arc<Counts>, Arc<Counts>) {
        let metrics = Metrics::default();
        let store = Store::new(ConnectConfig::parse("postgresql://u@h/d").unwrap(), "").unwrap();
        let (one, other) = (metrics.join(store.clone()), metrics.join(store));
        (metrics, one, other)
    }

    fn answered(status: u16, milliseconds: u64) -> Answered {
        let elapsed = Duration::from_millis(milliseconds);
        Answered { route: Route::Users, method: Method::Get, status, tenant: TenantClass::Entra, elapsed }
    }

    #[test]
    fn what_workers_counted_is_added_up() {
        let (metrics, one, other) = workers();
        one.answered(answered(200, 1));
        other.answered(answered(200, 3));
        other.answered(answered(299, 60_000));
        let requests = |status: usize| metrics.requests(Route::Users, Method::Get, status, TenantClass::Entra);
        assert_eq!((requests(1), requests(0), requests(2)), (2, 1, 0));
        let latency = metrics.latency(Route::Users, Method::Get);
        assert_eq!(latency.buckets.iter().sum::<u64>(), 3);
        assert_eq!((latency.buckets[1], latency.buckets[3], latency.buckets[15]), (1, 1, 1));
        assert_eq!(latency.sum, 60_004_000);
        assert_eq!(metrics.latency(Route::Groups, Method::Get).sum, 0);
    }

    #[test]
    fn every_combination_has_a_cell_of_its_own() {
        let mut cells: Vec<usize> = Vec::new();
        for route in Route::ALL {
            for method in Method::ALL {
                for status in 0..STATUSES.len() {
                    cells.extend(TenantClass::ALL.iter().map(|tenant| cell(*route, *method, status, *tenant)));
                }
            }
        }
        assert!(cells.iter().copied().eq(0..Counts::default().requests.len()));
        assert!(STATUSES.is_sorted());
    }

    #[test]
    fn paths_fall_into_few_classes() {
        for (path, route) in [
            ("/scim/v2/Users", Route::Users),
            ("//scim/v2//Users/7/", Route::Users),
            ("/scim/v2/Users/.search", Route::Search),
            ("/scim/v2/.search", Route::Search),
            ("/scim/v2/Schemas/urn:x", Route::Discovery),
            ("/scim/v2/Devices", Route::Resources),
            ("/scim/v2", Route::Resources),
            ("/scim/v1/Users", Route::Other),
            ("/admin/v1/tenants", Route::Admin),
            ("/.well-known/jwks.json", Route::Oauth),
            ("/", Route::Console),
            ("/wp-login.php", Route::Other),
        ] {
            assert_eq!(Route::of(path), route, "{path}");
        }
    }
}
