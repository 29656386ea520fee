//! Work in the background. One file a task.

mod credential_expiry;
mod credential_uses;
mod digests;
mod failed_requests;
mod invitations;
mod mails;
mod purge;
mod retention;
mod rosters;
mod runner;
mod upkeep;

pub use credential_expiry::{WARNING_DAYS, credential_expiry, warn_of_expiry};
pub use credential_uses::{credential_uses, last_credential_uses};
pub use digests::digests;
pub use failed_requests::write_failed_requests;
pub use invitations::{expire_invitations, invitations};
pub use mails::{RETRY_AFTER, mails, send_mails};
pub use purge::{due as purge_due, purge};
pub use retention::{forget, retention};
pub use rosters::{rosters, tend_rosters};
pub use runner::TaskRunner;
pub use upkeep::upkeep;
