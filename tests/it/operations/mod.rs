//! What those who run a server rely on: TLS, limits, metrics, the log, checks, and an end that loses nothing.

mod check;
mod doctor;
mod limits;
mod log;
mod metrics;
mod rolling_restart;
mod shutdown;
mod tls;
mod unreadable;

use crate::cli::program::Program;

/// A tenant and a token for it.
pub fn token(scimgate: &Program) -> String {
    scimgate.out(&["tenant", "create", "acme", "--profile", "entra"]);
    scimgate.out(&["token", "create", "--tenant", "acme", "--name", "x"]).trim().to_owned()
}
