//! Work in the background. One file a task.

mod failed_requests;
mod purge;
mod retention;
mod upkeep;

pub use failed_requests::write_failed_requests;
pub use purge::{due as purge_due, purge};
pub use retention::{forget, retention};
pub use upkeep::upkeep;
