//! Connections: where the database is, and how one gets to the host that takes writes.

mod config;
mod open;
mod tls;

pub use config::{ConnectConfig, InvalidDatabaseUrl};
pub(super) use open::{Purpose, connect};
