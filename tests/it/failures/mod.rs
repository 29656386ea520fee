//! What clients see, and what the database holds afterwards, when things break around the gateway: the database is restarted,
//! crashes, hangs or drops connections; rows are locked; the gateway is told to stop, or killed.
//!
//! The gateway is the real program with the limits it ships with. Clients ask it all the while, keep account of what they were
//! told, and hold the database to it in the end.

mod bulk;
mod contention;
mod endings;
mod failover;
mod gateway;
mod hang;
mod ledger;
mod load;
mod locks;
mod lost_connections;
mod memory;
mod outage;
mod pair;
mod rosters;
mod stops;
mod tasks;

/// How often something is repeated: as often as the variable says, or a few times.
pub fn repeated(variable: &str, few: usize) -> usize {
    #[allow(clippy::disallowed_methods, reason = "how often is no matter of the program's configuration")]
    let times = std::env::var(variable);
    times.map_or(few, |times| times.parse().unwrap())
}
