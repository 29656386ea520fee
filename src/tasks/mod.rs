//! Work in the background. One file a task.

mod credential_expiry;
mod credential_uses;
mod failed_requests;
mod purge;
mod retention;
mod runner;
mod upkeep;

pub use credential_expiry::{WARNING_DAYS, credential_expiry, warn_of_expiry};
pub use credential_uses::{credential_uses, last_credential_uses};
pub use failed_requests::write_failed_requests;
pub use purge::{due as purge_due, purge};
pub use retention::{forget, retention};
pub use runner::TaskRunner;
pub use upkeep::upkeep;
